"""Counts what is written, so that publishing can tell whether anything is new."""

from duckdb import DuckDBPyConnection


def count_change(connection: DuckDBPyConnection) -> None:
    """Note that something was written in the current transaction."""
    connection.execute("UPDATE change_count SET changes = changes + 1")


def changes(connection: DuckDBPyConnection) -> int:
    """Return how many times anything was written to this database."""
    return int(connection.execute("SELECT changes FROM change_count").fetchall()[0][0])
