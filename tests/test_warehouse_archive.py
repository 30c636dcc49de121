"""The archive: whole files, found again after any crash, and damage that stays where it is."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse_rows import Look, page_row
from warehouse.archive import pending, read_batch, set_aside, settle, write_batch
from warehouse.batch_file import PAGES, Entry, read_whole
from warehouse.errors import ArchiveError, RowError
from warehouse.home import Home

A, B = Look("a", "A", 1), Look("b", "B", 2)


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give the home of a warehouse that does not exist yet."""
    return Home(tmp_path / "warehouse")


def test_pages_come_back_as_they_were_given(warehouse: Home) -> None:
    """Bytes, ids and instants are kept to the last bit."""
    rows = [page_row(A, body=bytes(range(256))), page_row(B, body=b"")]
    assert read_batch(warehouse, write_batch(warehouse, rows)) == rows


def test_the_same_pages_are_the_same_batch(warehouse: Home) -> None:
    """The id follows from the pages, in whatever order; nothing is written twice."""
    first = write_batch(warehouse, [page_row(A), page_row(B)])
    assert write_batch(warehouse, [page_row(B), page_row(A)]) == first
    assert pending(warehouse) == [first]


def test_a_loaded_batch_moves_to_the_month_of_its_first_page(warehouse: Home) -> None:
    """It is no longer pending, can still be read, and settling it again changes nothing."""
    late = page_row(B, fetched_at=datetime(2026, 4, 1, tzinfo=UTC))
    batch_id = write_batch(warehouse, [late, page_row(A)])
    path = settle(warehouse, batch_id)
    assert path.parent.name == "month=2026-03"
    assert pending(warehouse) == []
    assert len(read_batch(warehouse, batch_id)) == 2
    assert settle(warehouse, batch_id) == path
    assert write_batch(warehouse, [late, page_row(A)]) == batch_id
    assert pending(warehouse) == []


def test_duckdb_reads_the_archive(warehouse: Home) -> None:
    """The files are plain Parquet, with the month as a partition."""
    settle(warehouse, write_batch(warehouse, [page_row(A)]))
    pages = f"read_parquet('{warehouse.archive}/pages/*/*.parquet', hive_partitioning = true)"
    found = duckdb.execute(f"SELECT page_id, body, month FROM {pages}").fetchall()
    assert found == [(A.page_id, b"<p>A</p>", "2026-03")]


def test_batches_are_taken_up_oldest_first(warehouse: Home) -> None:
    """In the order in which they were written; foreign names are left alone."""
    looks = [Look("a", "A", minute) for minute in range(5)]
    written = [write_batch(warehouse, [page_row(look)]) for look in looks]
    (warehouse.archive / "pending" / "notes.parquet").write_text("mine")
    assert pending(warehouse) == written


@pytest.mark.parametrize("length", [0, 3, 100, -9])
def test_a_file_cut_short_is_named_and_can_be_set_aside(warehouse: Home, length: int) -> None:
    """The other batches go on."""
    bad, good = (write_batch(warehouse, [page_row(look)]) for look in (A, B))
    path = warehouse.archive / "pending" / f"{bad}.parquet"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ArchiveError, match=f"{bad}.parquet cannot be read"):
        read_batch(warehouse, bad)
    assert set_aside(warehouse, bad).parent.name == "damaged"
    assert pending(warehouse) == [good]
    assert len(read_batch(warehouse, good)) == 1


def test_a_page_that_decayed_on_the_disk_is_noticed(warehouse: Home) -> None:
    """Checksums in the file tell changed bytes from those that were written."""
    body = bytes(range(256)) * 4
    batch_id = write_batch(warehouse, [page_row(A, body=body)])
    path = warehouse.archive / "pending" / f"{batch_id}.parquet"
    raw = bytearray(path.read_bytes())
    raw[raw.index(bytes(range(200, 256)))] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ArchiveError, match="damaged"):
        read_batch(warehouse, batch_id)


def test_foreign_files_are_told_apart(warehouse: Home) -> None:
    """Parquet with other columns, or with other pages than its name says."""
    first, second = (write_batch(warehouse, [page_row(look)]) for look in (A, B))
    folder = warehouse.archive / "pending"
    pq.write_table(pa.table({"price": [1.0]}), folder / f"{first}.parquet")
    with pytest.raises(ArchiveError, match="its columns are: price"):
        read_batch(warehouse, first)
    (folder / f"{second}.parquet").rename(folder / f"{first}.parquet")
    with pytest.raises(ArchiveError, match="other pages than its name says"):
        read_batch(warehouse, first)
    with pytest.raises(ArchiveError, match=f"has no batch {second}"):
        read_batch(warehouse, second)


def test_a_file_from_before_the_facts_of_the_fetch_is_read(warehouse: Home) -> None:
    """Its pages have the columns of today, those that it lacks empty."""
    batch_id = write_batch(warehouse, [page_row(A)])
    path = warehouse.archive / "pending" / f"{batch_id}.parquet"
    pages = read_whole(path, 0, Entry(batch_id)).drop_columns(PAGES.names[10:])
    metadata = pq.read_schema(path).metadata
    pq.write_table(pages.replace_schema_metadata(metadata), path)
    (row,) = read_batch(warehouse, batch_id)
    facts = {"requested_url": "", "headers": {}, "asked_at": None}
    facts |= {"charset": "", "charset_from": "", "body_hash": None, "body_bytes": None}
    assert row == page_row(A) | facts
    assert settle(warehouse, batch_id)


def test_rows_that_do_not_fit_are_refused(warehouse: Home) -> None:
    """Nothing is written of them."""
    with pytest.raises(RowError, match=r"pages.*unknown: adress"):
        write_batch(warehouse, [page_row(A, adress="x")])
    with pytest.raises(RowError, match="at least one page"):
        write_batch(warehouse, [])
    assert pending(warehouse) == []


def test_a_write_that_fails_leaves_nothing(warehouse: Home) -> None:
    """A file stands where the folder should be: the message says so."""
    warehouse.root.mkdir()
    warehouse.archive.write_text("in the way")
    with pytest.raises(ArchiveError, match="could not be written"):
        write_batch(warehouse, [page_row(A)])
