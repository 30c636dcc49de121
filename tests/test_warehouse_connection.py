"""Who may open what, when, and what is said to those who may not."""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from warehouse.connection import reading, writer_lock, writing
from warehouse.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseTooNew
from warehouse.home import Home
from warehouse.snapshot import publish
from warehouse.transaction import transaction

SHORT = timedelta(milliseconds=300)
# Opens a database, says so, and holds it until it is told to go or killed.
OPENER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reader")
print("open", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give the home of a warehouse with an empty live database."""
    made = Home(tmp_path / "warehouse")
    with writing(made):
        pass
    return made


@contextmanager
def another(role: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a database open, as reader or writer."""
    with subprocess.Popen(
        [sys.executable, "-c", OPENER, str(path), role],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_reader_of_the_live_file_is_named(warehouse: Home) -> None:
    """The message has the process that holds the file, and says what to do."""
    with (
        another("reader", warehouse.live) as process,
        pytest.raises(WarehouseBusy, match=rf"process {process.pid} .*news\.duckdb"),
        writing(warehouse, wait=SHORT),
    ):
        pass


def test_someone_who_opened_the_published_copy_to_write_is_named(warehouse: Home) -> None:
    """As the duckdb command does unless it is told otherwise."""
    publish(warehouse)
    with (
        another("writer", warehouse.news) as process,
        pytest.raises(WarehouseBusy, match=rf"process {process.pid} .*read-only"),
        reading(warehouse.news),
    ):
        pass


@pytest.mark.skipif(duckdb.__version__ >= "2", reason="the file is of DuckDB 2.0")
def test_a_file_of_a_later_duckdb_is_refused_as_such(warehouse: Home) -> None:
    """The message says to install the DuckDB that wrote it."""
    # The head of a file of DuckDB 2.0: a checksum, "DUCK", the version of the format.
    head = {
        0: "4ecedabd2f72c9dc4455434be7030000",
        52: "76322e302e30",
        84: "64353463626265336466",
        124: "b3d36c10b50a61b39fe714f0be8a0a28",
    }
    raw = bytearray(12288)
    for start, part in head.items():
        raw[start : start + len(part) // 2] = bytes.fromhex(part)
    warehouse.live.write_bytes(raw)
    with pytest.raises(WarehouseTooNew, match="Install the DuckDB"), writing(warehouse):
        pass


def test_a_damaged_file_is_named(warehouse: Home) -> None:
    """Whatever class of error DuckDB has for it."""
    with warehouse.live.open("r+b") as file:
        file.seek(12)
        file.write(b"\7")
    with pytest.raises(WarehouseError, match=r"live\.duckdb cannot be opened"), writing(warehouse):
        pass


def test_a_writer_waits_for_a_reader_to_leave(warehouse: Home) -> None:
    """It goes on as soon as the file is free."""
    with another("reader", warehouse.live) as process:
        assert process.stdin
        leave = threading.Timer(0.3, process.stdin.close)
        leave.start()
        with writing(warehouse, wait=timedelta(seconds=20)) as connection:
            assert connection.execute("SELECT 1").fetchall() == [(1,)]
        leave.join()


def test_there_is_one_deadline_for_the_turn_and_the_file(warehouse: Home) -> None:
    """Waiting for a writer counts against waiting for a reader."""
    holding, released = threading.Event(), threading.Event()

    def hold() -> None:
        with writer_lock(warehouse):
            holding.set()
            released.wait(0.4)

    writer = threading.Thread(target=hold)
    with another("reader", warehouse.live):
        writer.start()
        holding.wait()
        started = time.monotonic()
        with (
            pytest.raises(WarehouseBusy),
            writing(warehouse, wait=timedelta(seconds=0.6)),
        ):
            pass
        assert time.monotonic() - started < 0.9
    writer.join()


def test_who_waits_says_so(warehouse: Home) -> None:
    """A server that has the turn can step aside; nobody waits any more, the file is gone."""

    def take() -> None:
        with writer_lock(warehouse):
            pass

    waiting = threading.Thread(target=take)
    with writer_lock(warehouse):
        waiting.start()
        while not warehouse.wanted.exists():
            time.sleep(0.01)
    waiting.join()
    assert not warehouse.wanted.exists()


def test_writers_take_turns(warehouse: Home) -> None:
    """The second one waits, and is told who is at work when it waits too long."""
    with (
        writing(warehouse),
        pytest.raises(WarehouseBusy, match=rf"in use by process {os.getpid()}") as caught,
        writing(warehouse, wait=SHORT),
    ):
        pass
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with writing(warehouse, wait=SHORT):
        pass


def test_many_writers_lose_nothing(warehouse: Home) -> None:
    """Threads that write at once come one after the other."""

    def add(number: int) -> None:
        with writing(warehouse) as connection, transaction(connection):
            connection.execute("INSERT INTO change_count (changes) VALUES ($1)", [number])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(100, 106)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with writing(warehouse) as connection:
        found = connection.execute("SELECT count(*) FROM change_count WHERE changes >= 100")
        assert found.fetchall() == [(6,)]


def test_the_turn_ends_with_the_writer(warehouse: Home) -> None:
    """Also with one that raises."""
    with pytest.raises(KeyError), writing(warehouse):
        raise KeyError
    with writer_lock(warehouse, wait=SHORT):
        pass
    assert not warehouse.holder.exists()


def test_there_is_nothing_to_read_before_the_first_publishing(warehouse: Home) -> None:
    """The message says how to make it."""
    with pytest.raises(WarehouseMissing, match="newsledger ingest"), reading(warehouse.news):
        pass


def test_a_file_that_is_no_database_is_named(warehouse: Home) -> None:
    """For the writer and the reader alike."""
    for path in (warehouse.live, warehouse.news):
        path.write_text("not a database " * 1000)
    with pytest.raises(WarehouseError, match=r"live\.duckdb cannot be opened"), writing(warehouse):
        pass
    with (
        pytest.raises(WarehouseError, match=r"news\.duckdb cannot be opened"),
        reading(warehouse.news),
    ):
        pass


def test_files_stay_readable_by_the_oldest_duckdb_we_run_on(warehouse: Home) -> None:
    """The storage format is named, so that a newer DuckDB does not choose its own."""
    with writing(warehouse) as connection:
        tags = connection.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'live'"
        ).fetchall()
    assert tags == [("v1.5.0+",)], (
        "DuckDB 1.5 could not read this file; see warehouse/connection.py"
    )


def test_instants_are_in_utc_and_nothing_is_downloaded(warehouse: Home) -> None:
    """Both for every connection that we open."""
    with writing(warehouse) as connection:
        settings = (
            "SELECT current_setting('TimeZone'), current_setting('autoinstall_known_extensions')"
        )
        assert connection.execute(settings).fetchall() == [("UTC", False)]


def test_an_error_inside_a_transaction_undoes_it(warehouse: Home) -> None:
    """Ours goes through as it is, DuckDB's in words."""
    with writing(warehouse) as connection:
        with pytest.raises(KeyError), transaction(connection):
            raise KeyError(connection.execute("DELETE FROM change_count"))
        with pytest.raises(WarehouseError, match="could not be written"), transaction(connection):
            connection.execute("UPDATE change_count SET changes = NULL")
        assert len(connection.execute("FROM change_count").fetchall()) == 1


def test_a_live_file_open_in_this_program_is_waited_for(warehouse: Home) -> None:
    """One process cannot have a database open in two ways."""
    with (
        duckdb.connect(warehouse.live, read_only=True),
        pytest.raises(WarehouseBusy, match="this very program"),
        writing(warehouse, wait=SHORT),
    ):
        pass


def test_a_writer_killed_right_after_the_migrations_leaves_a_good_database(tmp_path: Path) -> None:
    """DuckDB alone cannot replay a log that has views in it."""
    script = (
        "import os, sys; from pathlib import Path; from warehouse.home import Home;"
        "from warehouse.connection import writing\n"
        "with writing(Home(Path(sys.argv[1]))): os._exit(9)"
    )
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", script, tmp_path], check=False, cwd=root)
    assert done.returncode == 9
    assert Home(tmp_path).live.with_name("live.duckdb.wal").stat().st_size > 0
    with writing(Home(tmp_path)) as connection:
        assert connection.execute("FROM articles").fetchall() == []
        assert connection.execute("SELECT changes > 0 FROM change_count").fetchall() == [(True,)]
    test_files_stay_readable_by_the_oldest_duckdb_we_run_on(Home(tmp_path))
