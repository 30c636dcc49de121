"""Part of `make bench`: articles a second of a backfill, beside bare trafilatura on the same pages.

A backfill is the whole way: lists, HTTP on loopback, archive, extraction, tags, DuckDB, publishing,
from the first request to the last commit, with two workers; the site has a process of its own and
shares the two cores. Bare is ``trafilatura.bare_extraction(page, with_metadata=True)`` alone, in
two warm processes. They take turns; the ratio is the figure to keep. The pages are those of
``bench_extract.py``: real ones in menus and scripts, 50 to 300 kB.

Then the range grows: what an article costs and the most memory that flow and workers held. `python
tests/bench_backfill.py 1000 10000 100000` measures other sizes.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple
from unittest.mock import patch

import trafilatura
from rich.console import Console

from flows.display import print_rows
from flows.settings import prepare_prefect
from tests.bench_extract import corpus
from tests.memory import memory_watched
from tests.past_site import LISTS, declare, served

SIZES = (1_000, 4_000)  # articles of the ranges
A_DAY = 100  # of them
ROUNDS = 3
PROCESSES = 2
FIRST = date(2016, 1, 1)
MEGABYTE = 1_000_000


class Filled(NamedTuple):
    """What a backfill took."""

    articles: int
    seconds: float
    peak: int  # bytes, of the flow and its workers together

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds


def filled(folder: Path, articles: int) -> Filled:
    """Backfill so many articles into an empty home."""
    from flows.backfill import backfill  # noqa: PLC0415  Prefect, after its settings are made

    until = FIRST + timedelta(days=articles // A_DAY)
    with tempfile.TemporaryDirectory() as home:
        settings = {
            "NEWSLEDGER_HOME": home,
            "NEWSLEDGER_SOURCES": str(folder),
            "NEWSLEDGER_CONTACT": "bench@past.example",
            "NEWSLEDGER_WORKERS": str(PROCESSES),
        }
        with patch.dict(os.environ, settings), memory_watched() as peak:
            done = asyncio.run(backfill("past", FIRST, until))
    stored = done.summary.polls[0].counts["stored"]
    if stored < articles * 0.9 or done.states["proven"] != done.days:
        sys.exit(f"Only {stored:,} of {articles:,} articles, {done.states}: nothing to compare.")
    return Filled(done.summary.pages, done.summary.seconds, max(peak))


def serve(days: dict[date, int], wire: Connection) -> None:
    """Serve the site until its process is ended."""
    texts = [page.body.decode() for page, _ in corpus()]

    def page(path: str) -> str:
        number = days_before(path) * A_DAY + int(path.rsplit("/", 1)[1].partition("-")[0])
        return texts[number % len(texts)].replace("<p>", f"<p>Report number {number}: ", 3)

    with served(days) as site:
        site.page = page
        wire.send(site.address)
        with suppress(EOFError):  # that is how it learns of the end
            wire.recv()


@cache
def days_before(path: str) -> int:
    """Return how many days lie between the first one and that of an article."""
    return (date(*map(int, path.split("/")[2:5])) - FIRST).days


def bare_rate(pool: ProcessPoolExecutor, bodies: Sequence[bytes]) -> float:
    """Extract all pages in the pool's processes, with nothing around it."""
    started = time.perf_counter()
    found = list(pool.map(extract_bare, bodies, chunksize=4))
    return len(found) / (time.perf_counter() - started)


def extract_bare(body: bytes) -> bool:
    """Call trafilatura as its documentation does."""
    return trafilatura.bare_extraction(body, with_metadata=True) is not None


def main() -> None:
    """Measure and print."""
    prepare_prefect()
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  as above

    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    console = Console(highlight=False)
    console.print(f"{ROUNDS} rounds of {sizes[0]:,} articles; this takes a few minutes ...")
    bodies = [page.body for page, _ in corpus()]
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    days = {FIRST + timedelta(days=n): A_DAY for n in range(max(sizes) // A_DAY)}
    site = context.Process(target=serve, args=(days, theirs), daemon=True)
    site.start()
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(PROCESSES, context) as pool,
        prefect_test_harness(server_startup_timeout=120),
    ):
        declare(Path(folder), ours.recv(), LISTS["pages"])
        bare_rate(pool, bodies)  # starts both processes: a cold one halves the rate
        filled(Path(folder), A_DAY)  # warms the disk and the bytecode up
        rounds = [(filled(Path(folder), sizes[0]), bare_rate(pool, bodies)) for _ in range(ROUNDS)]
        grown = [filled(Path(folder), size) for size in sizes]
    print_rates(rounds, console)
    print_growth(grown, console)
    versions = ", ".join(f"{name} {version(name)}" for name in ("prefect", "trafilatura", "duckdb"))
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, "
        f"{os.cpu_count()} cores, pages of {mean(map(len, bodies)) / 1000:.0f} kB",
        soft_wrap=True,
    )


def print_rates(rounds: Sequence[tuple[Filled, float]], console: Console) -> None:
    """Print both rates and their ratio."""
    rows = [
        _row("backfill, 2 workers", [done.rate for done, _ in rounds], 0),
        _row("bare trafilatura, 2 processes", [bare for _, bare in rounds], 0),
        _row("ratio", [done.rate / bare for done, bare in rounds], 2),
    ]
    columns = ("articles a second", *(f"round {n}" for n in range(1, ROUNDS + 1)), "median")
    print_rows(columns, rows, console)


def print_growth(grown: Sequence[Filled], console: Console) -> None:
    """Print what an article costs and the most memory, by the size of the range."""
    rows = [
        (f"{done.articles:,}", f"{1000 / done.rate:.1f}", f"{done.peak / MEGABYTE:.0f}")
        for done in grown
    ]
    print_rows(("articles in the range", "ms an article", "peak MB"), rows, console)


def _row(name: str, figures: Sequence[float], digits: int) -> tuple[str, ...]:
    return (name, *(f"{figure:.{digits}f}" for figure in (*figures, median(figures))))


if __name__ == "__main__":
    main()
