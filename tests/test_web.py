"""The client against a real server on loopback that behaves well, badly and worse."""

import asyncio
import gzip
import socket
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected, SettingsError
from tasks.sources.schema import Politeness
from tasks.web.client import Client, Response

OURS = Politeness(allow_private=True, per_minute=60_000)
HELLO = b"<p>hello</p>"
RAW_DEFLATE = zlib.compressobj(wbits=-15)
DEFLATED = RAW_DEFLATE.compress(HELLO) + RAW_DEFLATE.flush()


class Server(BaseHTTPRequestHandler):
    """Answers by path; counts what it was asked for."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()
    seen: ClassVar[list[dict[str, str]]] = []
    release = threading.Event()
    two_asked = threading.Event()

    def do_GET(self) -> None:
        Server.asked[self.path] += 1
        Server.seen.append(dict(self.headers))
        getattr(self, "answer_" + self.path.strip("/").replace("-", "_"), self.answer_404)()

    def answer_hello(self) -> None:
        self._send(HELLO)

    def answer_gzip(self) -> None:
        self._send(gzip.compress(HELLO[:4]) + gzip.compress(HELLO[4:]), encoding="gzip")

    def answer_zlib(self) -> None:
        self._send(zlib.compress(HELLO), encoding="deflate")

    def answer_deflate(self) -> None:
        self._send(DEFLATED, encoding="deflate")

    def answer_bomb(self) -> None:
        self._send(gzip.compress(bytes(200_000_000), 9), encoding="gzip")

    def answer_cut(self) -> None:
        self._send(gzip.compress(HELLO)[:-12], encoding="gzip")

    def answer_unknown(self) -> None:
        self._send(HELLO, encoding="br")

    def answer_404(self) -> None:
        self._send(b"nothing here", status=404)

    def answer_forbidden(self) -> None:
        self._send(b"robots?", status=403)

    def answer_500(self) -> None:
        self._send(b"oops", status=500)

    def answer_flaky(self) -> None:
        self._send(HELLO, status=503 if Server.asked["/flaky"] == 1 else 200)

    def answer_busy(self) -> None:
        self._send(b"", status=429, **{"Retry-After": "7200"})

    def answer_busy_for_ever(self) -> None:
        self._send(b"", status=429, **{"Retry-After": "9" * 30})

    def answer_loop(self) -> None:
        self._send(b"", status=302, Location="/loop")

    def answer_elsewhere(self) -> None:
        self._send(b"", status=301, Location="/hello")

    def answer_away(self) -> None:
        self._send(b"", status=302, Location=f"http://127.0.0.1:{self.server.server_port}/hello")

    def answer_ftp(self) -> None:
        self._send(b"", status=302, Location="ftp://files.example/x")

    def answer_slow(self) -> None:
        if Server.asked["/slow"] == 2:
            Server.two_asked.set()
        Server.release.wait(20)
        self._send(HELLO)

    def answer_drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def _send(self, body: bytes, status: int = 200, encoding: str = "", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if encoding:
            self.send_header("Content-Encoding", encoding)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[str]:
    """Start the server on a free port."""
    Server.asked.clear()
    Server.seen.clear()
    Server.release.clear()
    Server.two_asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        Server.release.set()
        running.shutdown()


def get(address: str, politeness: Politeness | None = None, **client: object) -> Response:
    """Fetch one address with a client of its own."""

    async def fetch() -> Response:
        async with Client(**({"contact": "test@newsroom.example"} | client)) as opened:  # type: ignore[arg-type]
            return await opened.get(address, politeness or OURS)

    return asyncio.run(fetch())


@pytest.mark.parametrize("path", ["hello", "gzip", "zlib", "deflate", "elsewhere"])
def test_bodies_arrive_inflated(server: str, path: str) -> None:
    """Plain, gzip of several members, zlib and bare deflate all give the same bytes."""
    response = get(f"{server}/{path}")
    assert response.body == HELLO
    assert response.status == 200
    assert response.content_type == "text/html; charset=utf-8"


def test_the_final_address_is_reported(server: str) -> None:
    """After redirects, the address is where the page really was."""
    assert get(f"{server}/elsewhere").url == f"{server}/hello"


def test_a_404_is_an_answer(server: str) -> None:
    """What will not change by asking again is returned, for the archive to keep."""
    assert get(f"{server}/nowhere").status == 404


@pytest.mark.parametrize(
    ("path", "error", "reason"),
    [
        ("forbidden", Deferred, Reason.REFUSED),
        ("500", Deferred, Reason.SERVER_ERROR),
        ("busy", Deferred, Reason.THROTTLED),
        ("drop", Deferred, Reason.UNREACHABLE),
        ("cut", Deferred, Reason.UNREACHABLE),
        ("loop", Rejected, Reason.REDIRECT_LOOP),
        ("ftp", Rejected, Reason.BAD_ADDRESS),
        ("bomb", Rejected, Reason.TOO_LARGE),
        ("unknown", Rejected, Reason.NOT_HTML),
    ],
)
def test_faults_become_outcomes(
    server: str, path: str, error: type[ItemError], reason: Reason
) -> None:
    """Each fault is an error with its reason, passing or final."""
    with pytest.raises(error) as caught:
        get(f"{server}/{path}", attempts=1)
    assert caught.value.reason is reason


@pytest.mark.parametrize("address", ["", "nonsense", "http://", "ftp://a.example/", "http://[::1"])
def test_what_is_no_address_is_rejected(address: str) -> None:
    """An address that cannot be asked is rejected, without a packet sent."""
    with pytest.raises(Rejected) as caught:
        get(address)
    assert caught.value.reason is Reason.BAD_ADDRESS


def test_nobody_listens() -> None:
    """A refused connection is a passing fault."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as unused:
        address = f"http://127.0.0.1:{unused.server_port}/"
    with pytest.raises(Deferred) as caught:
        get(address, attempts=1)
    assert caught.value.reason is Reason.UNREACHABLE


