"""Compaction: many small files become few, page by page the same, and no batch is forgotten."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from tests.warehouse_rows import Look, page_row
from warehouse import compaction
from warehouse.archive import pending, read_batch, settle, write_batch
from warehouse.compaction import Compacted, compact
from warehouse.connection import writer_lock
from warehouse.errors import WarehouseBusy
from warehouse.home import Home

BATCHES = 6


def rows_of(number: int) -> list[dict[str, object]]:
    """Return the pages of one batch, the last two in another month."""
    later = timedelta(days=31 if number >= BATCHES - 2 else 0)
    looks = [Look(name, f"{name}{number}", number) for name in "ab"]
    return [page_row(look, fetched_at=look.at + later, body=bytes(500)) for look in looks]


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give an archive with settled batches in two months, and one that is pending."""
    home = Home(tmp_path)
    for number in range(BATCHES):
        settle(home, write_batch(home, rows_of(number)))
    write_batch(home, [page_row(Look("waiting", "W", 50))])
    return home


def everything(home: Home) -> dict[UUID, list[dict[str, object]]]:
    """Return the pages of all settled batches, by batch, as the archive gives them."""
    return {
        batch_id: read_batch(home, batch_id)
        for batch_id in (write_batch(home, rows_of(number)) for number in range(BATCHES))
    }


def page_count(home: Home) -> int:
    """Count pages as someone would who reads the folder with DuckDB."""
    files = f"read_parquet('{home.archive}/pages/*/*.parquet', hive_partitioning = true)"
    ((pages, distinct),) = duckdb.execute(
        f"SELECT count(*), count(DISTINCT page_id) FROM {files}"
    ).fetchall()
    assert pages == distinct
    return int(pages)


def test_pages_are_the_same_in_fewer_files(warehouse: Home) -> None:
    """A file a month; every batch is found by its id; doing it again changes nothing."""
    before = everything(warehouse)
    assert compact(warehouse) == Compacted(BATCHES, 2)
    assert everything(warehouse) == before
    assert pending(warehouse) != list(before), "a packed batch is known, not written again"
    assert len(pending(warehouse)) == 1
    assert page_count(warehouse) == BATCHES * 2
    packed = sorted(warehouse.archive.glob("pages/*/*"))
    assert compact(warehouse) == Compacted(2, 2)
    assert sorted(warehouse.archive.glob("pages/*/*")) == packed


def test_packed_files_take_up_what_comes_later(warehouse: Home) -> None:
    """Until they are large enough; then they are left alone."""
    compact(warehouse)
    settle(warehouse, pending(warehouse)[0])
    assert compact(warehouse) == Compacted(3, 2)
    size = max(path.stat().st_size for path in warehouse.archive.glob("pages/*/*"))
    assert page_count(warehouse) == BATCHES * 2 + 1
    assert compact(warehouse, target_bytes=size).files_after == 2


def test_killed_between_two_steps_it_doubles_nothing(
    warehouse: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead after the packed file and before the small ones go: the next one removes them."""
    before = everything(warehouse)
    with monkeypatch.context() as patch:
        patch.setattr(compaction, "_check_same", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compact(warehouse)
    assert len(list(warehouse.archive.glob("pages/*/*.parquet"))) > BATCHES
    assert everything(warehouse) == before
    assert compact(warehouse).files_after == 2
    assert everything(warehouse) == before
    assert page_count(warehouse) == BATCHES * 2


def test_a_damaged_file_is_named_and_costs_itself_alone(warehouse: Home) -> None:
    """It stays where it is; the others are packed."""
    damaged = next(warehouse.archive.glob("pages/month=2026-03/*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    notes = damaged.with_name("notes.parquet")
    notes.write_text("somebody else's")
    compacted = compact(warehouse)
    assert (compacted.files_before, compacted.files_after) == (BATCHES, 3)
    assert damaged.name in compacted.problems[0]
    assert damaged.exists()
    assert notes.exists()


def test_a_copy_that_came_out_otherwise_is_thrown_away(
    warehouse: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small files are only removed for a packed one that was read back."""
    write = compaction.write_file
    monkeypatch.setattr(
        compaction, "write_file", lambda path, parts: write(path, list(parts)[::-1])
    )
    compacted = compact(warehouse)
    assert compacted.files_after == BATCHES
    assert "came out other" in compacted.problems[0]


def test_it_waits_its_turn(warehouse: Home) -> None:
    """Loads and takedowns move files too."""
    with writer_lock(warehouse), pytest.raises(WarehouseBusy):
        compact(warehouse, wait=timedelta(milliseconds=50))
