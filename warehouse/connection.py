"""Opens the databases: one writer at a time for the live one, read-only for the published one.

DuckDB lets either one process write or several read. So the pipeline takes a file lock, opens the
live database for a moment and closes it; people read a copy that no writer ever opens. While a
server has the live database open, writers take their turns there.
"""

import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import cast

import duckdb
from duckdb import DuckDBPyConnection
from filelock import FileLock, Timeout

from warehouse.errors import WarehouseBusy, WarehouseError, WarehouseMissing, WarehouseTooNew
from warehouse.home import Home
from warehouse.schema import bring_up_to_date
from warehouse.transaction import one_line
from warehouse.turns import ask_for_turn

# Files keep this format whatever DuckDB writes them, so that 1.5 can read what 2.0 wrote; older
# formats would ignore the compression that the schema asks for.
_STORAGE = "v1.5.0"
_POLL = 0.01  # seconds between tries for the lock: a long wait between them starves who waits
_ASK_AGAIN = 0.2  # seconds
Connection = DuckDBPyConnection  # the name for those who may not import duckdb
_PATIENCE = timedelta(seconds=30)


@contextmanager
def writing(home: Home, *, wait: timedelta = _PATIENCE) -> Iterator[DuckDBPyConnection]:
    """Take the turn to write and open the live database, made and migrated where needed.

    Closed at the end; instants in UTC. Waits up to ``wait`` for other writers and whoever else
    holds the file. Raises WarehouseBusy after that, WarehouseTooNew for a newer database,
    WarehouseError for a file that is no database.
    """
    deadline = time.monotonic() + wait.total_seconds()
    with at_server(home, wait=wait) as served:
        if served:
            yield served
            return
    with writer_lock(home, wait=_left(deadline)), open_live(home, wait=_left(deadline)) as opened:
        yield opened


@contextmanager
def at_server(home: Home, *, wait: timedelta = _PATIENCE) -> Iterator[DuckDBPyConnection | None]:
    """Take the turn to write at the server that has the live database open; None without one.

    Raises as ``writing`` does.
    """
    try:
        turn = ask_for_turn(home, wait)
    except TimeoutError:
        raise WarehouseBusy(home.live, _writer_at_work(home), wait.total_seconds()) from None
    if turn is None:
        yield None
        return
    with _brought_up_to_date(cast(DuckDBPyConnection, turn)) as connection:
        yield connection


def _left(deadline: float) -> timedelta:
    return timedelta(seconds=max(deadline - time.monotonic(), 0))


@contextmanager
def open_live(home: Home, *, wait: timedelta = _PATIENCE) -> Iterator[DuckDBPyConnection]:
    """Open the live database as ``writing`` does, for one who holds the writer's lock."""
    with _brought_up_to_date(_connect_live(home, wait)) as connection:
        yield connection


@contextmanager
def open_copy(path: Path) -> Iterator[DuckDBPyConnection]:
    """Open a database that nobody else knows of yet, to write; made and migrated where needed."""
    try:
        connection = _connect(path)
    except duckdb.Error as error:
        raise _cannot_open(path, error) from error
    with _brought_up_to_date(connection):
        yield connection


@contextmanager
def turn_to_write(home: Home, *, wait: timedelta = _PATIENCE) -> Iterator[None]:
    """Keep other writers out without opening anything. Raises WarehouseBusy after ``wait``."""
    with at_server(home, wait=wait) as served:
        if served:
            yield
            return
    with writer_lock(home, wait=wait):
        yield


@contextmanager
def writer_lock(home: Home, *, wait: timedelta = _PATIENCE) -> Iterator[None]:
    """Have the live file to oneself, without opening it. Raises WarehouseBusy after ``wait``.

    A server steps aside for that moment. The lock goes with its process: a killed writer leaves
    none behind.
    """
    lock = FileLock(home.lock)
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        _take_turn(home, lock, max(wait.total_seconds(), 0))
    except Timeout:
        raise WarehouseBusy(home.live, _writer_at_work(home), wait.total_seconds()) from None
    except OSError as error:
        raise WarehouseError(
            f"{home.root} cannot be written to: {error}. Mend that, or set NEWSLEDGER_HOME to a"
            " folder that can."
        ) from error
    try:
        with suppress(OSError):  # a full disk: then those who wait are told less
            home.holder.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        home.holder.unlink(missing_ok=True)
        lock.release()


