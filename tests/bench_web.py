"""`make bench`: pages a second that our client fetches, beside a plain httpx loop.

Both ask the same server on loopback, a process of its own, for the same pages with as many
requests at once; they take turns, and medians are printed, because machines are noisy. What ours
does besides: robots.txt, pace, limits on size and time, facts of the fetch.
"""

import asyncio
import gzip
import os
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

import httpx
from rich.console import Console

from flows.display import print_rows
from tasks.sources.sample.site import Site
from tasks.sources.schema import Politeness
from tasks.web.client import Client

REQUESTS = 1_500
AT_ONCE = 16
ROUNDS = 5
ENOUGH = 0.8  # of the plain loop's rate


async def serve() -> None:
    """Answer every request on a free port with one page, compressed; print the port; never end."""
    site = Site(edition=1, articles=None)
    page = max((site.answer(story.path).body for story in site.stories), key=len)
    packed = gzip.compress(page)
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        f"Date: Mon, 02 Mar 2026 14:00:00 GMT\r\nContent-Length: {len(packed)}\r\n\r\n"
    )
    answer, nothing = head.encode() + packed, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                writer.write(nothing if b"/robots.txt" in request else answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  for the parent
    await server.serve_forever()


async def ours(address: str) -> float:
    """Return the pages a second that our client fetches."""
    politeness = Politeness(concurrency=AT_ONCE, per_minute=60_000, allow_private=True)
    async with Client(contact="bench") as client:

        async def fetch(url: str) -> int:
            return len((await client.get(url, politeness)).body)

        return await rate(address, fetch)


async def plain(address: str) -> float:
    """Return the pages a second of httpx alone."""
    async with httpx.AsyncClient(trust_env=False) as client:

        async def fetch(url: str) -> int:
            return len((await client.get(url)).content)

        return await rate(address, fetch)


async def rate(address: str, fetch: Callable[[str], Awaitable[int]]) -> float:
    """Return the pages a second of ``fetch``, ``AT_ONCE`` of them under way at any time."""
    urls = iter([f"{address}/{number}" for number in range(REQUESTS)])

    async def worker() -> list[int]:
        return [await fetch(url) for url in urls]

    await fetch(f"{address}/first")  # the connection, and what is done once
    started = time.perf_counter()
    sizes = await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    seconds = time.perf_counter() - started
    found = [size for part in sizes for size in part]
    if len(found) != REQUESTS or len(set(found)) != 1:
        sys.exit(f"{len(found)} of {REQUESTS} pages came, of {len(set(found))} sizes.")
    return REQUESTS / seconds


@contextmanager
def serving() -> Iterator[str]:
    """Run the server in a process of its own and give its address."""
    server = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Let both take turns, print the table."""
    with serving() as address:
        rounds = [(asyncio.run(ours(address)), asyncio.run(plain(address))) for _ in range(ROUNDS)]
    report(rounds)


def report(rounds: Sequence[tuple[float, float]]) -> None:
    """Print the rates of all rounds and the median of their ratios."""
    console = Console(highlight=False)
    ratios = [ours / plain for ours, plain in rounds]
    rows = [
        _row("our client", [ours for ours, _ in rounds], 0),
        _row("plain httpx", [plain for _, plain in rounds], 0),
        _row("ratio", ratios, 2),
    ]
    columns = ("pages a second", *(f"round {n}" for n in range(1, ROUNDS + 1)), "median")
    print_rows(columns, rows, console)
    versions = ", ".join(f"{name} {version(name)}" for name in ("httpx", "httpcore"))
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, "
        f"{os.cpu_count()} cores, {REQUESTS:,} pages a round, {AT_ONCE} at once",
        soft_wrap=True,
    )
    if median(ratios) < ENOUGH:
        sys.exit(f"Our client keeps {median(ratios):.2f} of the plain rate; {ENOUGH} is wanted.")


def _row(name: str, figures: Sequence[float], digits: int) -> tuple[str, ...]:
    return (name, *(f"{figure:.{digits}f}" for figure in (*figures, median(figures))))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
