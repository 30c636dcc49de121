"""Everything the warehouse raises on purpose.

::

    WarehouseError
    ├── WarehouseBusy      someone else holds the database; try again
    ├── WarehouseMissing   there is no database yet
    ├── WarehouseTooNew    the database was made by a newer version
    ├── RowError           a row does not fit its table: a mistake in the calling code
    ├── QueryError         the SQL that a person wrote cannot run
    └── ArchiveError       a file of the archive cannot be read

Messages speak to a person: what happened, where, what to do.
"""

from pathlib import Path


class WarehouseError(Exception):
    """What went wrong, where, and what to do, in a sentence or two for a person."""


class WarehouseBusy(WarehouseError):
    """Someone else held the database for longer than we were told to wait."""

    def __init__(self, path: Path, holder: str, waited: float) -> None:
        """Take the file, who holds it as far as it can be told, and the seconds waited."""
        super().__init__(path, holder, waited)  # all as args: the error survives pickling
        self.path = path
        self.holder = holder
        self.waited = waited

    def __str__(self) -> str:
        return (
            f"{self.path} is in use by {self.holder}; waited {self.waited:.1f} s. Close that"
            " program or wait for it, then run this again: nothing was lost. A program that only"
            " reads should open news.duckdb, and open it read-only."
        )


class WarehouseMissing(WarehouseError):
    """There is no database to read yet."""


class WarehouseTooNew(WarehouseError):
    """The database was made by a newer version of the program or of DuckDB."""


class RowError(WarehouseError):
    """A row's keys or values do not fit the table; the message names table, column and value."""


class QueryError(WarehouseError):
    """The SQL cannot run; the message says why and what there is instead."""


class ArchiveError(WarehouseError):
    """A file of the archive is missing, damaged, or not one of ours; the message names it."""
