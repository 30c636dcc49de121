"""Exports all tables to Parquet, a file per table and month: for other tools, and as a backup.

::

    DIR/article_versions/month=2026-03/article_versions.parquet   by available_at, in UTC
    DIR/topics/topics.parquet                                     tables without that column

Names are the same each time and each file is replaced whole, so repeating an export doubles
nothing. A month whose rows have not changed is not written again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from warehouse.connection import reading
from warehouse.errors import WarehouseError
from warehouse.files import replace_text, replace_whole
from warehouse.home import Home
from warehouse.transaction import one_line

_STAMP = b"newsledger.stamp"  # of a file: number and hash of its rows


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to."""

    tables: int
    rows: int  # in all files, written now or before
    written: int  # files that were new or had changed
    removed: int  # files of months that have no rows any more


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    select: str
    rows: int
    stamp: str


def export(home: Home, folder: Path) -> Exported:
    """Export the published copy into a folder, which is made where it is missing.

    Raises WarehouseMissing when nothing is published, WarehouseError when a file cannot be
    written; running it again completes what is there.
    """
    try:
        _remember(home, folder)
        with reading(home.news) as connection:
            tables = _tables(connection)
            parts = [
                part
                for table, monthly in tables
                for part in _parts(connection, table, folder, monthly=monthly)
            ]
            written = sum(_write(connection, part) for part in parts)
        removed = _remove_others(folder, [table for table, _ in tables], {p.path for p in parts})
    except (OSError, duckdb.Error) as error:
        said = one_line(error) if isinstance(error, duckdb.Error) else str(error)
        raise WarehouseError(
            f"{folder} could not be exported to: {said} Mend that and run this again."
        ) from error
    return Exported(len(tables), sum(part.rows for part in parts), written, removed)


def export_folders(home: Home) -> list[Path]:
    """Return the folders that were exported to and are still there."""
    if not home.export_list.exists():
        return []
    listed = json.loads(home.export_list.read_text(encoding="utf-8"))
    return [folder for folder in map(Path, listed) if folder.is_dir()]


def _remember(home: Home, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = {str(path) for path in export_folders(home)}
    listed = json.dumps(sorted(known | {str(folder.absolute())}), indent=1)
    if str(folder.absolute()) not in known:
        replace_text(home.export_list, listed)


def _tables(connection: DuckDBPyConnection) -> list[tuple[str, bool]]:
    """Return the names of all tables, and whether each is split by month."""
    return connection.execute(
        "SELECT table_name, bool_or(column_name = 'available_at') FROM duckdb_columns()"
        " SEMI JOIN duckdb_tables() USING (table_oid)"
        " WHERE schema_name = 'main' GROUP BY table_name ORDER BY table_name"
    ).fetchall()


def _parts(
    connection: DuckDBPyConnection, table: str, folder: Path, *, monthly: bool
) -> Iterator[_Part]:
    month = "strftime(available_at, '%Y-%m')" if monthly else "''"
    counted = connection.execute(
        f'SELECT {month} AS month, count(*), sum(hash(t))::VARCHAR FROM "{table}" AS t'
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    for name, rows, hashes in counted:
        place = folder / table / f"month={name}" if monthly else folder / table
        where = f" WHERE {_within(name)}" if monthly else ""
        select = f'SELECT * FROM "{table}"{where}'
        yield _Part(place / f"{table}.parquet", select, rows, f"{rows} {hashes}")


def _within(month: str) -> str:
    """Say a month as an interval: DuckDB skips what lies outside of it."""
    start = f"TIMESTAMPTZ '{month}-01 00:00:00+00'"
    return f"available_at >= {start} AND available_at < {start} + INTERVAL 1 MONTH"


def _write(connection: DuckDBPyConnection, part: _Part) -> bool:
    """Write a file unless it has the same rows already; return whether it was written."""
    if _stamp(part.path) == part.stamp:
        return False
    replace_whole(part.path, lambda temporary: _copy(connection, part, temporary))
    return True


def _copy(connection: DuckDBPyConnection, part: _Part, temporary: Path) -> None:
    target = str(temporary).replace("'", "''")
    connection.execute(
        f"COPY ({part.select}) TO '{target}' (FORMAT parquet, COMPRESSION zstd,"
        f" KV_METADATA {{'{_STAMP.decode()}': '{part.stamp}'}})"
    )


def _stamp(path: Path) -> str:
    """Return the stamp of a file; "" where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            found = pq.read_metadata(file).metadata or {}
    except (OSError, pa.ArrowException):
        return ""
    return str(found.get(_STAMP, b"").decode())


def _remove_others(folder: Path, tables: list[str], current: set[Path]) -> int:
    """Remove files of ours whose rows are gone; return how many there were."""
    ours = [path for table in tables for path in folder.glob(f"{table}/**/{table}.parquet")]
    stale = [path for path in ours if path not in current]
    for path in stale:
        path.unlink()
        if path.parent.name.startswith("month=") and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return len(stale)
