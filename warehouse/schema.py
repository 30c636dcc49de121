"""Brings a database to the schema of this version: numbered migrations, then the views.

A migration is a file ``migrations/NNNN_name.sql``, run once, in order, in one transaction with its
record in ``schema_migrations``; it is never edited after it was released. The files of ``views/``
say what the views are now and run again whenever any of them changed.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.errors import WarehouseError, WarehouseTooNew
from warehouse.transaction import transaction

MIGRATIONS = Path(__file__).parent / "migrations"
VIEWS = Path(__file__).parent / "views"

# What must be there before any migration can be recorded and counted.
_BOOKKEEPING = """
CREATE TABLE schema_migrations (
    version INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE schema_migrations IS 'One row per change of the schema that this database has been through; the row with version 0 is the state of its views.';
COMMENT ON COLUMN schema_migrations.version IS 'Number of the file in warehouse/migrations; 0 for the views.';
COMMENT ON COLUMN schema_migrations.name IS 'Name of the file.';
COMMENT ON COLUMN schema_migrations.sha256 IS 'SHA-256 of the file as it was applied, in hex.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied, UTC, by the clock of the machine.';

CREATE TABLE change_count (changes BIGINT NOT NULL);
INSERT INTO change_count (changes) VALUES (0);
COMMENT ON TABLE change_count IS 'One row, for publishing: the published copy is current when its count equals the live one.';
COMMENT ON COLUMN change_count.changes IS 'How many times anything was written.';
"""  # noqa: E501 - a comment in SQL is one string


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file of ``migrations/``."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The file's SHA-256 in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """Return the migrations of a folder in order. Raises WarehouseError for a gap or a double."""
    found = [
        Migration(int(path.name.split("_")[0]), path.name, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("[0-9]*_*.sql"))
    ]
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        names = ", ".join(migration.name for migration in found)
        raise WarehouseError(
            f"{folder}: migrations must be numbered 0001, 0002, ... without gap or double;"
            f" there are: {names or 'none'}."
        )
    return found


def bring_up_to_date(
    connection: DuckDBPyConnection, migrations: Path = MIGRATIONS, views: Path = VIEWS
) -> None:
    """Apply what this database lacks; does nothing when it is current.

    Raises WarehouseTooNew for a database that knows later migrations, WarehouseError when an
    applied migration was edited since. A change that fails is rolled back whole and raised as
    WarehouseError.
    """
    known = read_migrations(migrations)
    applied = _applied(connection)
    _refuse_what_differs(known, applied)
    for migration in known[len(applied) :]:
        _apply(connection, migration)
    _refresh_views(connection, views)


def _applied(connection: DuckDBPyConnection) -> dict[int, tuple[str, str]]:
    """Return name and SHA-256 of each migration that the database has been through."""
    exists = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'schema_migrations'"
    ).fetchall()
    if not exists:
        with transaction(connection):
            connection.execute(_BOOKKEEPING)
    rows = connection.execute(
        "SELECT version, name, sha256 FROM schema_migrations WHERE version > 0 ORDER BY version"
    ).fetchall()
    return {version: (name, sha) for version, name, sha in rows}


def _refuse_what_differs(known: list[Migration], applied: dict[int, tuple[str, str]]) -> None:
    if len(applied) > len(known):
        raise WarehouseTooNew(
            f"The database has been through {len(applied)} migrations, this version knows"
            f" {len(known)}: a newer NewsLedger wrote it. Update NewsLedger, then run this again."
        )
    for migration in known[: len(applied)]:
        name, sha = applied[migration.version]
        if sha != migration.sha256:
            raise WarehouseError(
                f"{migration.name} differs from the {name} that this database has been through."
                " Put the file back as it was and write the change as a new migration, or start"
                " an empty database and load the archive into it."
            )


def _refresh_views(connection: DuckDBPyConnection, folder: Path) -> None:
    sql = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))
    views = Migration(0, "views", sql)
    current = connection.execute("SELECT sha256 FROM schema_migrations WHERE version = 0")
    if current.fetchall() != [(views.sha256,)]:
        _apply(connection, views)


def _apply(connection: DuckDBPyConnection, change: Migration) -> None:
    with transaction(connection):
        if change.sql.strip():
            connection.execute(change.sql)
        connection.execute("DELETE FROM schema_migrations WHERE version = $1", [change.version])
        connection.execute(
            "INSERT INTO schema_migrations (version, name, sha256, applied_at)"
            " VALUES ($1, $2, $3, now())",
            [change.version, change.name, change.sha256],
        )
        count_change(connection)
