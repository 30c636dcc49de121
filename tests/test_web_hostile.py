"""The client against servers that behave badly, on real sockets; names and dialling are stubs."""

import asyncio
import gzip
import resource
import time
import zlib
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import httpcore
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.web.client import Client, Response
from tasks.web.guard import is_public
from tests.hostile import (
    CASES,
    CHUNKED,
    GZIPPED,
    HASTY,
    HEAD,
    HOME,
    KIND,
    PUBLIC,
    STORY,
    Case,
    Send,
    Traffic,
    client,
    on_and_on,
    once,
    outcome_of,
    redirect,
    serving,
)

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it, for at most twenty seconds."""
    return asyncio.run(asyncio.wait_for(work, 20))


async def ask(case: Case, headers: dict[str, str] | None = None) -> tuple[Response, Traffic]:
    """Ask a case's server; return what came and what was asked for."""
    async with serving(case) as traffic, client(case, traffic) as opened:
        return await opened.get(HOME + STORY, case.politeness, headers), traffic


@pytest.mark.parametrize("name", CASES)
def test_each_ends_in_its_outcome(name: str) -> None:
    """In little time, in little memory, and without a packet to an address that is not public."""
    case = CASES[name]

    async def meet() -> tuple[str, Traffic]:
        async with serving(case) as traffic:
            return await outcome_of(case, traffic), traffic

    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    outcome, traffic = run(meet())
    assert outcome == case.outcome
    assert all(is_public(address) for address in traffic.dialled), traffic.dialled
    assert len(traffic.requests) <= 1 + 11  # robots.txt, the first address, ten redirects
    assert time.monotonic() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("429")])
def test_an_absurd_wait_is_a_wait_of_a_day_at_most(name: str) -> None:
    """And never none: a host that says 429 is left alone for a while."""
    with pytest.raises(Deferred) as caught:
        run(ask(CASES[name]))
    assert timedelta(minutes=1) <= caught.value.retry_after <= timedelta(days=1)


def test_the_wait_is_told_by_the_servers_own_clock() -> None:
    """A server whose clock is wrong by decades still means the hour that it says."""
    with pytest.raises(Deferred) as caught:
        run(ask(CASES["429, a clock in 1970"]))
    assert caught.value.retry_after == timedelta(hours=1)


