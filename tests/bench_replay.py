"""Part of `make bench`: articles a second of replays, beside bare trafilatura in the same run.

The archive holds the newsroom's pages many times over, each time as other articles, and set in
menus and scripts that make them 50 to 300 kB, as in ``bench_extract.py``. Replayed are
text and tags (every page is extracted and tagged again) and tags alone (from the stored texts), by
the flow `reprocess` as it stands, under the same rules: all is read and compared, nothing appended.
The rate is that of the articles by which the larger warehouse exceeds the smaller one, so starting
up is left out. Bare is ``trafilatura.bare_extraction(page, with_metadata=True)`` in as many warm
processes; tagging is ``tag_article`` alone, as a replay calls it, which cannot be faster. Memory is
that of the run and its workers together, at its highest (Linux only); the bench's own pages, about
110 MB, are in it.
`python tests/bench_replay.py 1000 5000` measures other sizes.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from statistics import median
from unittest.mock import patch
from uuid import UUID, uuid4

from rich.console import Console

from flows.clock import utc_now
from flows.display import print_rows
from flows.settings import prepare_prefect
from tasks.articles.errors import ItemError
from tasks.articles.records import Listing, Page, TaggedArticle
from tasks.extraction.extract import extract
from tasks.sources.registry import load_sources
from tasks.sources.sample.site import Site
from tasks.tagging.tagger import tag_article
from tests.bench import PROCESSES, bare_rate
from tests.bench_extract import SIZES as PAGE_SIZES
from tests.bench_extract import resized
from tests.memory import memory_watched
from warehouse.home import Home

SIZES = (2_000, 10_000)
STORIES = 400  # distinct pages
BATCH = 50
WAIT = timedelta(seconds=60)
TAGS = ["tickers", "topics", "facts"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One replay: its seconds, and the most memory that it took, in MB."""

    seconds: float
    megabytes: float


@cache
def told() -> list[tuple[Page, TaggedArticle]]:
    """Return the newsroom's pages, and what becomes of them today."""
    site, source = Site(edition=1, articles=STORIES), load_sources()["sample"]
    found = []
    for number, story in enumerate(site.stories):
        answer = site.answer(story.path)
        listing = Listing(source="sample", url=f"{source.home.rstrip('/')}{story.path}")
        page = Page(
            listing=listing,
            url=listing.url,
            status=200,
            content_type=answer.content_type,
            body=answer.body,
            fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        )
        page = resized(page, PAGE_SIZES[number % len(PAGE_SIZES)])
        try:
            found.append((page, tag_article(extract(page, source))))
        except ItemError:  # a story without a text
            continue
    return found


def copies(count: int) -> Iterator[tuple[Page, TaggedArticle]]:
    """Give so many pages with their articles, each another one."""
    for number in range(count):
        page, tagged = told()[number % len(told())]
        page = replace(page, listing=replace(page.listing, line=str(number)))
        article = replace(
            tagged.article,
            article_key=UUID(int=number),
            listing_id=page.listing.listing_id,
            page_id=page.page_id,
        )
        yield page, replace(tagged, article=article)


def filled(home: Home, count: int) -> Home:
    """Archive and load so many articles: in a process of its own, whose memory is not measured."""
    prepare_prefect()
    asyncio.run(_fill(home, count))
    return home


async def _fill(home: Home, count: int) -> None:
    from tasks.archive import archive  # noqa: PLC0415  Prefect, after its settings are made
    from tasks.load import Loadable, load  # noqa: PLC0415
    from tasks.publish import publish  # noqa: PLC0415

    made = list(copies(count))
    for start in range(0, count, BATCH):
        batch = made[start : start + BATCH]
        found = [page for page, _ in batch]
        loadable = Loadable(
            run_id=uuid4(),
            batch_id=await archive.fn(found, home),
            is_archived=True,
            listings=[page.listing for page in found],
            articles=[tagged for _, tagged in batch],
            outcomes=[],
        )
        await load.fn(loadable, home, utc_now, WAIT)
    await publish.fn(home, WAIT)


