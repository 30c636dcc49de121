"""`make bench`: articles a second of the whole run, beside bare trafilatura on the same pages.

The whole run is the flow `ingest` on the bundled newsroom scaled up: Prefect's tasks, HTTP on
loopback, archive, extraction, tags, DuckDB, publishing; the server shares the machine. Bare is
`trafilatura.bare_extraction(page, with_metadata=True)` alone, in two warm processes. They take
turns, and medians are printed, because machines are noisy; the ratio is the figure to keep.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from statistics import median
from typing import NamedTuple
from unittest.mock import patch

import trafilatura
from rich.console import Console

from flows.display import print_rows
from flows.settings import prepare_prefect
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.sample.site import Site

ARTICLES = 500
ROUNDS = 3
PROCESSES = 2


class Round(NamedTuple):
    """Articles a second, both ways, measured one after the other."""

    whole: float
    bare: float

    @property
    def ratio(self) -> float:
        """How much of the bare rate the whole pipeline keeps."""
        return self.whole / self.bare


def whole_run() -> float:
    """Ingest the scaled newsroom into an empty home; from the first request to the last commit."""
    from flows.ingest import ingest  # noqa: PLC0415  Prefect, after its settings are made

    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, {"NEWSLEDGER_HOME": home, "NEWSLEDGER_WORKERS": str(PROCESSES)}),
        patch("flows.start.Newsroom", partial(Newsroom, articles=ARTICLES)),
    ):
        summary = asyncio.run(ingest(["sample"]))
        if summary.polls[0].counts["stored"] < ARTICLES * 0.9:
            sys.exit(f"Only {summary.polls[0].counts} of {ARTICLES} articles: nothing to compare.")
        return summary.pages / summary.seconds


def bare_rate(pool: ProcessPoolExecutor, pages: Sequence[str]) -> float:
    """Extract all pages in the pool's processes, with nothing around it."""
    started = time.perf_counter()
    found = list(pool.map(extract_bare, pages, chunksize=10))
    return len(found) / (time.perf_counter() - started)


def extract_bare(page: str) -> bool:
    """Call trafilatura as its documentation does."""
    return trafilatura.bare_extraction(page, with_metadata=True) is not None


def pages() -> list[str]:
    """Return the pages that the whole run fetches."""
    site = Site(edition=1, articles=ARTICLES)
    answers = [site.answer(story.path) for story in site.stories if story.path]
    return [answer.body.decode(answer.content_type.partition("charset=")[2]) for answer in answers]


def main() -> None:
    """Measure and print."""
    prepare_prefect()
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  as above

    console = Console(highlight=False)
    console.print(f"{ROUNDS} rounds of {ARTICLES} articles; this takes a minute or two ...")
    corpus = pages()
    with prefect_test_harness(server_startup_timeout=120), ProcessPoolExecutor(PROCESSES) as pool:
        bare_rate(pool, corpus[:20])
        whole_run()  # warms the disk and the bytecode up
        rounds = [Round(whole_run(), bare_rate(pool, corpus)) for _ in range(ROUNDS)]
    rows = [
        _row("whole run, 2 workers", [r.whole for r in rounds], 0),
        _row("bare trafilatura, 2 processes", [r.bare for r in rounds], 0),
        _row("ratio", [r.ratio for r in rounds], 2),
    ]
    columns = ("articles a second", *(f"round {n}" for n in range(1, ROUNDS + 1)), "median")
    print_rows(columns, rows, console)
    versions = ", ".join(f"{name} {version(name)}" for name in ("prefect", "trafilatura", "duckdb"))
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}, "
        f"{os.cpu_count()} cores, pages of {sum(map(len, corpus)) / len(corpus) / 1000:.0f} kB",
        soft_wrap=True,
    )


def _row(name: str, figures: Sequence[float], digits: int) -> tuple[str, ...]:
    return (name, *(f"{figure:.{digits}f}" for figure in (*figures, median(figures))))


if __name__ == "__main__":
    main()