class Names:
    """A stub that looks up and dials: it answers from lists and connects to nothing."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.dialled: list[str] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer; the last one for ever."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def dial(self, address: str, *_: object) -> httpcore.AsyncNetworkStream:
        """Note the address and refuse."""
        self.dialled.append(address)
        raise httpcore.ConnectError("refused")

    def reason(self, politeness: object = KIND, url: str = HOME, tries: int = 1) -> Reason:
        """Return how a request ends; robots.txt is left out."""

        async def meet() -> Reason:
            plain = KIND.model_copy(update={"robots": False, "allow_private": politeness != KIND})
            async with Client(
                contact="x", attempts=tries, resolve=self.resolve, dial=self.dial
            ) as opened:
                try:
                    await opened.get(url, plain)
                except ItemError as error:
                    return error.reason
            pytest.fail("nothing can have answered")

        return run(meet())


PRIVATE = ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "0.0.0.0"]
PRIVATE += ["100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"]
PRIVATE += ["255.255.255.255", "100.100.100.200", "168.63.129.16", "192.0.2.1", "203.0.113.9"]
PRIVATE += [
    "::",
    "::1",
    "::7f00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
]
PRIVATE += ["ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
PRIVATE += ["2002:7f00:1::", "2002:a9fe:a9fe::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:0:1:2::3"]
PRIVATE += ["::ffff:0:127.0.0.1", "100::1", "4000::1"]
OPEN = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8"]
OPEN += ["2002:808:808::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_dialled(address: str) -> None:
    """Whatever form it has, alone or beside a public one."""
    assert not is_public(address)
    for answer in ([address], [PUBLIC, address]):
        names = Names(answer)
        assert names.reason() is Reason.PRIVATE_ADDRESS
        assert names.dialled == []


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are_dialled(address: str) -> None:
    """The very address that was looked up."""
    names = Names([address])
    assert names.reason() is Reason.UNREACHABLE
    assert names.dialled == [address]


def test_a_name_that_changes_its_address_is_looked_at_each_time() -> None:
    """What is dialled was checked: the second look-up counts for the second connection."""
    names = Names([PUBLIC], ["127.0.0.1"])
    assert names.reason(tries=2) is Reason.PRIVATE_ADDRESS
    assert names.dialled == [PUBLIC]


def test_the_next_address_is_tried_where_one_refuses() -> None:
    """All that a name has, in order, up to a few."""
    names = Names(["2606:4700::1111", "93.184.215.14", *["8.8.8.8"] * 9])
    assert names.reason() is Reason.UNREACHABLE
    assert names.dialled == ["2606:4700::1111", "93.184.215.14", "8.8.8.8", "8.8.8.8"]


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_name_that_cannot_be_looked_up_is_no_address(host: str) -> None:
    """The real resolver refuses it before any packet; the listing is rejected."""

    async def meet() -> Reason:
        async with Client(contact="x") as opened:
            with pytest.raises(Rejected) as caught:
                await opened.get(f"http://{host}/", KIND)
            return caught.value.reason

    assert run(meet()) is Reason.BAD_ADDRESS


def test_a_private_source_opens_its_own_host_only() -> None:
    """``allow_private`` reaches the host that is asked, not the one it redirects to."""
    private = KIND.model_copy(update={"allow_private": True})
    inside = {"news.example": "10.0.0.1", "printer.example": "10.0.0.2"}
    for target, outcome in ((b"/there", "answer 200"), (b"http://printer.example/", "private_")):
        case = Case(redirect(target), outcome, private, inside)

        async def meet(case: Case = case) -> tuple[str, Traffic]:
            async with serving(case) as traffic:
                return await outcome_of(case, traffic), traffic

        found, traffic = run(meet())
        assert found.startswith(outcome)
        assert set(traffic.dialled) == {"10.0.0.1"}


def test_a_kept_connection_to_a_private_host_is_not_lent() -> None:
    """A source that may not reach the host gets no connection that another source has opened."""
    private = KIND.model_copy(update={"allow_private": True})
    case = Case(once(HEAD + b"Content-Length: 2\r\n\r\nhi"), "", names={"news.example": "10.0.0.1"})

    async def meet() -> None:
        async with serving(case) as traffic, client(case, traffic) as opened:
            assert (await opened.get(HOME + STORY, private)).body == b"hi"
            with pytest.raises(Rejected) as caught:
                await opened.get(HOME + STORY, KIND)
            assert caught.value.reason is Reason.PRIVATE_ADDRESS

    run(meet())


TOKEN, RANGE = {"Authorization": "token abc"}, {"Range": "bytes=0-9"}


def test_a_token_stays_with_its_host() -> None:
    """It goes along to another path, and to no other host; nor does a cookie come back."""
    for target, is_sent in ((b"/there", True), (b"http://other.example/there", False)):

        async def behave(path: str, send: Send, target: bytes = target) -> None:
            await send(
                b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nSet-Cookie: visit=1\r\nLocation: "
                + (b"/end" if path == "/end" else target if path == STORY else b"/end")
                + b"\r\n\r\n"
            )

        async def meet(case: Case) -> Traffic:
            async with serving(case) as traffic, client(case, traffic) as opened:
                with pytest.raises(Rejected):
                    await opened.get(HOME + STORY, KIND, TOKEN | RANGE)
                return traffic

        traffic = run(meet(Case(behave, "", names={"other.example": PUBLIC})))
        asked = {head.split(" ")[1]: head.lower() for head in traffic.requests}
        assert "authorization: token abc" in asked[STORY]
        assert ("authorization" in asked["/there"]) is is_sent
        assert "range: bytes=0-9" in asked["/there"]
        assert not any("cookie" in head for head in asked.values())


def test_any_validator_can_be_sent_back() -> None:
    """In its own bytes, in place of ours where the names are the same, however they are written."""
    plain = Case(once(HEAD + 'ETag: "Caffè"\r\nContent-Length: 0\r\n\r\n'.encode()), "")
    answer, _ = run(ask(plain))
    _, traffic = run(ask(plain, {"If-None-Match": answer.headers["etag"], "accept": "text/plain"}))
    head = traffic.requests[-1].encode("latin-1").decode().lower()
    assert 'if-none-match: "caffè"' in head
    assert head.count("accept: ") == 1


@pytest.mark.parametrize("query", ["token=hush", "apikey=hush", "a=1&access_token=hush&b=2"])
def test_no_secret_shows(query: str) -> None:
    """Neither in an error nor in what is archived of an answer."""

    async def fail(path: str, send: Send) -> None:
        to = f"http://me:hush@news.example/?{query}#hush".encode()
        status = b"301 There" if path == STORY else b"500 Oops"
        head = b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nLocation: " + to
        await send(head + b"\r\n\r\n")

    with pytest.raises(Deferred) as caught:
        run(ask(Case(fail, "")))
    assert "hush" not in str(caught.value)
    assert "***" in str(caught.value)

    answer, traffic = run(ask(Case(redirect(f"/there?{query}".encode()), "")))
    assert "hush" in traffic.requests[-1]
    assert "hush" not in answer.url
    assert "=***" in answer.url


def test_a_compressed_body_may_come_in_any_pieces() -> None:
    """Members that end at a piece's edge, and bodies of any size, arrive whole."""
    for size in (0, 1, 255_999, 256_000, 256_001, 512_000):
        bare = zlib.compressobj(9, wbits=-15)
        raw = bare.compress(bytes(size)) + bare.flush()
        for head, packed in (
            (GZIPPED, gzip.compress(bytes(size // 2)) + gzip.compress(bytes(size - size // 2))),
            (GZIPPED.replace(b"gzip", b"deflate"), raw),
        ):

            async def behave(
                _: str, send: Send, head: bytes = head, packed: bytes = packed
            ) -> None:
                await send(head)
                for start in range(0, len(packed), 37):
                    await send(packed[start : start + 37])
                    await asyncio.sleep(0)

            answer, _ = run(ask(Case(behave, "")))
            assert answer.body == bytes(size)


PIECES = [HEAD, CHUNKED, GZIPPED, b"HTTP/1.1 ", b"301 x\r\n", b"Location: ", b"\r\n", b"0\r\n\r\n"]
PIECES += [
    b"5\r\nhello\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: x\r\n",
    b"\x1f\x8b\x08",
]


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=12).map(b"".join))
@example(data=HEAD + b"Content-Length: \xb2\r\n\r\n")
@example(data=b"HTTP/1.1 302 x\r\nLocation: http://\xe2\x84\x80/\r\n\r\n")
@example(data=b"HTTP/1.1 302 x\r\nLocation: http://a:99999999/\r\n\r\n")
def test_any_bytes_are_an_answer_or_an_error_of_ours(data: bytes) -> None:
    """Nothing that a server sends is an exception that the pipeline does not know."""

    async def meet() -> None:
        case = Case(once(data), "", HASTY)
        async with serving(case) as traffic:
            await outcome_of(case, traffic)

    run(meet())


def test_fifty_pages_of_a_dead_host_cost_as_much_as_one() -> None:
    """Nobody answers its connections: one wait, and the others are put off with it."""
    dialled: list[str] = []

    async def hang(address: str, *_: object) -> httpcore.AsyncNetworkStream:
        dialled.append(address)
        raise httpcore.ConnectTimeout(str(await asyncio.sleep(0.3)))

    async def meet() -> list[object]:
        async def look_up(host: str, port: int) -> list[str]:
            return [PUBLIC]

        async with Client(contact="x", resolve=look_up, dial=hang) as opened:
            asks = (opened.get(f"{HOME}/{n}", KIND) for n in range(50))
            return await asyncio.gather(*asks, return_exceptions=True)

    started = time.monotonic()
    results = run(meet())
    assert all(isinstance(r, Deferred) and r.reason is Reason.TIMEOUT for r in results)
    assert len(dialled) == 1
    assert time.monotonic() - started < 5


def test_a_flood_before_the_head_ends_early() -> None:
    """Interim answers without end are cut off by their bytes, not by the clock."""
    case = Case(on_and_on(b"", b"HTTP/1.1 100 Go on\r\n\r\n" * 100), "unreachable")
    started = time.monotonic()

    async def meet() -> str:
        async with serving(case) as traffic:
            return await outcome_of(case, traffic)

    assert run(meet()) == "unreachable"
    assert time.monotonic() - started < KIND.timeout
