"""Writes the live database anew, so that no byte of what was erased is left in its file.

DuckDB keeps the bytes of deleted rows: in row groups that others still share, and in blocks that
are free but not emptied.
"""

from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.connection import open_copy, open_live
from warehouse.errors import WarehouseError
from warehouse.files import remove_leftovers, replace_whole
from warehouse.home import Home
from warehouse.snapshot import require_whole
from warehouse.transaction import checkpoint, one_line, transaction


def rewrite(home: Home) -> None:
    """Replace the live file by one with the same rows in the same order, and nothing else.

    Inside the writer's turn. A crash leaves the old file or the new one. Needs room for a second
    file. Raises WarehouseError when it cannot be made; the old file then stays.
    """
    with open_live(home) as connection:
        checkpoint(connection)
    require_whole(home)
    remove_leftovers(home.live)
    try:
        replace_whole(home.live, lambda temporary: _copy_rows(home.live, temporary))
    except (OSError, duckdb.Error) as error:
        said = one_line(error) if isinstance(error, duckdb.Error) else str(error)
        raise WarehouseError(
            f"{home.live} could not be written anew: {said} It is as it was; run this again."
        ) from error


def _copy_rows(live: Path, temporary: Path) -> None:
    with open_copy(temporary) as connection:
        connection.execute(f"ATTACH '{_quoted(live)}' AS old (READ_ONLY)")
        ours = _tables(connection, "current_database()")
        for table in _tables(connection, "'old'"):
            with transaction(connection):
                if table in ours:
                    connection.execute(f'DELETE FROM "{table}"')
                    connection.execute(f'INSERT INTO "{table}" BY NAME FROM old."{table}"')
                else:  # somebody's own: not ours to lose
                    connection.execute(f'CREATE TABLE "{table}" AS FROM old."{table}"')
        connection.execute("DETACH old")
        checkpoint(connection)


def _tables(connection: DuckDBPyConnection, database: str) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables()"
        f" WHERE database_name = {database} AND schema_name = 'main' ORDER BY table_name"
    ).fetchall()
    return [name for (name,) in rows]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
