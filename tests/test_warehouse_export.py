"""Export: every row of every table once, however often, and nothing of what is gone."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.connection import writing
from warehouse.errors import WarehouseError, WarehouseMissing
from warehouse.export import export, export_folders
from warehouse.home import Home
from warehouse.query import query, table_counts
from warehouse.snapshot import publish
from warehouse.transaction import transaction

MONTHS = [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 2, 9)]


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give a published warehouse with batches of three months."""
    home = Home(tmp_path / "warehouse")
    with writing(home) as connection:
        for number, at in enumerate(MONTHS):
            looks = [Look(f"{name}{number}", "A", number, ("META",)) for name in "ab"]
            append(connection, batch_of(looks, available_at=at))
    publish(home)
    return home


def exported(folder: Path, table: str) -> list[tuple[object, ...]]:
    """Read a table's files with DuckDB, months as a column of text."""
    files = f"read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = true)"
    return duckdb.execute(f"SELECT * FROM {files} ORDER BY ALL").fetchall()


def test_every_table_is_there_once(warehouse: Home, tmp_path: Path) -> None:
    """A file per table and month, with the same rows, however often it is done."""
    folder = tmp_path / "out"
    first = export(warehouse, folder)
    counts = table_counts(warehouse)
    assert first.rows == sum(counts.values())
    assert first.written == len(list(folder.rglob("*.parquet")))
    again = export(warehouse, folder)
    assert (again.rows, again.written, again.removed) == (first.rows, 0, 0)
    for table, count in counts.items():
        assert count == (len(exported(folder, table)) if count else 0), table
    names = sorted(path.name for path in (folder / "article_versions").iterdir())
    assert names == ["month=2026-01", "month=2026-02", "month=2026-09"]
    ((month, keys),) = duckdb.execute(
        f"SELECT month, count(DISTINCT article_key) FROM read_parquet("
        f"'{folder}/article_versions/*/*.parquet', hive_partitioning = true)"
        " WHERE month = '2026-09' GROUP BY month"
    ).fetchall()
    assert (str(month), keys) == ("2026-09", 2)
    ours = query(warehouse, "SELECT * FROM article_texts ORDER BY ALL").rows
    assert [row[:-1] for row in exported(folder, "article_texts")] == ours


def test_only_what_changed_is_written_again(warehouse: Home, tmp_path: Path) -> None:
    """A month with other rows, in place of the one before; a month without rows goes."""
    folder = tmp_path / "out"
    export(warehouse, folder)
    with writing(warehouse) as connection:
        append(connection, batch_of([Look("c", "C", 9)], available_at=MONTHS[2]))
        with transaction(connection):
            connection.execute("DELETE FROM article_topics WHERE available_at < '2026-02-01'")
            connection.execute(
                "UPDATE article_texts SET text = '' WHERE available_at < '2026-02-01'"
            )
    publish(warehouse)
    again = export(warehouse, folder)
    assert again.removed == 1
    assert not (folder / "article_topics" / "month=2026-01").exists()
    assert again.written < len(list(folder.rglob("*.parquet"))) / 2
    assert {row[2] for row in exported(folder, "article_texts")} == {
        "",
        "The text says A.",
        "The text says C.",
    }


def test_a_killed_export_is_completed(warehouse: Home, tmp_path: Path) -> None:
    """A half file has another name; a damaged one is replaced."""
    folder = tmp_path / "out"
    export(warehouse, folder)
    victim = folder / "article_texts" / "month=2026-02" / "article_texts.parquet"
    victim.write_bytes(victim.read_bytes()[:40])
    assert export(warehouse, folder).written == 1
    assert len(exported(folder, "article_texts")) == 6


def test_folders_are_remembered_for_takedowns(warehouse: Home, tmp_path: Path) -> None:
    """Those that are still there."""
    for name in ("one", "two", "one"):
        export(warehouse, tmp_path / name)
    (tmp_path / "two").rename(tmp_path / "three")
    assert export_folders(warehouse) == [tmp_path / "one"]


def test_what_cannot_be_exported_is_told(warehouse: Home, tmp_path: Path) -> None:
    """A file in the way, and nothing published."""
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(WarehouseError, match="out could not be exported to"):
        export(warehouse, tmp_path / "out")
    with pytest.raises(WarehouseMissing):
        export(Home(tmp_path / "empty"), tmp_path / "other")
