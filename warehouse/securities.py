"""Keeps the table of securities as the newest reference has it."""

from collections.abc import Callable

from duckdb import DuckDBPyConnection

from warehouse.rows import Rows, insert
from warehouse.transaction import transaction


def load_securities(connection: DuckDBPyConnection, version: str, rows: Callable[[], Rows]) -> bool:
    """Make ``securities`` hold this version of the reference and return whether it changed.

    A version starts with its day, ``2026-11-23-3f9a02c4``; one that is older than what the table
    holds is left, and the rows are only asked for when they are needed.
    """
    held = connection.execute("SELECT max(reference_version) FROM securities").fetchone()
    known = str(held[0] or "") if held else ""
    if known == version or known[:10] > version[:10]:
        return False
    with transaction(connection):
        connection.execute("DELETE FROM securities")
        insert(connection, "securities", rows())
    return True
