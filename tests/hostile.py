"""Servers that behave badly, and what a request to each must end in.

``python tests/hostile.py`` asks each of them from a process of its own, and prints the outcome, the
seconds and the peak of memory above that of a plain page; ``tests/test_web_hostile.py`` runs the
same cases. The servers write raw bytes on loopback. Host names are made up: a stub looks them up,
and another takes every dialled address to the server, so no packet leaves the machine.
"""

import asyncio
import gzip
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpcore
from rich.console import Console

from flows.display import print_rows
from tasks.articles.errors import ItemError
from tasks.sources.schema import Politeness
from tasks.web.client import Client
from tasks.web.guard import SocketOptions, dial, resolve

PUBLIC = "93.184.215.14"  # any public address: none of them is ever dialled
HOME, STORY = "http://news.example", "/story"
KIND = Politeness(per_minute=60_000, timeout=5, max_bytes=1_000_000)
HASTY = KIND.model_copy(update={"timeout": 0.5})
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = HEAD + b"Connection: close\r\n\r\n"  # the body lasts until the connection ends
GZIPPED = HEAD + b"Content-Encoding: gzip\r\n\r\n"
DEFLATED = HEAD + b"Content-Encoding: deflate\r\n\r\n"

Send = Callable[[bytes], Awaitable[None]]
Behaviour = Callable[[str, Send], Awaitable[None]]  # what is asked for, and a way to send bytes


