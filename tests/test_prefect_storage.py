"""What Prefect itself keeps of a run: states and counts, never what an article says."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from prefect.settings import (
    PREFECT_LOGGING_TO_API_ENABLED,
    get_current_settings,
    temporary_settings,
)
from sqlalchemy import make_url

from flows.ingest import ingest
from warehouse.home import Home
from warehouse.query import query

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect")]
MOST_BYTES = (
    500_000  # that a run adds: a dozen task runs with their states, events and lines of log
)


def database() -> Path:
    """Return the file of the server's database."""
    url = get_current_settings().server.database.connection_url
    assert url is not None
    return Path(str(make_url(url.get_secret_value()).database))


def size() -> int:
    """Return the bytes in the server's database that are in use."""
    with sqlite3.connect(database()) as connection:
        pages, free, each = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int(each * (pages - free))


def run() -> int:
    """Ingest the newsroom, its log sent to the server; return how many bytes that added."""
    before = size()
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        asyncio.run(ingest(["sample"]))
    return size() - before


def test_no_text_goes_into_prefect_s_own_storage(home: Path) -> None:
    """Not with its log either; measured over three runs, for events are written a while later."""
    each = sum(run() for _ in range(3)) // 3
    print(f"\nA run added {each:,} bytes to Prefect's database.")  # noqa: T201  pytest -s shows it
    assert each < MOST_BYTES
    results = get_current_settings().results.local_storage_path
    places = [*database().parent.glob(f"{database().name}*"), *results.rglob("*")]
    held = [path.read_bytes() for path in places if path.is_file()]
    assert any(b"ingest sample at" in body for body in held), "its database is elsewhere"
    texts = [text.encode() for (text,) in query(Home(home), "SELECT text FROM articles").rows]
    pieces = {text[at : at + 40] for text in texts for at in range(0, len(text) - 40, 200)}
    assert len(pieces) > 200
    assert [piece for piece in pieces if any(piece in body for body in held)] == []
