"""What pages cannot tell, carried over when a warehouse is made anew from its archive.

That is the ledger: what was listed and when, attempts that brought no page (a removal that a server
told, a fetch that failed), runs and polls, and takedowns with their reasons. It is read from the
published copy, or, where that cannot be opened, from the nightly export.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.connection import reading
from warehouse.errors import WarehouseError
from warehouse.home import Home
from warehouse.transaction import transaction

_OWN = ("schema_migrations", "change_count")  # each database has its own
_LOADED = ("outcomes", "batches")  # and all tables with a version_id
_TABLES = """
SELECT table_name, bool_or(column_name = 'version_id') FROM duckdb_columns()
SEMI JOIN duckdb_tables() USING (table_oid)
WHERE schema_name = 'main' AND database_name = current_database()
GROUP BY table_name ORDER BY table_name
"""
_COLUMNS = """
SELECT column_name FROM duckdb_columns()
WHERE schema_name = 'main' AND database_name = current_database() AND table_name = $1
ORDER BY column_index
"""
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A batch that was loaded: when, and by which run."""

    at: datetime
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Ledger:
    """An earlier ledger that can be read; ``where`` says to a person what it is."""

    connection: DuckDBPyConnection
    where: str

    def removals(self) -> dict[UUID, list[dict[str, Any]]]:
        """Return, by batch, what ended as removed without a page: outcomes with their listing.

        What was taken down since has no words left, and is not among them.
        """
        found = self.connection.execute(
            "SELECT o.batch_id, o.reason, o.detail, o.fetched_at, o.article_key, l.listing"
            " FROM outcomes AS o INNER JOIN listings AS l ON l.listing_id = o.listing_id"
            " WHERE o.outcome = 'removed' AND o.page_id IS NULL AND l.listing <> '{}'"
        )
        names = [column[0] for column in found.description or ()]
        removals: dict[UUID, list[dict[str, Any]]] = {}
        for row in found.fetchall():
            outcome = dict(zip(names, row, strict=True))
            removals.setdefault(outcome.pop("batch_id"), []).append(outcome)
        return removals

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return _count(self.connection, table) if _columns(self.connection, table) else 0


def loaded_batches(connection: DuckDBPyConnection) -> dict[UUID, Loaded]:
    """Return the batches that a ledger knows, those without pages too."""
    rows = connection.execute(
        "SELECT batch_id, min(available_at), arg_min(run_id, available_at) FROM batches"
        " GROUP BY ALL"
    )
    return {batch_id: Loaded(at, run_id) for batch_id, at, run_id in rows.fetchall()}


@contextmanager
def earlier_ledger(home: Home) -> Iterator[Ledger | None]:
    """Open the ledger of a home: the published copy, else the export; None when there is none."""
    try:
        with reading(home.news) as connection:
            yield Ledger(connection, str(home.news))
            return
    except WarehouseError:
        pass  # missing, damaged or of a newer version: the export may still be there
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield Ledger(connection, str(home.exports)) if _exported(connection, home) else None


def carry_ledger(connection: DuckDBPyConnection, earlier: Ledger) -> None:
    """Append what loading does not tell, to a database that has nothing of it; once.

    Before the first batch: loading must know what was taken down, and when a line was listed.
    """
    with transaction(connection):
        for table, is_of_versions in _tables(connection).items():
            if (
                not is_of_versions
                and table not in (*_OWN, *_LOADED)
                and not _count(connection, table)
            ):
                _carry(connection, earlier, table)
        count_change(connection)


def carry_rest(connection: DuckDBPyConnection, earlier: Ledger) -> int:
    """Append what no page told, after the last batch; return the number of articles among it.

    That are the other attempts, and articles none of whose pages could be read: a licence had them
    erased, or their file is damaged. They stay as they were. Doing it again adds nothing.
    """
    with transaction(connection):
        before = _count(connection, "article_versions")
        _carry_articles(connection, earlier)
        _carry(connection, earlier, "outcomes", _UNLESS_DECIDED)
        _carry_batches(connection, earlier)
        count_change(connection)
        return _count(connection, "article_versions") - before