@dataclass(frozen=True, slots=True)
class Case:
    """A server's behaviour; ``outcome`` is a reason, or ``answer`` and the status."""

    behave: Behaviour
    outcome: str
    politeness: Politeness = KIND
    names: Mapping[str, str] = field(default_factory=dict)  # addresses of further hosts


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was asked for and dialled while a server ran."""

    port: int
    requests: list[str] = field(default_factory=list)  # whole heads, as they came
    dialled: list[str] = field(default_factory=list)


def once(data: bytes) -> Behaviour:
    """Send this and no more."""

    async def behave(_: str, send: Send) -> None:
        await send(data)

    return behave


def on_and_on(head: bytes, again: bytes, pause: float = 0) -> Behaviour:
    """Send a head, then the same piece until the client goes away."""

    async def behave(_: str, send: Send) -> None:
        await send(head)
        while True:
            await send(again)
            await asyncio.sleep(pause)

    return behave


def redirect(target: bytes) -> Behaviour:
    """Redirect there; once there, answer."""

    async def behave(path: str, send: Send) -> None:
        if path != STORY:
            await send(HEAD + b"Content-Length: 5\r\n\r\nthere")
            return
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
        await send(head + target + b"\r\n\r\n")

    return behave


async def ten_thousand_redirects(path: str, send: Send) -> None:
    """Send the client from each address to the next one."""
    number = int(path.strip("/") or 0) if path.strip("/").isdecimal() else 0
    target = f"/{number + 1}" if number < 10_000 else STORY
    await send(f"HTTP/1.1 301 On\r\nContent-Length: 0\r\nLocation: {target}\r\n\r\n".encode())


async def between_hosts(path: str, send: Send) -> None:
    """Send the client to and fro between two hosts."""
    there = "other.example/two" if path != "/two" else f"news.example{STORY}"
    await send(f"HTTP/1.1 307 On\r\nContent-Length: 0\r\nLocation: http://{there}\r\n\r\n".encode())


def status(line: str, *headers: str) -> Behaviour:
    """Send a head and no body."""
    head = "\r\n".join((f"HTTP/1.1 {line}", "Content-Length: 0", *headers))
    return once(f"{head}\r\n\r\n".encode())


def busy(wait: str, date: str = "Mon, 23 Nov 2026 12:00:00 GMT") -> Case:
    """Answer 429 with this Retry-After."""
    return Case(
        status("429 Too Many Requests", f"Retry-After: {wait}", f"Date: {date}"), "throttled"
    )


def inward(target: str) -> Case:
    """Redirect to an address that is not of the public internet."""
    return Case(
        redirect(target.encode()), "private_address", names={"printer.example": "192.168.1.7"}
    )


ZEROS = gzip.compress(bytes(10_000_000), 9)
NOTHING = gzip.compress(b"")
STORED = b"\x00\x00\x00\xff\xff"  # an empty stored block of deflate
LATIN, UTF8 = "/caffè".encode("latin-1"), "/caffè".encode()

CASES: dict[str, Case] = {
    "plain": Case(once(HEAD + b"Content-Length: 5\r\n\r\nhello"), "answer 200"),
    "slow head": Case(on_and_on(b"HTTP/1.1 200 OK\r\nX: ", b"a", 0.05), "timeout", HASTY),
    "slow body": Case(on_and_on(ENDLESS, b"a", 0.05), "timeout", HASTY),
    "nothing at all": Case(on_and_on(b"", b"", 0.05), "timeout", HASTY),
    "endless body": Case(on_and_on(ENDLESS, bytes(50_000)), "too_large"),
    "endless chunks": Case(on_and_on(CHUNKED, b"c350\r\n" + bytes(50_000) + b"\r\n"), "too_large"),
    "chunks of a byte": Case(on_and_on(CHUNKED, b"1\r\na\r\n" * 1000), "too_large"),
    "length of a terabyte": Case(
        once(HEAD + b"Content-Length: 1000000000000\r\n\r\n"), "too_large"
    ),
    "gzip bomb": Case(on_and_on(GZIPPED, ZEROS), "too_large"),
    "deflate bomb": Case(on_and_on(DEFLATED, zlib.compress(bytes(100_000_000), 9)), "too_large"),
    "gzip of nothing, endless": Case(on_and_on(GZIPPED, NOTHING * 500), "too_large"),
    "deflate of nothing, endless": Case(on_and_on(DEFLATED, STORED * 5000), "too_large"),
    "gzip in gzip": Case(
        once(HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(ZEROS)), "not_html"
    ),
    "gzip that breaks off": Case(once(GZIPPED + gzip.compress(b"hello")[:-9]), "unreachable"),
    "gzip that is none": Case(once(GZIPPED + b"<html>hello</html>"), "unreachable"),
    "10,000 redirects": Case(ten_thousand_redirects, "redirect_loop"),
    "to itself": Case(redirect(b"/story"), "redirect_loop"),
    "loop of two hosts": Case(
        between_hosts, "redirect_loop", names={"other.example": "93.184.215.15"}
    ),
    "to 127.0.0.1": inward("http://127.0.0.1/latest"),
    "to the metadata address": inward("http://169.254.169.254/latest/meta-data/"),
    "to [::1]": inward("http://[::1]/"),
    "to a mapped address": inward("http://[::ffff:10.0.0.1]/"),
    "to a 6to4 address": inward("http://[2002:7f00:1::1]/"),
    "to a decimal address": inward("http://2130706433/"),
    "to a hexadecimal address": inward("http://0x7f000001/"),
    "to an octal address": Case(redirect(b"http://0177.0.0.1/"), "bad_address"),
    "to a short address": inward("//127.1/"),
    "to localhost": inward("http://localhost:8080/"),
    "to a name of a private address": inward("http://printer.example/"),
    "to a file": Case(redirect(b"file:///etc/passwd"), "bad_address"),
    "to nowhere": Case(redirect(b"http://[::1"), "bad_address"),
    "to a non-ASCII address": Case(redirect(UTF8), "answer 200"),
    "to a Latin-1 address": Case(redirect(LATIN), "answer 200"),
    "wrong content type": Case(
        once(HEAD.replace(b"text/html", b"image/png") + b"Content-Length: 2\r\n\r\nhi"),
        "answer 200",
    ),
    "wrong charset": Case(
        once(HEAD.replace(b"html", b"html; charset=no") + b"Content-Length: 1\r\n\r\n\xe8"),
        "answer 200",
    ),
    "header flood": Case(on_and_on(HEAD, b"X-Flood: 0123456789\r\n" * 1000), "unreachable"),
    "endless header": Case(on_and_on(HEAD + b"X-Long: ", b"a" * 50_000), "unreachable"),
    "flood of 103": Case(on_and_on(b"", b"HTTP/1.1 103 Early\r\n\r\n" * 500), "unreachable"),
    "another protocol": Case(status("101 Switching Protocols", "Upgrade: ws"), "unreachable"),
    "chunk cut short": Case(once(CHUNKED + b"ff\r\nhello"), "unreachable"),
    "chunk of no size": Case(once(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"), "unreachable"),
    "chunk of minus one": Case(once(CHUNKED + b"-1\r\nhello\r\n0\r\n\r\n"), "unreachable"),
    "chunk of 2^64": Case(once(CHUNKED + b"ffffffffffffffff\r\nhello"), "unreachable"),
    "chunk size without end": Case(on_and_on(CHUNKED, b"0" * 50_000), "unreachable"),
    "trailers without end": Case(on_and_on(CHUNKED + b"0\r\n", b"X: 1\r\n" * 5000), "unreachable"),
    "length too long": Case(once(HEAD + b"Content-Length: 50\r\n\r\nhello"), "unreachable"),
    "length too short": Case(once(HEAD + b"Content-Length: 2\r\n\r\nhello"), "answer 200"),
    "two lengths": Case(once(HEAD + b"Content-Length: 2, 5\r\n\r\nhello"), "unreachable"),
    "negative length": Case(once(HEAD + b"Content-Length: -5\r\n\r\nhello"), "unreachable"),
    "length of 5,000 digits": Case(
        once(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nhello"), "unreachable"
    ),
    "HTTP/0.9": Case(once(b"<html>hello</html>"), "unreachable"),
    "garbage": Case(once(bytes(range(256)) * 50), "unreachable"),
    "silence, then the end": Case(once(b""), "unreachable"),
    "status of no number": Case(once(b"HTTP/1.1 abc OK\r\n\r\n"), "unreachable"),
    "status 999": Case(status("999 No"), "server_error"),
    "429 for minus one second": busy("-1"),
    "429 for 10^30 seconds": busy("1" + "0" * 30),
    "429 for 10,000 digits": busy("9" * 10_000),
    "429 for NaN": busy("NaN"),
    "429 until the past": busy("Mon, 01 Jan 1990 00:00:00 GMT"),
    "429 until the year 9999": busy("Fri, 31 Dec 9999 23:59:59 GMT"),
    "429, a clock in 1970": busy("Thu, 01 Jan 1970 01:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "429, a clock in no time": busy("Mon, 23 Nov 2026 13:00:00 GMT", "yesterday"),
}


@asynccontextmanager
async def serving(case: Case) -> AsyncIterator[Traffic]:
    """Run the case's server on a free port; it has no robots.txt."""
    traffic: Traffic

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            traffic.requests.append(head)
            path = head.split(" ")[1]
            if path == "/robots.txt":
                await status("404 Not Found", "Connection: close")(path, send)
            else:
                await case.behave(path, send)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    traffic = Traffic(server.sockets[0].getsockname()[1])
    async with server:
        yield traffic


