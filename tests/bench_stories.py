"""`make bench`: what it costs to find the stories of new articles as the history grows.

Fingerprints are made in SQL, one for each half minute back from START, all of one size up to the
next, and then the same number again within three days, so that each new article lies near to all.
Of the new ones, one in ten is a copy of another, and each load is made into a database that was
just opened. What is timed is the whole load, and the part of it that finds the stories.
"""

import os
import platform
import random
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import duckdb
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.tagging.stories.fingerprints import fingerprint
from tests.articles import article
from tests.warehouse_rows import START, Look, batch_of
from warehouse.append import append
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.stories import tell_stories
from warehouse.transaction import checkpoint

SIZES = (10_000, 100_000, 1_000_000)
BATCHES = (50, 1_000)
ROUNDS = 5
CHUNK = 100_000  # rows a transaction while generating

_GENERATED = """
CREATE OR REPLACE TEMP TABLE generated AS
SELECT
    md5('version' || n)::UUID AS version_id,
    md5('article' || n)::UUID AS article_key,
    unhex(array_to_string([md5(n || '-' || i) FOR i IN range(32)], '')) AS signature,
    TIMESTAMPTZ '{start}' - n * INTERVAL {apart} MILLISECONDS AS told_at
FROM range({first}, {last}) AS r(n)
"""
_FINGERPRINTS = """
INSERT INTO article_fingerprints BY NAME
SELECT
    version_id, article_key, 'en' AS language, signature, 400 AS shingle_count,
    ['T' || hash(version_id) % 5000] AS subjects, [] AS firms,
    [(hash(version_id) >> i) % 10000 FOR i IN range(12)]::VARCHAR[] AS numbers,
    ['name' || (hash(version_id) >> i) % 1000 FOR i IN range(12)] AS names, names[:4] AS main_names,
    told_at AS first_seen_at, told_at AS published_at, told_at AS available_at
FROM generated
"""
_BANDS = """
INSERT INTO fingerprint_bands BY NAME
SELECT
    version_id, unnest([hash(version_id, i) % 4294967296 FOR i IN range(40)]) AS band, told_at
FROM generated
"""
_STORIES = """
INSERT INTO article_stories BY NAME
SELECT
    version_id, article_key, article_key AS story_id, NULL AS follows, 1 AS similarity,
    1 AS novelty, true AS is_first, 0 AS delay_seconds, 0 AS moves, told_at AS published_at,
    told_at AS first_seen_at, told_at AS available_at
FROM generated
"""


def generate(home: Home, first: int, last: int, apart: int) -> None:
    """Add the stories of articles number first to last - 1, so many milliseconds apart."""
    for low in range(first, last, CHUNK):
        high = min(low + CHUNK, last)
        with writing(home) as connection:
            connection.execute(
                _GENERATED.format(start=START.isoformat(), first=low, last=high, apart=apart)
            )
            for sql in (_FINGERPRINTS, _BANDS, _STORIES):
                connection.execute(sql)


def measure(home: Home, count: int, draw: random.Random) -> tuple[float, float]:
    """Return the milliseconds of a load of so many articles, and of finding their stories."""
    loads, links = [], []
    for _ in range(ROUNDS):
        looks = [Look(f"new {draw.random()}", "says", 0) for _ in range(count)]
        prints = [_row(look, draw) for look in looks]
        for one, other in zip(prints[::10], prints[1::10], strict=True):
            other.update({name: one[name] for name in ("signature", "numbers")})
        batch = batch_of(looks, article_fingerprints=prints)
        with writing(home) as connection, _timed(links):
            began = time.perf_counter()
            append(connection, batch)
            loads.append(1_000 * (time.perf_counter() - began))
    return median(loads), median(links)


@contextmanager
def _timed(milliseconds: list[float]) -> Iterator[None]:
    """Add what ``tell_stories`` takes in a load meanwhile."""

    def timed(*given: Any) -> None:
        began = time.perf_counter()
        tell_stories(*given)
        milliseconds.append(1_000 * (time.perf_counter() - began))

    with patch("warehouse.append.tell_stories", timed):
        yield


def _row(look: Look, draw: random.Random) -> dict[str, object]:
    return {
        "page_id": look.page_id,
        "language": "en",
        "signature": struct.pack("<128I", *(draw.getrandbits(32) for _ in range(128))),
        "shingle_count": 400,
        "subjects": ["META"],
        "firms": [],
        "numbers": [str(draw.randrange(10, 10_000)) for _ in range(12)],
        "names": ["meta"],
        "main_names": ["meta"],
        "first_seen_at": look.at - timedelta(minutes=draw.randrange(600)),
    }


def _bytes(home: Home) -> int:
    with writing(home) as connection:
        checkpoint(connection)
    return home.live.stat().st_size


def fingerprinting() -> float:
    """Return the milliseconds that the fingerprint of an article of 4,000 characters takes."""
    draw = random.Random(1)
    words = [f"word{draw.randrange(3_000)}" for _ in range(350)] + ["Meta", "rose", "4.7%"] * 60
    draw.shuffle(words)
    told = article("A headline", " ".join(words)[:4_000])
    began = time.perf_counter()
    for _ in range(200):
        fingerprint(told, ())
    return 5 * (time.perf_counter() - began)


def main() -> None:
    """Print the table; sizes may be given as arguments."""
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    console = Console(highlight=False)
    rows: list[tuple[object, ...]] = []
    draw = random.Random(0)
    for apart, spread in ((30_000, "1 in 30 s"), (259_200_000 // sizes[-1], "all in 3 days")):
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder))
            for before, size in zip((0, *sizes), sizes, strict=False):
                generate(home, before, size, apart)
                costs = [cost for count in BATCHES for cost in measure(home, count, draw)]
                size_each = _bytes(home) / size
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
                rows.append((size, spread, *map(round, costs), round(size_each), memory))
    columns = [f"{part} {count:,}, ms" for count in BATCHES for part in ("load", "link")]
    print_rows(("articles", "spread", *columns, "bytes an article", "peak MB"), rows, console)
    console.print(
        f"A fingerprint of 4,000 characters: {fingerprinting():.2f} ms."
        f" {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, duckdb"
        f" {duckdb.__version__}, {os.cpu_count()} cores (medians of {ROUNDS})"
    )


if __name__ == "__main__":
    main()
