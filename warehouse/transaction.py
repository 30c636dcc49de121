"""All or nothing: one transaction, and DuckDB's errors put into words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.changes import counting_once
from warehouse.errors import WarehouseError


@contextmanager
def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end, or roll everything back when anything is raised inside.

    DuckDB's own errors are raised as WarehouseError. After one of them the commit may have
    happened all the same (DuckDB says so when the disk is full), so what is done inside must
    bear being done again.
    """
    try:
        connection.execute("BEGIN TRANSACTION")
        with counting_once(connection):
            yield
        connection.execute("COMMIT")
    except BaseException as error:
        _roll_back(connection)
        if isinstance(error, duckdb.Error):
            raise WarehouseError(
                f"The database could not be written: {one_line(error)} Run this again when the"
                " cause is mended: what was saved is not saved twice."
            ) from error
        raise


def checkpoint(connection: DuckDBPyConnection) -> None:
    """Move everything from the write-ahead log into the database file. Raises WarehouseError."""
    try:
        connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise WarehouseError(f"The database could not be flushed: {one_line(error)}") from error


def one_line(error: duckdb.Error) -> str:
    """Return the first paragraph of DuckDB's message as a sentence, without its class."""
    first = str(error).split("\n\n", maxsplit=1)[0]
    sentence = " ".join(re.sub(r"^[\w ]+ Error: ", "", first).split())
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _roll_back(connection: DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:
        # No transaction is left to roll back: DuckDB ended it, or the database, by itself.
        return