def test_a_slow_server_costs_its_limit(server: str) -> None:
    """The limit is on the whole request, not on the pause between two bytes."""
    started = time.monotonic()
    with pytest.raises(Deferred) as caught:
        get(f"{server}/slow", Politeness(allow_private=True, per_minute=60_000, timeout=0.3))
    assert caught.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 5


def test_passing_faults_are_tried_again(server: str) -> None:
    """A server error is tried again, a refusal is not."""
    assert get(f"{server}/flaky").body == HELLO
    assert Server.asked["/flaky"] == 2
    get(f"{server}/nowhere")
    assert Server.asked["/nowhere"] == 1


def test_retry_after_is_obeyed_and_capped(server: str) -> None:
    """Two hours are two hours, a billion years are a day, and neither is tried at once."""
    with pytest.raises(Deferred) as caught:
        get(f"{server}/busy")
    assert caught.value.retry_after == timedelta(hours=2)
    with pytest.raises(Deferred) as caught:
        get(f"{server}/busy-for-ever")
    assert caught.value.retry_after == timedelta(days=1)
    assert Server.asked["/busy"] == 1


def test_a_throttled_host_is_left_alone(server: str) -> None:
    """One 429 speaks for the host: the other addresses are put off without being asked."""

    async def ask() -> list[object]:
        async with Client(contact="x") as client:
            one_by_one = Politeness(allow_private=True, per_minute=60_000, concurrency=1)
            tasks = (client.get(f"{server}/{path}", one_by_one) for path in ("busy", "hello"))
            return await asyncio.gather(*tasks, return_exceptions=True)

    first, second = asyncio.run(ask())
    assert isinstance(first, Deferred)
    assert isinstance(second, Deferred)
    assert timedelta(hours=1) < second.retry_after <= timedelta(hours=2)
    assert Server.asked["/hello"] == 0


def test_a_silent_host_is_left_alone(server: str) -> None:
    """After three requests without an answer the rest is put off at once."""

    async def ask() -> list[object]:
        async with Client(contact="x", attempts=1) as client:
            patient = Politeness(allow_private=True, per_minute=60_000, concurrency=1, timeout=0.2)
            tasks = (client.get(f"{server}/slow", patient) for _ in range(20))
            return await asyncio.gather(*tasks, return_exceptions=True)

    results = asyncio.run(ask())
    assert all(isinstance(result, Deferred) for result in results)
    assert Server.asked["/slow"] == 3


def test_a_redirect_does_not_leave_the_machine(server: str) -> None:
    """Each hop is checked as the first address was."""
    with pytest.raises(Deferred) as caught:
        get("http://routed.example/away", contact="", routes={"routed.example": server})
    assert caught.value.reason is Reason.REFUSED
    assert Server.asked["/hello"] == 0


def test_the_operator_is_named(server: str) -> None:
    """The User-Agent carries the contact."""
    get(f"{server}/hello")
    assert "test@newsroom.example" in Server.seen[-1]["User-Agent"]


def test_nothing_leaves_the_machine_without_a_contact(server: str) -> None:
    """Without a contact only routed hosts and, where private ones may be, this machine are asked.

    Else the message says what to set.
    """
    assert get(f"{server}/hello", contact="").body == HELLO
    for address, politeness in ((server, Politeness()), ("http://10.0.0.1/", OURS)):
        with pytest.raises(SettingsError, match="NEWSLEDGER_CONTACT"):
            get(address, politeness, contact="")
    routed = get("http://newsroom.example/hello", contact="", routes={"newsroom.example": server})
    assert routed.body == HELLO
    assert routed.url == "http://newsroom.example/hello"


def test_requests_to_one_host_are_few_at_once(server: str) -> None:
    """No more requests are under way at one host than its source allows."""

    async def ask(count: int, concurrency: int) -> int:
        async with Client(contact="x") as client:
            politeness = Politeness(
                allow_private=True, per_minute=60_000, concurrency=concurrency, timeout=30
            )
            tasks = [
                asyncio.create_task(client.get(f"{server}/slow", politeness)) for _ in range(count)
            ]
            await asyncio.to_thread(Server.two_asked.wait, 20)
            at_once = Server.asked["/slow"]
            Server.release.set()
            await asyncio.gather(*tasks)
            return at_once

    assert asyncio.run(ask(6, 2)) == 2
    assert Server.asked["/slow"] == 6
