"""Publishing: whole, in one step, only when there is something new."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.connection import writing
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.home import Home
from warehouse.query import query, table_counts
from warehouse.snapshot import publish

TEXTS = "SELECT text FROM articles ORDER BY text"


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give the home of a warehouse with one article, not published yet."""
    made = Home(tmp_path / "warehouse")
    load(made, Look("a", "A", 1, ("META",)))
    return made


def load(home: Home, *looks: Look) -> None:
    """Load a batch of looks."""
    with writing(home) as connection:
        append(connection, batch_of(looks))


def test_what_is_loaded_can_be_read_once_it_is_published(warehouse: Home) -> None:
    """The copy stands alone: no log beside it, the same rows in it."""
    published = publish(warehouse)
    assert published.bytes == warehouse.news.stat().st_size
    assert not published.skipped
    assert query(warehouse, TEXTS).rows == [("The text says A.",)]
    assert sorted(path.name for path in warehouse.root.iterdir()) == [
        "live.duckdb",
        "news.duckdb",
        "writer.lock",
    ]


def test_nothing_new_is_not_published_again(warehouse: Home) -> None:
    """A batch that was loaded before is nothing new."""
    publish(warehouse)
    before = warehouse.news.stat().st_ino
    load(warehouse, Look("a", "A", 1, ("META",)))
    assert publish(warehouse).skipped
    assert warehouse.news.stat().st_ino == before
    load(warehouse, Look("b", "B", 2))
    assert not publish(warehouse).skipped
    assert len(query(warehouse, TEXTS).rows) == 2


def test_publishing_can_be_paced(warehouse: Home) -> None:
    """A young copy stays though there is something new; an old one, or none, is replaced."""
    long_ago, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    assert not publish(warehouse, recent=long_ago).skipped
    load(warehouse, Look("b", "B", 2))
    assert publish(warehouse, recent=long_ago).skipped
    assert not publish(warehouse, recent=later).skipped
    assert len(query(warehouse, TEXTS).rows) == 2


def test_who_has_the_old_copy_open_keeps_it(warehouse: Home) -> None:
    """Publishing waits for no reader, and disturbs none."""
    publish(warehouse)
    with duckdb.connect(warehouse.news, read_only=True) as old:
        load(warehouse, Look("b", "B", 2))
        assert not publish(warehouse).skipped
        assert old.execute(TEXTS).fetchall() == [("The text says A.",)]
    assert len(query(warehouse, TEXTS).rows) == 2


def test_a_copy_that_was_lost_or_damaged_is_made_anew(warehouse: Home) -> None:
    """The live database has everything."""
    publish(warehouse)
    warehouse.news.write_text("overwritten by mistake")
    assert not publish(warehouse).skipped
    warehouse.news.unlink()
    assert not publish(warehouse).skipped
    assert len(query(warehouse, TEXTS).rows) == 1


def test_what_a_killed_publisher_left_is_cleared_away(warehouse: Home) -> None:
    """Its half copy has another name."""
    leftover = warehouse.root / ".news.duckdb.1.part"
    leftover.write_bytes(b"half a copy")
    publish(warehouse)
    assert not leftover.exists()


def test_what_someone_wrote_into_the_old_copy_does_not_reach_the_new_one(warehouse: Home) -> None:
    """A log beside the copy, of a program that died, goes with the old copy."""
    publish(warehouse)
    scribble = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]);"
        "connection.execute('CREATE TABLE mine (a INT)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", scribble, str(warehouse.news)], check=True)
    assert warehouse.news.with_name("news.duckdb.wal").exists()
    load(warehouse, Look("b", "B", 2))
    publish(warehouse)
    assert "mine" not in table_counts(warehouse)
    assert len(query(warehouse, TEXTS).rows) == 2


def test_publishing_waits_its_turn(warehouse: Home) -> None:
    """It never copies while someone writes."""
    with writing(warehouse), pytest.raises(WarehouseBusy):
        publish(warehouse, wait=timedelta(milliseconds=100))


def test_a_copy_that_cannot_be_replaced_is_named(warehouse: Home) -> None:
    """A folder stands in the way."""
    warehouse.news.mkdir()
    with pytest.raises(WarehouseError, match=r"news\.duckdb"):
        publish(warehouse)