def _carry_articles(connection: DuckDBPyConnection, earlier: Ledger) -> None:
    """Carry articles over that have no version here, and whose pages have no outcome here."""
    with _brought(connection, earlier, "article_versions"):
        unread = [version_id for (version_id,) in connection.execute(_UNREAD).fetchall()]
    if unread:
        for table, is_of_versions in _tables(connection).items():
            if is_of_versions:
                _carry(connection, earlier, table, versions=unread)


_UNREAD = """
SELECT c.version_id FROM carried AS c
ANTI JOIN article_versions AS v ON v.article_key = c.article_key
ANTI JOIN outcomes AS o ON o.outcome_id = c.page_id
"""


_UNLESS_DECIDED = "ANTI JOIN outcomes AS o ON o.outcome_id = carried.outcome_id"


def _carry_batches(connection: DuckDBPyConnection, earlier: Ledger) -> None:
    """Put what the first load of each batch came to in the place of what this one did."""
    with _brought(connection, earlier, "batches"):
        connection.execute(
            "DELETE FROM batches AS b USING carried AS c WHERE c.batch_id = b.batch_id"
        )
        connection.execute("INSERT INTO batches BY NAME FROM carried")


def _carry(
    connection: DuckDBPyConnection,
    earlier: Ledger,
    table: str,
    join: str = "",
    versions: Sequence[UUID] | None = None,
) -> None:
    """Append a table's rows: all, or those of some versions, or those that the join leaves."""
    with _brought(connection, earlier, table, versions):
        connection.execute(f"INSERT INTO {table} BY NAME SELECT carried.* FROM carried {join}")


@contextmanager
def _brought(
    connection: DuckDBPyConnection,
    earlier: Ledger,
    table: str,
    versions: Sequence[UUID] | None = None,
) -> Iterator[None]:
    """Have the earlier rows of a table, in the columns that both know, under the name carried."""
    theirs = set(_columns(earlier.connection, table))
    ours = ", ".join(f'"{name}"' for name in _columns(connection, table) if name in theirs)
    if not ours:  # no such table then: none of its rows
        connection.execute(f"CREATE TEMP TABLE carried AS FROM {table} LIMIT 0")
    else:
        only = " WHERE version_id IN (SELECT unnest($1::UUID[]))" if versions is not None else ""
        rows = earlier.connection.sql(
            f"SELECT {ours} FROM {table}{only}",
            params=[list(map(str, versions))] if versions is not None else None,
        )
        connection.register("arrow_rows", rows.to_arrow_reader(_ROWS_AT_ONCE))
        connection.execute("CREATE TEMP TABLE carried AS FROM arrow_rows")
        connection.unregister("arrow_rows")
    yield
    connection.execute("DROP TABLE temp.carried")


def _exported(connection: DuckDBPyConnection, home: Home) -> bool:
    """Make views of what was exported; tell whether the ledger is among it."""
    for folder in sorted(home.exports.glob("*/")):
        files = f"{folder}/**/{folder.name}.parquet".replace("'", "''")
        if any(folder.rglob(f"{folder.name}.parquet")):
            connection.execute(
                f'CREATE VIEW "{folder.name}" AS SELECT * FROM'
                f" read_parquet('{files}', hive_partitioning = false, union_by_name = true)"
            )
    return all(_columns(connection, table) for table in ("listings", "outcomes", "batches"))


def _tables(connection: DuckDBPyConnection) -> dict[str, bool]:
    """Return the names of all tables, each with whether its rows belong to versions."""
    return dict(connection.execute(_TABLES).fetchall())


def _columns(connection: DuckDBPyConnection, table: str) -> list[str]:
    return [name for (name,) in connection.execute(_COLUMNS, [table]).fetchall()]


def _count(connection: DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0])
