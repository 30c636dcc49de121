"""`make bench`: what a page costs at each step, and what a whole history would take.

Each step is measured alone, in CPU time of one core, on the labelled pages set in the menus and
scripts of real ones (see bench_extract.py). From these figures, and nothing else, follows the
second table: machine-hours and disk by the number of articles. It is an estimate: it takes a
history's pages to be like these, and no home to hold more than a few million articles, because what
a load costs grows with them. `python tests/bench_scale.py 1000 1000000 3000000` loads at those
sizes and reckons with the last (8 GB of disk, ten minutes); without numbers at 100,000 articles.
"""

import asyncio
import os
import pickle
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import mean, median

import duckdb
import psutil
from prefect import flow, task
from rich.console import Console

from flows.display import print_rows
from tasks.archive import archive
from tasks.articles.errors import ItemError
from tasks.articles.records import Article, Page, TaggedArticle
from tasks.extraction.extract import extract
from tasks.sources.sample.story import stories
from tasks.sources.schema import Politeness
from tasks.tagging.tagger import tag_article
from tasks.web.client import Client
from tasks.workers.slot import pack
from tests.bench_extract import Work, corpus
from tests.bench_tags import _article as newsroom_article
from tests.bench_warehouse import generate
from tests.bench_web import REQUESTS, rate, serving
from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.archive import settle
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.snapshot import publish

ROUNDS = 3
BATCH = 50  # a small one: NEWSLEDGER_BATCH_SIZE is 100
LARGE = 500  # and as it should be on a cluster
TASK_RUNS = 7  # of a batch: fetch, archive, extract, tag, load, and two on a cluster
SIZES = (100_000,)
RUNS = 200  # of a task that does nothing
QUIET = 0.2  # CPU seconds a second that an idle server may take
MADE_TEXT = 700  # characters in the articles that bench_warehouse makes
# Assumed, for nothing here can tell. The pages' frames are made by repeating, and pack far better
# than real ones, of which the zstd of a whole batch leaves about a fifth.
TEXT = 3_000  # characters of an article
PACKED = 0.2  # of a page's bytes
IN_A_HOME = 5_000_000  # articles
HISTORIES = {
    "one large publisher, a year": 460_000,
    "Benzinga, ten years": 4_600_000,
    "CC-NEWS, some months": 100_000_000,
    "CC-NEWS, most of it": 1_000_000_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a page costs in a batch of some size: milliseconds of one core, bytes on the disk."""

    fetch: float
    archive: float
    extract: float
    tag: float
    load: float
    prefect: float  # client and server
    packing: float  # to bytes and back in the flow's process, where there is a cluster
    archived: float
    loaded: float

    @property
    def shared(self) -> float:
        """What the workers of a cluster do."""
        return self.extract + self.tag

    @property
    def kept(self) -> float:
        """What the flow's machine does."""
        return self.fetch + self.archive + self.load + self.prefect + self.packing


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the median of what something takes of this process's CPU time, in milliseconds."""
    return median(_timed(work, time.process_time) for _ in range(ROUNDS))


def _timed(work: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return (clock() - started) * 1000


def fetching() -> float:
    """Return what our client takes for a page, over HTTP on loopback."""

    async def fetch_all(address: str) -> None:
        politeness = Politeness(concurrency=16, per_minute=60_000, allow_private=True)
        async with Client(contact="bench") as client:

            async def fetch(url: str) -> int:
                return len((await client.get(url, politeness)).body)

            await rate(address, fetch)

    with serving() as address:
        return cpu_ms(lambda: asyncio.run(fetch_all(address))) / REQUESTS


def archiving(pages: Sequence[Page]) -> float:
    """Return what a page takes to archive and settle."""

    def keep() -> None:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder))
            for start in range(0, len(pages), BATCH):
                batch_id = asyncio.run(archive.fn(pages[start : start + BATCH], home))
                settle(home, batch_id)

    return cpu_ms(keep) / len(pages)


def extracting(works: Sequence[Work]) -> tuple[float, list[Article]]:
    """Return what a page takes to extract, and the articles."""
    found: list[Article] = []

    def extract_all() -> None:
        found.clear()
        for work in works:
            try:
                found.append(extract(*work))
            except ItemError:
                continue

    extract_all()  # reads its data files
    return cpu_ms(extract_all) / len(works), found


def packing(works: Sequence[Work], tagged: Sequence[TaggedArticle]) -> float:
    """Return what it takes to send a page to a cluster and to take its article back, twice."""
    pages, sources = zip(*works[:BATCH], strict=True)
    articles = [one.article for one in tagged[:BATCH]]
    answers = [pickle.dumps(articles), pickle.dumps(tagged[:BATCH])]

    def there_and_back() -> None:
        pack(extract, [pages, sources])
        pack(tag_article, [articles])
        for answer in answers:
            pickle.loads(answer)

    return cpu_ms(there_and_back) / BATCH


def prefect_ms() -> float:
    """Return what a task run takes of this process and of the server, which is its child."""

    @task
    async def nothing() -> None:
        """Do nothing."""

    @flow
    async def bare() -> float:
        await nothing()
        before = await _spent_when_quiet()
        for _ in range(RUNS):
            await nothing()
        return (await _spent_when_quiet() - before) * 1000 / RUNS

    return asyncio.run(bare())