def client(case: Case, traffic: Traffic, attempts: int = 1) -> Client:
    """Return a client that looks names up in the case and dials its server instead of anything."""

    async def look_up(host: str, port: int) -> list[str]:
        if host.endswith(".example"):
            return [case.names.get(host, PUBLIC)]
        return list(await resolve(host, port))  # numbers in some form, and localhost

    async def dial_server(
        address: str, _: int, seconds: float | None, options: SocketOptions | None
    ) -> httpcore.AsyncNetworkStream:
        traffic.dialled.append(address)
        return await dial("127.0.0.1", traffic.port, seconds, options)

    return Client(
        contact="hostile@test.example", attempts=attempts, resolve=look_up, dial=dial_server
    )


async def outcome_of(case: Case, traffic: Traffic) -> str:
    """Ask for the case's address; return the status of the answer, or the error's reason."""
    async with client(case, traffic) as opened:
        try:
            answer = await opened.get(HOME + STORY, case.politeness)
        except ItemError as error:
            return error.reason
    return f"answer {answer.status}"


def main() -> None:
    """Ask each server from a fresh process; print what came of it and what it took."""
    rows = [asyncio.run(_measured(name)) for name in CASES]
    base = next(peak for name, _, _, peak in rows if name == "plain")
    table = [
        (name, outcome, f"{seconds:.2f}", f"{max(peak - base, 0) / 1000:.1f}")
        for name, outcome, seconds, peak in rows
    ]
    columns = ("server", "outcome", "seconds", "MB above a plain page")
    print_rows(columns, table, Console(highlight=False))
    wrong = [name for name, outcome, *_ in rows if outcome != CASES[name].outcome]
    if wrong:
        sys.exit(f"Not as expected: {', '.join(wrong)}.")


async def _measured(name: str) -> tuple[str, str, float, int]:
    async with serving(CASES[name]) as traffic:
        child = await asyncio.create_subprocess_exec(
            sys.executable, __file__, name, str(traffic.port), stdout=subprocess.PIPE
        )
        told, _ = await child.communicate()
    outcome, seconds, peak = told.decode().split("\t")
    return name, outcome, float(seconds), int(peak)


def _ask(name: str, port: int) -> None:
    started = time.perf_counter()
    outcome = asyncio.run(outcome_of(CASES[name], Traffic(port)))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB
    print(f"{outcome}\t{seconds}\t{peak}", end="")  # noqa: T201  for the parent


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _ask(sys.argv[1], int(sys.argv[2]))
    else:
        main()
