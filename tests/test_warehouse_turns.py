"""Turns at a served database: the same writes, nobody shut out, either side may be killed."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.connection import open_live, writer_lock, writing
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.home import Home
from warehouse.query import query
from warehouse.snapshot import publish
from warehouse.transaction import transaction
from warehouse.turns import giving_turns

ROOT = Path(__file__).parent.parent
SERVER = """
import sys
from pathlib import Path
from warehouse.connection import open_live, writer_lock
from warehouse.home import Home
from warehouse.turns import giving_turns
home = Home(Path(sys.argv[1]))
with writer_lock(home), open_live(home) as connection, giving_turns(home, connection):
    print("serving", flush=True)
    sys.stdin.read()
"""
WRITER = """
import os, sys
from pathlib import Path
from warehouse.connection import writing
from warehouse.home import Home
with writing(Home(Path(sys.argv[1]))) as connection:
    connection.execute("BEGIN TRANSACTION")
    connection.execute("UPDATE change_count SET changes = 999")
    os._exit(9)
"""
COUNT = "SELECT count(*) FROM articles"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give an empty home."""
    return Home(tmp_path / "warehouse")


@pytest.fixture
def served(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Serve it from this process; give the server's own connection."""
    with writer_lock(home), open_live(home) as connection, giving_turns(home, connection):
        yield connection


@pytest.fixture
def server(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Serve it from a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "serving\n"
        yield process
        process.kill()


def load(home: Home, name: str) -> int:
    """Load one article and return how many versions that added."""
    with writing(home) as connection:
        return append(connection, batch_of([Look(name, "A", 1, ("META",))])).versions


def test_a_load_at_the_server_is_as_any_other(
    home: Home, served: duckdb.DuckDBPyConnection
) -> None:
    """All of it at once, nothing twice, published while the server goes on."""
    assert [load(home, name) for name in "aba"] == [1, 1, 0]
    assert served.execute(COUNT).fetchall() == [(2,)]
    assert not publish(home).skipped
    assert publish(home).skipped
    assert query(home, COUNT).rows == [(2,)]
    assert query(home, "SELECT max(available_at)::VARCHAR FROM batches").rows == [
        ("2026-03-02 10:00:00+00",)
    ]


def test_an_error_at_the_server_undoes_the_transaction(
    home: Home, served: duckdb.DuckDBPyConnection
) -> None:
    """DuckDB's own in words, ours as it is; the turn can be used on."""
    with writing(home) as connection:
        before = connection.execute("FROM change_count").fetchall()
        with pytest.raises(WarehouseError, match="could not be written"), transaction(connection):
            connection.execute("UPDATE change_count SET changes = NULL")
        with pytest.raises(KeyError), transaction(connection):
            raise KeyError(connection.execute("DELETE FROM change_count"))
        assert connection.execute("FROM change_count").fetchall() == before


def test_turns_come_one_after_the_other(home: Home, served: duckdb.DuckDBPyConnection) -> None:
    """Who waits longer than it was told to hears who is at work; many at once all get theirs."""
    with (
        writing(home),
        pytest.raises(WarehouseBusy, match="in use by process"),
        writing(home, wait=timedelta(seconds=0.1)),
    ):
        pass
    threads = [threading.Thread(target=load, args=(home, f"{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert served.execute(COUNT).fetchall() == [(8,)]


def test_who_waits_when_the_server_closes_writes_without_it(
    home: Home, server: subprocess.Popen[str]
) -> None:
    """The one at work finishes first."""
    assert server.stdin
    waiting = threading.Thread(target=load, args=(home, "b"))
    with writing(home) as connection:
        waiting.start()
        server.stdin.close()
        append(connection, batch_of([Look("a", "A", 1)]))
    waiting.join(30)
    assert server.wait(30) == 0
    assert not home.server.exists()
    publish(home)
    assert query(home, COUNT).rows == [(2,)]


def test_a_writer_that_never_ends_cannot_keep_the_server(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is cut off when the server closes, and rolled back; the next writer has the file."""
    monkeypatch.setattr("warehouse.turns._LAST_TURN", 0.2)
    with ExitStack() as stuck:
        with writer_lock(home), open_live(home) as connection, giving_turns(home, connection):
            turn = stuck.enter_context(writing(home))
            turn.execute("BEGIN TRANSACTION")
            turn.execute("UPDATE change_count SET changes = 999")
        with pytest.raises(duckdb.IOException, match="went away"):
            turn.execute("COMMIT")
        with writing(home) as connection:
            changes = connection.execute("SELECT changes < 999 FROM change_count").fetchall()
        assert changes == [(True,)]


def test_a_writer_killed_at_the_server_leaves_nothing(
    home: Home, served: duckdb.DuckDBPyConnection
) -> None:
    """Its transaction is rolled back, and the next one has its turn."""
    command = [sys.executable, "-c", WRITER, str(home.root)]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 9
    assert load(home, "a") == 1
    assert served.execute("SELECT changes < 999 FROM change_count").fetchall() == [(True,)]


def test_a_server_killed_under_a_writer_loses_nothing(
    home: Home, server: subprocess.Popen[str]
) -> None:
    """The writer is told; what was loaded is there; the next one needs no server."""
    load(home, "a")

    def kill_under(connection: duckdb.DuckDBPyConnection) -> None:
        with transaction(connection):
            connection.execute("DELETE FROM outcomes")
            server.kill()
            server.wait()
            connection.execute("SELECT 1")

    with writing(home) as connection, pytest.raises(WarehouseError, match="went away"):
        kill_under(connection)
    assert home.server.exists()
    assert [load(home, name) for name in "ab"] == [0, 1]


@pytest.mark.parametrize("change", [{"key": "00" * 32}, {"port": 1}])
def test_a_false_key_or_port_opens_nothing(
    home: Home, server: subprocess.Popen[str], change: dict[str, object]
) -> None:
    """Then the writer waits for the file itself, as without a server."""
    said = json.loads(home.server.read_text())
    home.server.write_text(json.dumps(said | change))
    assert home.server.stat().st_mode & 0o077 == 0, "the key is for its user alone"
    with pytest.raises(WarehouseBusy), writing(home, wait=timedelta(seconds=0.3)):
        pass


def test_a_copy_taken_while_a_client_writes_is_whole(
    home: Home, served: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than DuckDB's log may hold is written while half of the file is copied."""
    served.execute(
        "CREATE TABLE theirs AS SELECT n, md5(n::VARCHAR) AS text FROM range(50000) r(n)"
    )
    load(home, "a")

    def copy_slowly(path: Path, target: Path) -> None:
        with path.open("rb") as source, target.open("wb") as part:
            part.write(source.read(path.stat().st_size // 2))
            with served.cursor() as client:
                client.execute("UPDATE theirs SET text = 'changed' WHERE n % 2 = 0")
                client.execute("DELETE FROM theirs WHERE n % 3 = 0")
                client.execute("INSERT INTO theirs SELECT n, uuid() FROM range(500000) r(n)")
                client.execute("UPDATE theirs SET text = 'changed' WHERE n % 5 = 0")
            part.write(source.read())

    monkeypatch.setattr("warehouse.snapshot.copy", copy_slowly)
    publish(home)
    sums = "SELECT count(*), count(DISTINCT text), bool_or(text = 'changed') FROM theirs"
    assert query(home, sums).rows == [(50000, 50000, False)]
    assert query(home, COUNT).rows == [(1,)]


def test_a_client_s_open_transaction_puts_publishing_off(
    home: Home, served: duckdb.DuckDBPyConnection
) -> None:
    """Its changes cannot be brought into the file; the copy from before stays until it ends."""
    load(home, "a")
    with served.cursor() as client:
        client.execute("BEGIN")
        client.execute("CREATE TABLE theirs (n INTEGER)")
        with pytest.raises(WarehouseBusy, match="a client of the server"):
            publish(home)
    publish(home)
    assert query(home, COUNT).rows == [(1,)]
