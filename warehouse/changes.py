"""Counts what is written, so that publishing can tell whether anything is new."""

from collections.abc import Iterator
from contextlib import contextmanager

from duckdb import DuckDBPyConnection

_counted: dict[int, bool] = {}  # by id of a connection with a transaction: has it been counted?


@contextmanager
def counting_once(connection: DuckDBPyConnection) -> Iterator[None]:
    """Let ``count_change`` count once, however often it is called inside: for a transaction."""
    _counted[id(connection)] = False
    try:
        yield
    finally:
        del _counted[id(connection)]


def count_change(connection: DuckDBPyConnection) -> None:
    """Note that something was written in the current transaction."""
    if _counted.get(id(connection)):
        return
    connection.execute("UPDATE change_count SET changes = changes + 1")
    if id(connection) in _counted:
        _counted[id(connection)] = True


def changes(connection: DuckDBPyConnection) -> int:
    """Return how many times anything was written to this database."""
    return int(connection.execute("SELECT changes FROM change_count").fetchall()[0][0])