def _take_turn(home: Home, lock: FileLock, seconds: float) -> None:
    """Acquire the lock. Who has to wait says so, for a server that has the turn and steps aside."""
    deadline = time.monotonic() + seconds
    with suppress(Timeout):
        lock.acquire(timeout=0)
        return
    try:
        while True:
            home.wanted.touch()  # again and again: another one who waited may have removed it
            left = deadline - time.monotonic()
            try:
                lock.acquire(timeout=max(min(left, _ASK_AGAIN), 0), poll_interval=_POLL)
            except Timeout:
                if left <= _ASK_AGAIN:
                    raise
            else:
                return
    finally:
        home.wanted.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[DuckDBPyConnection]:
    """Open a published database read-only, with instants in UTC; closed at the end.

    Raises WarehouseMissing when there is none, WarehouseBusy when somebody opened it to write,
    WarehouseTooNew or WarehouseError when it cannot be opened. While a connection of this process
    is open on the path, another one sees the same copy, even when a newer one was published since.
    """
    if not path.exists():
        raise WarehouseMissing(
            f"There is no {path} yet. `newsledger ingest` makes it; NEWSLEDGER_HOME says where"
            " it is looked for."
        )
    try:
        connection = duckdb.connect(path, read_only=True)
    except duckdb.Error as error:
        if holder := _holder(error):
            raise WarehouseBusy(path, holder, 0) from None
        raise _cannot_open(path, error) from error
    try:
        _settle_in(connection)
        yield connection
    finally:
        connection.close()


@contextmanager
def _brought_up_to_date(connection: DuckDBPyConnection) -> Iterator[DuckDBPyConnection]:
    try:
        _settle_in(connection)
        bring_up_to_date(connection)
        yield connection
    finally:
        connection.close()


def _connect(path: Path) -> DuckDBPyConnection:
    try:
        return duckdb.connect(path, config={"storage_compatibility_version": _STORAGE})
    except duckdb.InternalException as error:
        if "replaying WAL" not in str(error):
            raise
    _replay_log(path)
    return _connect(path)


def _replay_log(path: Path) -> None:
    """Bring the log of a writer that was killed into the file.

    DuckDB 1.5 cannot replay views and defaults into the database that it opens first, for want of
    a default database (duckdb/duckdb#19712); into one that is attached it can.
    """
    quoted = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{quoted}' AS killed (STORAGE_VERSION '{_STORAGE}')")
        connection.execute("CHECKPOINT killed")


def _settle_in(connection: DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    # Nothing is downloaded behind anyone's back: extensions come from the package index.
    connection.execute("SET autoinstall_known_extensions = false")


def _connect_live(home: Home, wait: timedelta) -> DuckDBPyConnection:
    deadline = time.monotonic() + wait.total_seconds()
    pause = 0.02
    while True:
        try:
            return _connect(home.live)
        except duckdb.Error as error:
            holder = _holder(error)
            if not holder:
                raise _cannot_open(home.live, error) from error
            if time.monotonic() + pause > deadline:
                raise WarehouseBusy(home.live, holder, wait.total_seconds()) from None
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads the tries, hides nothing
        pause = min(pause * 2, 0.5)


def _holder(error: duckdb.Error) -> str:
    """Say who holds the file, or "" when the error is about something else.

    DuckDB has one class for all of these and says the rest in words only.
    """
    if isinstance(error, duckdb.ConnectionException):
        return "this very program, which opened it in another way"
    if "Could not set lock on file" not in str(error):
        return ""
    pid = re.search(r"\(PID (\d+)\)", str(error))
    return _process(int(pid.group(1))) if pid else "another program"


def _cannot_open(path: Path, error: duckdb.Error) -> WarehouseError:
    if "version number" in str(error):
        return WarehouseTooNew(
            f"{path} was written in a format that DuckDB {duckdb.__version__} cannot read. Install"
            f" the DuckDB that wrote it, or newer. DuckDB says: {one_line(error)}"
        )
    return WarehouseError(
        f"{path} cannot be opened as a database. Move it away or put a backup in its place."
        f" DuckDB says: {one_line(error)}"
    )


def _writer_at_work(home: Home) -> str:
    try:
        return _process(int(home.holder.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return "another writer"


def _process(pid: int) -> str:
    """Describe a process: its id, and its command where the system tells (/proc on Linux)."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        raw = b""
    command = " ".join(raw.replace(b"\0", b" ").decode(errors="replace").split())
    return f"process {pid} ({command[:120]})" if command else f"process {pid}"
