"""`make bench`: what a load and a publishing cost as the warehouse grows, and the example queries.

The articles are made in SQL: each with a text of about 700 characters, two tickers, two mentions,
a topic, a listing and an outcome, in the order of time over five years; every 50th was revised.
Medians are printed, because machines are noisy; the ratio is the figure to keep. The largest size
needs about 4 GB of disk; `python tests/bench_warehouse.py 10000 100000` measures other sizes.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console

from flows.display import print_rows
from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.connection import reading, writing
from warehouse.home import Home
from warehouse.snapshot import publish
from warehouse.transaction import checkpoint

SIZES = (10_000, 1_000_000, 3_000_000)
BATCH = 1_000
ROUNDS = 3
CHUNK = 250_000  # rows a transaction while generating
QUERIES = Path(__file__).parent.parent / "warehouse" / "queries"

_GENERATED = """
CREATE OR REPLACE TEMP TABLE generated AS
SELECT
    n,
    md5('version' || n)::UUID AS version_id,
    md5('article' || (n - (n % 50 = 1)::INT))::UUID AS article_key,
    md5('page' || n)::UUID AS page_id,
    md5('listing' || n)::UUID AS listing_id,
    TIMESTAMPTZ '2021-06-15' + n * INTERVAL 50 SECONDS AS published_at,
    TIMESTAMPTZ '2021-06-15' + n * INTERVAL 50 SECONDS + INTERVAL 1 MINUTE AS available_at,
    ['T' || hash(n) % 5000, if(n % 200 = 0, 'META', 'T' || n % 300)] AS tickers,
    ['earnings', 'ratings', 'guidance', 'deals'][n % 4 + 1] AS topic,
    'Headline number ' || n || ' about ' || md5(n::VARCHAR) AS title,
    'sample' AS source,
    'http://newsroom.example/' || n AS url
FROM range($first, $last) AS r(n)
"""
_INSERTS = {
    "article_versions": """
        * EXCLUDE (n, topic), if(n % 50 = 1, 2, 1) AS revision,
        if(n % 50 = 1, 'revised', 'new') AS cause, version_id AS content_hash,
        ['Ada Rossi'] AS authors, 'en' AS language, 700 AS text_length, 'page' AS text_from,
        'meta' AS published_at_from, 'second' AS published_at_precision,
        available_at AS first_seen_at, [topic] AS topics, tickers AS publisher_tickers,
        [] AS publisher_topics, [] AS published_at_doubts, '1' AS extractor_version,
        '1' AS tagger_version, '2026-01-01-1' AS reference_version, page_id AS run_id
    """,
    "article_texts": """
        version_id, article_key, available_at,
        array_to_string([md5(n::VARCHAR || w) || ' shares of the company ' FOR w IN range(13)], '')
            AS text
    """,
    "article_tickers": """
        version_id, article_key, unnest(tickers) AS symbol, 'NASDAQ' AS exchange,
        'mention' AS role, 0.9 AS confidence, 0.5 AS relevance, ['name'] AS evidence,
        1 AS mention_count, TRUE AS is_verified, published_at, available_at
    """,
    "ticker_mentions": """
        version_id, article_key, unnest(tickers) AS symbol, 'NASDAQ' AS exchange,
        'text' AS field, 0 AS char_start, 4 AS char_end, 'name' AS text, 'name' AS evidence,
        published_at, available_at
    """,
    "article_topics": """
        version_id, article_key, topic, 2.5 AS score, 1.0 AS relevance, ['beat'] AS evidence,
        published_at, available_at, 'rule' AS method, '00000000' AS taxonomy_version
    """,
    "listings": """
        listing_id, source, url, '' AS guid, title, published_at, available_at AS listed_at,
        json_object('source', source, 'url', url, 'title', title)::VARCHAR AS listing,
        page_id AS run_id, available_at
    """,
    "outcomes": """
        page_id AS outcome_id, listing_id, page_id, article_key, source,
        if(n % 50 = 1, 'revised', 'stored') AS outcome, '' AS reason, '' AS detail,
        version_id AS content_hash, available_at AS fetched_at, md5('batch' || n // 50)::UUID
            AS batch_id, page_id AS run_id, available_at
    """,
    "superseded_versions": """
        md5('version' || (n - 1))::UUID AS version_id, article_key, version_id AS superseded_by,
        available_at
    """,
}


def generate(home: Home, first: int, last: int) -> None:
    """Add the articles numbered first to last, without the last."""
    with writing(home) as connection:
        for start in range(first, last, CHUNK):
            numbers = {"first": start, "last": min(start + CHUNK, last)}
            connection.execute(_GENERATED, numbers)
            for table, columns in _INSERTS.items():
                insert(connection, table, columns)
        checkpoint(connection)


def insert(connection: duckdb.DuckDBPyConnection, table: str, columns: str) -> None:
    """Add generated rows to a table, with those columns that it has."""
    names = {name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    where = "WHERE n % 50 = 1" if table == "superseded_versions" else ""
    rows = f"SELECT {columns} FROM generated {where}"
    made = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    chosen = ", ".join(sorted(names & made))
    connection.execute(f"INSERT INTO {table} ({chosen}) SELECT {chosen} FROM ({rows})")


def timed(work: Callable[[], object]) -> float:
    """Return how long something takes, in milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def load(home: Home, number: int) -> None:
    """Append a batch of new articles, as a run does: turn, open, one transaction, close."""
    at = datetime(2026, 4, 15, tzinfo=UTC) + timedelta(minutes=number)
    looks = [Look(f"{number}.{n}", "A", number, ("META",)) for n in range(BATCH)]
    with writing(home) as connection:
        append(connection, batch_of(looks, available_at=at))


def measure(home: Home, size: int, numbers: count) -> tuple[str, float, float, float]:
    """Return what a load and a publishing take at this size, and the bytes an article takes."""
    load(home, next(numbers))  # warms up
    loads = [timed(lambda: load(home, next(numbers))) for _ in range(ROUNDS)]
    publishes = []
    for _ in range(ROUNDS):
        load(home, next(numbers))
        publishes.append(timed(lambda: publish(home)))
    return f"{size:,}", median(loads), median(publishes), home.live.stat().st_size / size


def ask(home: Home) -> list[tuple[str, float]]:
    """Return the warm median of each example query, the slowest first."""
    found = []
    for path in sorted(QUERIES.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        with reading(home.news) as connection:

            def run(sql: str = sql, connection: duckdb.DuckDBPyConnection = connection) -> object:
                return connection.execute(sql).fetchall()

            run()
            found.append((path.stem, median(timed(run) for _ in range(ROUNDS))))
    return sorted(found, key=lambda pair: -pair[1])


def main() -> None:
    """Measure and print."""
    console = Console(highlight=False)
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    numbers = count()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for before, size in zip((0, *sizes), sizes, strict=False):
            console.print(f"Making {size:,} articles ...")
            generate(home, before, size)
            rows.append(measure(home, size, numbers))
        asked = ask(home)
    ratios = ("ratio, last to first", rows[-1][1] / rows[0][1], rows[-1][2] / rows[0][2], "")
    columns = ("articles", f"append {BATCH:,}, ms", "publish, ms", "bytes an article")
    print_rows(columns, [*rows, ratios], console)
    print_rows(("query", f"ms at {sizes[-1]:,}, warm"), asked, console)
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, duckdb"
        f" {duckdb.__version__}, {os.cpu_count()} cores (medians of {ROUNDS})"
    )


if __name__ == "__main__":
    main()
