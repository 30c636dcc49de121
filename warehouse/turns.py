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
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
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
_LAST_TURN = 60.0  # seconds for who has the turn when the server closes; a load takes one or two
_CUT = (EOFError, OSError, AuthenticationError)


@dataclass(slots=True)
class _Server:
    """What the threads of a server share."""

    connection: DuckDBPyConnection
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    turn: Lock = field(default_factory=Lock)
    is_over: Event = field(default_factory=Event)
    at_work: tuple[Connection, DuckDBPyConnection] | None = None  # the line of who has the turn


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
    """Give turns at the database of this connection; at the end the last one is waited for.

    A writer that does not end its last turn within a minute is cut off, and rolled back.
    """
    server = _Server(connection)
    with Listener((_HOST, 0), backlog=64) as listener:
        # A daemon: waiting for writers, it must not keep a process that ends otherwise.
        receiver = Thread(target=_receive, args=(listener, server), daemon=True)
        receiver.start()
        try:
            said = json.dumps({"port": listener.address[1], "key": server.key.hex()})
            replace_whole(home.server, lambda path: _write_secret(path, said))
            yield
        finally:
            home.server.unlink(missing_ok=True)
            server.is_over.set()
            Client((_HOST, listener.address[1])).close()  # so that the receiver looks up
            receiver.join()
            # Who has the turn finishes; those who still wait are turned away.
            if not server.turn.acquire(timeout=_LAST_TURN):
                _cut_off(server)
                server.turn.acquire(timeout=_LAST_TURN)


def _receive(listener: Listener, server: _Server) -> None:
    while not server.is_over.is_set():
        try:
            line = listener.accept()
        except OSError:
            continue
        Thread(target=_give_turn, args=(line, server), daemon=True).start()


def _give_turn(line: Connection, server: _Server) -> None:
    """Let in who knows the key, when its turn has come, until it hangs up."""
    with line, suppress(*_CUT):
        deliver_challenge(line, server.key)
        answer_challenge(line, server.key)
        while not server.turn.acquire(timeout=0.05):
            if server.is_over.is_set():
                return
        try:
            if not server.is_over.is_set():
                line.send(_READY)
                with server.connection.cursor() as cursor:  # closing it rolls back
                    server.at_work = line, cursor
                    _answer(line, cursor)
        finally:
            server.at_work = None
            server.turn.release()


def _cut_off(server: _Server) -> None:
    """Stop what the one at work has asked for, and hang up."""
    if server.at_work:
        line, cursor = server.at_work
        cursor.interrupt()
        with suppress(OSError), socket.socket(fileno=os.dup(line.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)  # closing it would not wake who reads from it


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