def replayed(home: Home, count: int, only: list[str] | None) -> Measured:
    """Replay a warehouse once."""
    from flows.reprocess import reprocess  # noqa: PLC0415  as above

    environment = {"NEWSLEDGER_HOME": str(home.root), "NEWSLEDGER_WORKERS": str(PROCESSES)}
    with patch.dict(os.environ, environment), memory_watched() as sizes:
        done = asyncio.run(reprocess(only=only))
    if done.tally.read.total() != count or done.tally.changed:
        sys.exit(f"Not a replay under the same rules: {done.tally} of {count} articles.")
    return Measured(done.seconds, max(sizes) / 1e6)


def tag_rate(pool: ProcessPoolExecutor, count: int) -> float:
    """Tag so many articles in the pool's processes, with nothing around it."""
    shares = [count // PROCESSES] * PROCESSES
    started = time.perf_counter()
    seconds = list(pool.map(tag_again, shares))
    return sum(shares) / min(max(seconds), time.perf_counter() - started)


def tag_again(count: int) -> float:
    """Tag articles over and over; return the seconds that it took."""
    articles = [tagged.article for _, tagged in told()]
    started = time.perf_counter()
    for number in range(count):
        tag_article(articles[number % len(articles)], with_fingerprint=False)
    return time.perf_counter() - started


def main(sizes: Sequence[int]) -> None:
    """Measure and print."""
    prepare_prefect()
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  as above

    console = Console(highlight=False)
    console.print(f"Filling warehouses of {' and '.join(f'{n:,}' for n in sizes)} articles ...")
    corpus = [page.body.decode() for page, _ in told()]
    with (
        tempfile.TemporaryDirectory() as folder,
        prefect_test_harness(server_startup_timeout=120),
        ProcessPoolExecutor(PROCESSES) as pool,
    ):
        homes = [Home(Path(folder) / str(size)) for size in sizes]
        list(pool.map(filled, homes, sizes))
        tag_rate(pool, len(told()))  # reads the knowledge
        bare, tagging = [bare_rate(pool, corpus)], [tag_rate(pool, 2_000)]
        figures = {}
        for name, only in (("text and tags", None), ("tags alone", TAGS)):
            figures[name] = [replayed(h, n, only) for h, n in zip(homes, sizes, strict=True)]
            bare.append(bare_rate(pool, corpus))
            tagging.append(tag_rate(pool, 2_000))
    rows = [_row(name, sizes, found, median(bare)) for name, found in figures.items()]
    rows.append(_alone("tagging alone, 2 processes", median(tagging), median(bare)))
    rows.append(_alone("bare trafilatura, 2 processes", median(bare), median(bare)))
    spans = [f"{size:,}" for size in sizes]
    columns = ["replay", *(f"s at {s}" for s in spans), "articles a s", "to bare"]
    print_rows([*columns, *(f"MB at {s}" for s in spans)], rows, console)
    versions = ", ".join(f"{name} {version(name)}" for name in ("prefect", "trafilatura", "duckdb"))
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions},"
        f" {os.cpu_count()} cores, pages of {sum(map(len, corpus)) / len(corpus) / 1000:.0f} kB",
        soft_wrap=True,
    )


def _row(name: str, sizes: Sequence[int], found: Sequence[Measured], bare: float) -> list[str]:
    rate = (sizes[-1] - sizes[0]) / (found[-1].seconds - found[0].seconds)
    seconds = (f"{one.seconds:.1f}" for one in found)
    return [
        name,
        *seconds,
        f"{rate:,.0f}",
        f"{rate / bare:.2f}",
        *(f"{x.megabytes:.0f}" for x in found),
    ]


def _alone(name: str, rate: float, bare: float) -> list[str]:
    return [name, "", "", f"{rate:,.0f}", f"{rate / bare:.2f}", "", ""]


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