async def _spent_when_quiet() -> float:
    """Return the CPU seconds that were spent, once the server has written its books."""
    spent = _spent()
    while True:
        await asyncio.sleep(1)
        before, spent = spent, _spent()
        if spent - before < QUIET:
            return spent


def _spent() -> float:
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def loading(sizes: Sequence[int]) -> tuple[list[tuple[str, float, float, float]], float]:
    """Return for each size what a page takes to load, and a publishing; and bytes an article."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        numbers = count()
        for before, size in zip((0, *sizes), sizes, strict=False):
            generate(home, before, size)
            _append(home, BATCH, next(numbers))  # warms up
            pages = [
                cpu_ms(lambda batch=batch: _append(home, batch, next(numbers))) / batch
                for batch in (BATCH, LARGE)
            ]
            published = _timed(lambda: publish(home), time.perf_counter)
            rows.append((f"{size:,}", *pages, published))
        return rows, home.live.stat().st_size / sizes[-1]


def _append(home: Home, batch: int, number: int) -> None:
    at = datetime(2026, 4, 15, tzinfo=UTC) + timedelta(minutes=number)
    looks = [Look(f"{number}.{n}", "A", number, ("META",)) for n in range(batch)]
    with writing(home) as connection:
        append(connection, batch_of(looks, available_at=at))


def text_ratio(articles: Sequence[Article]) -> float:
    """Return the bytes that DuckDB takes for a character of text: words as in news, shuffled."""
    mixed = random.Random(1)
    words = [article.text.split() for article in articles]
    texts = [" ".join(mixed.sample(w, len(w))) for w in words for _ in range(50)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.duckdb"
        with duckdb.connect(path) as connection:
            connection.execute("CREATE TABLE texts AS SELECT unnest($1) AS text", [texts])
        return path.stat().st_size / sum(map(len, texts))


def measure(sizes: Sequence[int], console: Console) -> list[Costs]:
    """Measure every step and return what a page takes, in a batch as it is and in a large one."""
    task_ms = prefect_ms()
    works = corpus()
    archived = archiving([page for page, _ in works])
    extracted, articles = extracting(works)
    typical = [newsroom_article(story.language, TEXT, n) for n, story in enumerate(stories())]
    tagged = [tag_article(article) for article in typical]
    loads, row_bytes = loading(sizes)
    size = mean(len(page.body) for page, _ in works)
    columns = ("articles", f"load, ms a page of {BATCH}", f"of {LARGE}", "publish, ms")
    print_rows(columns, loads, console)
    console.print(f"{len(works)} pages of {size / 1000:.0f} kB, texts of {TEXT:,} characters\n")
    return [
        Costs(
            fetch=fetching(),
            archive=archived,
            extract=extracted,
            tag=cpu_ms(lambda: [tag_article(article) for article in typical]) / len(typical),
            load=load,
            prefect=task_ms * TASK_RUNS / batch,
            packing=packing(works, tagged),
            archived=size * PACKED,
            loaded=row_bytes + (TEXT - MADE_TEXT) * text_ratio(articles),
        )
        for batch, load in ((BATCH, loads[-1][1]), (LARGE, loads[-1][2]))
    ]


def report(small: Costs, large: Costs, console: Console) -> None:
    """Print what a page takes, step by step, and what histories would."""
    steps = ("fetch", "archive", "extract", "tag", "load", "prefect", "packing")
    rows = [(n, *(f"{getattr(costs, n):.2f}" for costs in (small, large))) for n in steps]
    rows.append(("others can take", f"{small.shared:.2f}", f"{large.shared:.2f}"))
    rows.append(("the flow keeps", f"{small.kept:.2f}", f"{large.kept:.2f}"))
    columns = ("ms of a core a page", f"batches of {BATCH}", f"of {LARGE}")
    print_rows(columns, rows, console)
    for costs, batch in ((small, BATCH), (large, LARGE)):
        console.print(
            f"In batches of {batch} one flow feeds {costs.shared / costs.kept:.0f} cores of a"
            f" cluster: {1000 / costs.kept:,.0f} pages a second."
        )
    console.print(
        f"Bytes an article: {large.archived:,.0f} in the archive (assumed), {large.loaded:,.0f} in"
        " the warehouse.\n",
        soft_wrap=True,
    )
    columns = (
        *("estimate", "articles", "homes", "core-hours", "days, 2 cores"),
        *("archive, GB", "warehouse, GB", "days at 1 page a second"),
    )
    rows = [_history(name, n, large) for name, n in HISTORIES.items()]
    print_rows(columns, rows, console)


def _history(name: str, articles: int, costs: Costs) -> tuple[str, ...]:
    hours = articles * (costs.shared + costs.kept - costs.packing) / 3_600_000
    disk = (articles * costs.archived / 1e9, articles * costs.loaded / 1e9)
    figures = (hours, hours / 2 / 24, *disk, articles / 86_400)
    homes = -(-articles // IN_A_HOME)
    return (name, f"{articles:,}", f"{homes:,}", *(f"{figure:,.1f}" for figure in figures))


def main() -> None:
    """Measure and print."""
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  slow to import

    console = Console(highlight=False, width=150)
    with prefect_test_harness(server_startup_timeout=120):
        report(*measure(tuple(map(int, sys.argv[1:])) or SIZES, console), console)
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, duckdb"
        f" {duckdb.__version__}, {os.cpu_count()} cores (medians of {ROUNDS})"
    )


if __name__ == "__main__":
    main()
