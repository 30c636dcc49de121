"""Connections: certificates are verified, idle ones are few, and names that hang hold nobody."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tasks.articles.errors import Deferred, Reason
from tasks.sources.schema import Politeness
from tasks.web import transport
from tasks.web.at_once import at_once
from tasks.web.client import Client
from tests.hostile import HEAD, KIND, PUBLIC, Case, client, once, serving

OURS = Politeness(allow_private=True, per_minute=60_000, timeout=5)


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """Make a certificate for localhost that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And no variable of the environment can vouch for it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))

    async def ask() -> Deferred:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=certificate)
        port = server.sockets[0].getsockname()[1]
        async with server, Client(contact="x", attempts=1) as opened:
            with pytest.raises(Deferred) as caught:
                await opened.get(f"https://localhost:{port}/", OURS)
            return caught.value

    error = asyncio.run(ask())
    assert error.reason is Reason.UNREACHABLE
    assert "certificate verify failed" in error.detail


def test_connections_to_many_hosts_are_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were not used for longest go first; the newest are kept for the next request."""
    monkeypatch.setattr(transport, "MOST_ORIGINS", 3)
    page = HEAD + b"Content-Length: 2\r\n\r\nhi"
    case = Case(once(page), "")
    politeness = KIND.model_copy(update={"robots": False})

    async def ask() -> None:
        async with serving(case) as traffic, client(case, traffic) as opened:
            for n in range(10):
                await opened.get(f"http://h{n}.example/", politeness)
            kept = opened._public._pools
            assert len(kept) <= 4
            assert "http://h9.example:80" in kept

    asyncio.run(ask())


def test_a_name_that_is_never_found_costs_its_limit() -> None:
    """A name server that hangs is a timeout of the host, and other hosts go on meanwhile."""

    async def look_up(host: str, port: int) -> Sequence[str]:
        if host == "dead.example":
            await asyncio.sleep(60)
        return [PUBLIC]

    async def ask() -> tuple[list[object], float]:
        page = HEAD + b"Content-Length: 2\r\n\r\nhi"
        case = Case(once(page), "")
        async with serving(case) as traffic, client(case, traffic) as ours:
            dial = ours._public._backend._dial
            async with Client(contact="x", resolve=look_up, dial=dial) as opened:
                hasty = KIND.model_copy(update={"timeout": 3.0})
                dead = asyncio.gather(
                    *(opened.get(f"http://dead.example/{n}", hasty) for n in range(50)),
                    return_exceptions=True,
                )
                started = time.monotonic()
                for n in range(5):
                    assert (await opened.get(f"http://live.example/{n}", KIND)).body == b"hi"
                seconds = time.monotonic() - started
                return await dead, seconds

    results, seconds = asyncio.run(asyncio.wait_for(ask(), 15))
    assert seconds < 3
    assert all(isinstance(r, Deferred) and r.reason is Reason.TIMEOUT for r in results)


def test_when_one_request_fails_the_others_end_before_its_error_is_raised() -> None:
    """Else they would go on with a client that is closed by then."""
    ended: list[str] = []

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # as closing a connection takes a while
            ended.append("hangs")

    async def fails() -> None:
        raise KeyError("a fault of ours")

    with pytest.raises(KeyError, match="a fault of ours"):
        asyncio.run(at_once([hangs(), fails(), hangs()]))
    assert ended == ["hangs", "hangs"], "at_once raised while requests were under way"
