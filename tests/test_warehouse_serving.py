"""The server in front of the live file: clients come in and stay, while the pipeline writes."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import Look, batch_of, uid
from warehouse.append import append
from warehouse.burial import Request
from warehouse.connection import writing
from warehouse.errors import WarehouseError
from warehouse.home import Home
from warehouse.serving import _load_extensions, serve
from warehouse.snapshot import publish
from warehouse.takedown import take_down

COMMAND = [str(Path(sys.executable).parent / "newsledger")]
TOKEN = "loopback-only"
installed = pytest.mark.skipif(
    find_spec("duckdb_extension_quack") is None or duckdb.__version__ != "1.5.5",
    reason="needs the extra server, and the DuckDB that it fits",
)


@pytest.fixture
def address() -> str:
    """Give a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"localhost:{free.getsockname()[1]}"


@pytest.fixture
def served(home: Path, address: str) -> Iterator[str]:
    """Run the command in a process of its own; stop it at the end."""
    with writing(Home(home)) as connection:
        append(connection, batch_of([Look("a", "A", 1, ("META",))]))
    with subprocess.Popen(
        [*COMMAND, "serve", "--address", address],
        env=os.environ | {"NEWSLEDGER_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert "Serving" in (said := process.stderr.readline()), said + process.stderr.read()
        # Read on, or the pipe fills up.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield address
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        finally:
            process.kill()  # one that does not stop must not keep the tests


def ask(address: str, sql: str) -> list[tuple[object, ...]]:
    """Ask the server as a client, until it lets one in."""
    with duckdb.connect() as connection:
        _load_extensions(connection)
        connection.execute(f"CREATE SECRET (TYPE quack, TOKEN '{TOKEN}')")
        until = time.monotonic() + 20
        while True:
            try:
                query = "FROM quack_query($1, $2)"
                return connection.execute(query, [f"quack:{address}", sql]).fetchall()
            except duckdb.Error:  # the door is closed for a moment
                if time.monotonic() > until:
                    raise


@installed
def test_clients_read_and_the_pipeline_writes(home: Path, served: str) -> None:
    """A load goes through while clients are served; they see it at once, published or not."""
    titles = "SELECT title FROM articles ORDER BY title"
    assert ask(served, titles) == [("Headline A",)]
    for number in range(3):
        with writing(Home(home)) as connection:
            append(connection, batch_of([Look(f"b{number}", "B", 2)]))
        publish(Home(home))
    assert ask(served, titles) == [("Headline A",), *[("Headline B",)] * 3]


@installed
def test_an_attached_client_notices_no_load(home: Path, served: str) -> None:
    """It is not cut off, and sees what was loaded at once."""
    with duckdb.connect() as client:
        _load_extensions(client)
        client.execute(f"ATTACH 'quack:{served}' AS live (TOKEN '{TOKEN}')")
        titles = "SELECT count(*) FROM live.articles"
        assert client.execute(titles).fetchall() == [(1,)]
        for number in range(5):
            with writing(Home(home)) as connection:
                append(connection, batch_of([Look(f"b{number}", "B", 2)]))
            assert not publish(Home(home)).skipped
            assert client.execute(titles).fetchall() == [(number + 2,)]


@installed
def test_what_needs_the_file_to_itself_gets_it(home: Path, served: str) -> None:
    """A takedown rewrites the file: the server steps aside and comes back without the article."""
    request = Request(
        run_id=uid("run"), keys=frozenset({Look("a", "A", 1).key}), places=frozenset(), why="x"
    )
    assert take_down(Home(home), request, lambda: datetime.now(UTC)).articles == 1
    assert ask(served, "SELECT count(*) FROM articles") == [(0,)]


@installed
def test_who_shows_no_token_stays_outside(served: str) -> None:
    """Nothing is read without it."""
    with duckdb.connect() as connection:
        _load_extensions(connection)
        with pytest.raises(duckdb.Error):
            connection.execute(
                "FROM quack_query($1, 'SELECT 1', token = 'wrong')", [f"quack:{served}"]
            ).fetchall()


STOPPED_WHILE_OPENING = """
import os, signal, sys, threading
import warehouse.turns
class Stopped(threading.Thread):
    def start(self):
        warehouse.turns.Thread = threading.Thread
        super().start()
        os.kill(os.getpid(), signal.SIGTERM)
warehouse.turns.Thread = Stopped
from flows.cli import main
sys.argv = ["newsledger", "serve", "--address", sys.argv[1]]
main()
"""


@installed
def test_a_stop_while_the_door_opens_ends_the_server(home: Path, address: str) -> None:
    """A signal that raised there left a thread behind, and the process stood for ever."""
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_OPENING, address],
        env=os.environ | {"NEWSLEDGER_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    with writing(Home(home)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(0,)]


def test_a_second_signal_ends_the_process_at_once() -> None:
    """The first one is only noted, so that what is open is closed in good order."""
    script = (
        "import os, signal\n"
        "from flows.stopping import stopped_by_signals\n"
        "stop = stopped_by_signals()\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "print(stop.wait(20), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "print('still there')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (-signal.SIGINT, "True\n"), done.stderr


def test_without_a_token_nothing_is_served(home: Path) -> None:
    """The command says which variable to set."""
    done = subprocess.run([*COMMAND, "serve"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "NEWSLEDGER_TOKEN" in done.stderr


def test_a_missing_extension_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra to install."""
    monkeypatch.setattr("warehouse.serving.find_spec", lambda _: None)
    with pytest.raises(WarehouseError, match=r"newsledger\[server\]"):
        serve(Home(home), "localhost:1", TOKEN, lambda: False, lambda _: None)
