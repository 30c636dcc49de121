"""The schema: migrated once, in order, whole or not at all; documented throughout."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from warehouse.connection import writing
from warehouse.errors import WarehouseError, WarehouseTooNew
from warehouse.home import Home
from warehouse.schema import MIGRATIONS, VIEWS, bring_up_to_date, read_migrations


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """Give a copy of the migrations, to be changed."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def applied(connection: DuckDBPyConnection) -> list[tuple[int, str]]:
    """Return the recorded migrations."""
    return connection.execute("SELECT version, name FROM schema_migrations ORDER BY 1").fetchall()


def next_name(folder: Path) -> str:
    """Return a name for the next migration of a folder."""
    return f"{len(read_migrations(folder)) + 1:04}_next.sql"


def test_a_current_database_is_left_alone(tmp_path: Path) -> None:
    """Opening it again records and counts nothing."""
    home = Home(tmp_path)
    with writing(home) as connection:
        first = connection.execute("FROM schema_migrations").fetchall()
        count = connection.execute("FROM change_count").fetchall()
    with writing(home) as connection:
        assert connection.execute("FROM schema_migrations").fetchall() == first
        assert connection.execute("FROM change_count").fetchall() == count


def test_a_new_migration_is_applied_once(migrations: Path) -> None:
    """Rows that are there stay."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection, migrations)
        connection.execute("INSERT INTO topics VALUES ('a', 'b', MAP {}, '', '')")
        name = next_name(migrations)
        (migrations / name).write_text("ALTER TABLE topics ADD COLUMN colour VARCHAR")
        bring_up_to_date(connection, migrations)
        bring_up_to_date(connection, migrations)
        assert connection.execute("SELECT topic, colour FROM topics").fetchall() == [("a", None)]
        assert applied(connection)[-1][1] == name


def test_a_database_of_an_earlier_version_keeps_its_rows(migrations: Path, tmp_path: Path) -> None:
    """An outcome of schema 5, which had a copy of what the list said, is there after the rest."""
    for migration in read_migrations(migrations)[5:]:
        (migrations / migration.name).unlink()
    deferred = "md5('o')::UUID, md5('l')::UUID, NULL, NULL, 'sample', 'deferred', 'timeout', 'x'"
    clocks = "NULL, TIMESTAMPTZ '2026-01-01', TIMESTAMPTZ '2026-01-02', '{}', md5('b')::UUID"
    with duckdb.connect(Home(tmp_path).live) as connection:
        bring_up_to_date(connection, migrations, views=tmp_path)
        connection.execute(
            f"INSERT INTO outcomes SELECT {deferred}, {clocks}, md5('r')::UUID, '2026-01-01'"
        )
    with writing(Home(tmp_path)) as connection:
        rows = connection.execute("SELECT reason, detail, retry_at FROM outcomes").fetchall()
        assert rows == [("timeout", "x", datetime(2026, 1, 2, tzinfo=UTC))]
        columns = connection.execute(
            "SELECT count(comment), count(*) FROM duckdb_columns() WHERE table_name = 'outcomes'"
        ).fetchall()
        assert columns[0][0] == columns[0][1]


def test_a_migration_that_fails_leaves_no_trace(migrations: Path) -> None:
    """What it did before it failed is undone, and it is not recorded."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection, migrations)
        before = applied(connection)
        (migrations / next_name(migrations)).write_text("CREATE TABLE extra (a INT); SELECT oops")
        with pytest.raises(WarehouseError, match="oops"):
            bring_up_to_date(connection, migrations)
        assert applied(connection) == before
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert ("extra",) not in tables


def test_a_database_from_a_newer_version_is_refused(migrations: Path) -> None:
    """The message says what to update."""
    (migrations / next_name(migrations)).write_text("SELECT 1")
    with duckdb.connect() as connection:
        bring_up_to_date(connection, migrations)
        with pytest.raises(WarehouseTooNew, match="Update NewsLedger"):
            bring_up_to_date(connection, MIGRATIONS)


def test_an_applied_migration_may_not_change(migrations: Path) -> None:
    """Two databases of one version would differ."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection, migrations)
        with read_first(migrations).open("a") as file:
            file.write("\n-- an afterthought")
        with pytest.raises(WarehouseError, match="as a new migration"):
            bring_up_to_date(connection, migrations)


def read_first(folder: Path) -> Path:
    """Return the first migration's file."""
    return folder / read_migrations(folder)[0].name


def test_numbers_have_no_gap_and_no_double(migrations: Path) -> None:
    """Two people who add a migration at once notice."""
    name = read_first(migrations).name
    (migrations / name.replace("0001", "0002")).write_text("SELECT 1")
    with pytest.raises(WarehouseError, match="without gap or double"):
        read_migrations(migrations)


def test_views_follow_their_files(tmp_path: Path) -> None:
    """They are made anew when a file changed, and only then."""
    views = Path(shutil.copytree(VIEWS, tmp_path / "views"))
    with duckdb.connect() as connection:
        bring_up_to_date(connection, views=views)
        (views / "90_extra.sql").write_text("CREATE OR REPLACE VIEW extra AS SELECT 1 AS a;")
        bring_up_to_date(connection, views=views)
        (views / "90_extra.sql").write_text("CREATE OR REPLACE VIEW extra AS SELECT 2 AS a;")
        bring_up_to_date(connection, views=views)
        assert connection.execute("FROM extra").fetchall() == [(2,)]
        assert [version for version, _ in applied(connection)].count(0) == 1


def test_everything_is_documented() -> None:
    """Each table, column, view and macro has a comment, and instants name their zone."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection)
        undocumented = connection.execute(
            """
            SELECT table_name FROM duckdb_tables() WHERE comment IS NULL
            UNION ALL
            SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal
            UNION ALL
            SELECT function_name FROM duckdb_functions()
            WHERE comment IS NULL AND NOT internal AND function_type = 'table_macro'
            UNION ALL
            SELECT c.table_name || '.' || c.column_name
            FROM duckdb_columns() AS c
            SEMI JOIN duckdb_tables() AS t ON t.table_name = c.table_name
            WHERE c.comment IS NULL OR (c.column_name LIKE '%_at' AND c.comment NOT LIKE '%UTC%')
            """
        ).fetchall()
    assert undocumented == [], "Add COMMENT ON ... beside what the file declares."


def test_times_and_ids_have_one_type_each() -> None:
    """Names ending in _at are TIMESTAMPTZ, names ending in _id or _key UUID."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection)
        columns = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    wanted = {"_at": "TIMESTAMP WITH TIME ZONE", "_id": "UUID", "_key": "UUID"}
    odd = [
        (table, name, kind)
        for table, name, kind in columns
        for ending, right in wanted.items()
        if name.endswith(ending) and kind != right
    ]
    assert odd == []
