"""Serves the live database to many clients at once, by DuckDB's own server Quack.

The server holds the writers' lock, and gives the writers of the pipeline their turns in its own
process (warehouse/turns.py): they work beside the clients, who notice nothing. Only what needs the
file to itself (rewriting it, packing the archive) waits for the lock; then the server closes its
door for that moment and opens again, and clients have to attach anew. Rows do not go through Quack
itself, because an attached client of 1.5.5 cannot roll back (duckdb/duckdb-quack#173).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.connection import open_live, writer_lock
from warehouse.errors import WarehouseError
from warehouse.home import Home
from warehouse.transaction import one_line
from warehouse.turns import giving_turns

_EXTENSIONS = ("httpfs", "quack")  # quack needs the other one loaded first
_PATIENCE = timedelta(seconds=30)
_LOOK = 0.05  # seconds between looks for a writer that waits
_STEP_ASIDE = 0.5  # seconds for it to come in


def serve(
    home: Home,
    address: str,
    token: str,
    is_stopped: Callable[[], bool],
    tell: Callable[[str], None],
) -> None:
    """Serve until ``is_stopped``; ``address`` is host:port, ``token`` what clients must show.

    ``tell`` hears a sentence whenever the door opens. Raises WarehouseError when the extension is
    missing or the address cannot be had, WarehouseBusy when somebody holds the live file.
    """
    while not is_stopped():
        with _door(home, address, token):
            tell(f"Serving {home.live} at quack:{address}.")
            while not is_stopped() and not home.wanted.exists():
                time.sleep(_LOOK)
        _let_in(home)


@contextmanager
def _door(home: Home, address: str, token: str) -> Iterator[None]:
    """Have the turn to write and the server open."""
    with writer_lock(home, wait=_PATIENCE), open_live(home, wait=_PATIENCE) as connection:
        _load_extensions(connection)
        try:
            connection.execute("CALL quack_serve($1, token = $2)", [f"quack:{address}", token])
        except duckdb.Error as error:
            raise WarehouseError(f"Nothing can be served at {address}: {one_line(error)}") from None
        try:
            with giving_turns(home, connection):
                yield
        finally:
            connection.execute("CALL quack_stop($1)", [f"quack:{address}"])


def _let_in(home: Home) -> None:
    """Wait until a writer that wants the turn has it; not for ever: it may have been killed."""
    until = time.monotonic() + _STEP_ASIDE
    while home.wanted.exists() and time.monotonic() < until:
        time.sleep(_LOOK / 5)
    home.wanted.unlink(missing_ok=True)


def _load_extensions(connection: DuckDBPyConnection) -> None:
    for name in _EXTENSIONS:
        package = find_spec(f"duckdb_extension_{name}")
        folders = list(package.submodule_search_locations or ()) if package else []
        version = f"v{duckdb.__version__}"
        files = [
            Path(folder, "extensions", version, f"{name}.duckdb_extension") for folder in folders
        ]
        found = next((file for file in files if file.exists()), None)
        if found is None:
            raise WarehouseError(
                f"The server needs the extension {name} for DuckDB {duckdb.__version__}. Install"
                " the extra: pip install 'newsledger[server]'; its packages fit DuckDB 1.5.5."
            )
        quoted = str(found).replace("'", "''")
        connection.execute(f"LOAD '{quoted}'")
