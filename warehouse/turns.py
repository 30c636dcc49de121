"""Gives writers of the pipeline their turns at the live database while a server has it open.

A server gives turns, one at a time, at a port of this machine; the port and the key to it are in a
file that only its user can read. Who has the turn sends statements and gets their rows, as from a
connection of its own, so everything is written by the same code with and without a server. The
statements run in the server's process, in a connection for each turn: when the line is cut because
either side was killed, what was not committed is rolled back.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Client,
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.files import replace_whole
from warehouse.home import Home

_HOST = "127.0.0.1"
_READY = "ready"
_GREETING = 5.0  # seconds for a server to say who it is: it does so at once, or is stopped
_CUT = (EOFError, OSError, AuthenticationError)


class Turn:
    """A connection to the live database for one who has the turn: what our code uses of one.

    DuckDB's errors are raised as if it ran here; when the server went away, as an IOException.
    """

    def __init__(self, line: Connection) -> None:
        """Take the line to the server at which the turn has come."""
        self._line = line
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[str, str]] = []  # name and type of each column

    def execute(self, sql: str, parameters: object = None) -> Self:
        """Run SQL in the server; ``fetchall`` and ``description`` have its answer."""
        self.description, self._rows = self._ask("execute", sql, parameters)
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows of the last statement that have not been fetched yet."""
        rows, self._rows = self._rows, []
        return rows

    def register(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table under this name."""
        self._ask("register", name, table)

    def unregister(self, name: str) -> None:
        """Forget the table of this name."""
        self._ask("unregister", name)

    def close(self) -> None:
        """Give up the turn. What was not committed is rolled back."""
        self._line.close()

    def _ask(self, *request: object) -> Any:
        try:
            self._line.send(request)
            error, answer = self._line.recv()
        except (EOFError, OSError) as cut:
            raise duckdb.IOException("The server of the database went away.") from cut
        if error:
            raise error
        return answer


def ask_for_turn(home: Home, wait: timedelta) -> Turn | None:
    """Return a turn at the server of this home; None where none serves, or it closes meanwhile.

    Raises TimeoutError when the turn does not come within ``wait``.
    """
    line = _let_in(home)
    if line is None:
        return None
    if not line.poll(max(wait.total_seconds(), 0)):
        line.close()
        raise TimeoutError
    with suppress(*_CUT):
        if line.recv() == _READY:
            return Turn(line)
    line.close()
    return None


def _let_in(home: Home) -> Connection | None:
    """Return a line to the server; each side has shown the other that it knows the key."""
    try:
        said = json.loads(home.server.read_text(encoding="ascii"))
        line = Client((_HOST, said["port"]))
    except (OSError, ValueError):  # no server, or one that was killed
        return None
    with suppress(*_CUT):
        if line.poll(_GREETING):
            key = bytes.fromhex(said["key"])
            answer_challenge(line, key)
            deliver_challenge(line, key)
            return line
    line.close()
    return None


@contextmanager
def giving_turns(home: Home, connection: DuckDBPyConnection) -> Iterator[None]:
    """Give turns at the database of this connection; at the end the last one is waited for."""
    key, turn, is_over = secrets.token_bytes(32), Lock(), Event()
    with Listener((_HOST, 0), backlog=64) as listener:
        receiver = Thread(target=_receive, args=(listener, key, connection, turn, is_over))
        receiver.start()
        try:
            said = json.dumps({"port": listener.address[1], "key": key.hex()})
            replace_whole(home.server, lambda path: _write_secret(path, said))
            yield
        finally:
            home.server.unlink(missing_ok=True)
            is_over.set()
            Client((_HOST, listener.address[1])).close()  # so that the receiver looks up
            receiver.join()
            turn.acquire()  # who has it finishes; those who still wait are turned away


def _receive(
    listener: Listener, key: bytes, connection: DuckDBPyConnection, turn: Lock, is_over: Event
) -> None:
    while not is_over.is_set():
        try:
            line = listener.accept()
        except OSError:
            continue
        given = (line, key, connection, turn, is_over)
        Thread(target=_give_turn, args=given, daemon=True).start()


def _give_turn(
    line: Connection, key: bytes, connection: DuckDBPyConnection, turn: Lock, is_over: Event
) -> None:
    """Let in who knows the key, when its turn has come, until it hangs up."""
    with line, suppress(*_CUT):
        deliver_challenge(line, key)
        answer_challenge(line, key)
        while not turn.acquire(timeout=0.05):
            if is_over.is_set():
                return
        try:
            if not is_over.is_set():
                line.send(_READY)
                with connection.cursor() as cursor:  # closing it rolls back
                    _answer(line, cursor)
        finally:
            turn.release()


def _answer(line: Connection, cursor: DuckDBPyConnection) -> None:
    while True:
        name, *arguments = line.recv()
        try:
            line.send((None, _run(cursor, name, arguments)))
        except duckdb.Error as error:
            line.send((error, None))


def _run(cursor: DuckDBPyConnection, name: str, arguments: list[Any]) -> object:
    if name != "execute":
        getattr(cursor, name)(*arguments)
        return None
    done = cursor.execute(*arguments)
    # The type as its name: DuckDB's own objects cannot be sent.
    description = [(column[0], str(column[1])) for column in done.description or ()]
    return description, done.fetchall()


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
