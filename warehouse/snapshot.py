"""Publishes the live database: a whole copy for people to query, replaced in one step.

Whoever has the old copy open keeps it until they close it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.changes import changes
from warehouse.connection import Connection, at_server, open_live, reading, writer_lock
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.files import copy, remove_leftovers, replace_whole
from warehouse.home import Home
from warehouse.transaction import checkpoint

_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to."""

    bytes: int  # size of the published copy
    seconds: float  # from having the turn to having the copy
    skipped: bool  # nothing had changed since the last time


def publish(
    home: Home,
    *,
    wait: timedelta = _PATIENCE,
    recent: datetime | None = None,
) -> Published:
    """Copy the live database to ``home.news`` unless that is current already.

    A copy made after ``recent`` (aware) is left as it is, current or not: so publishing is paced.
    Writers wait meanwhile. Raises WarehouseBusy when the turn does not come within ``wait``,
    WarehouseError when the copy cannot be made; the old copy then stays.
    """
    started = time.monotonic()
    if recent and _was_made_after(home.news, recent):
        return Published(home.news.stat().st_size, time.monotonic() - started, skipped=True)
    with at_server(home, wait=wait) as served:
        if served:
            started = time.monotonic()
            skipped = changes(served) == _published_count(home.news)
            if not skipped:
                with _held_still(home, served):
                    _replace(home)
            return Published(home.news.stat().st_size, time.monotonic() - started, skipped)
    with writer_lock(home, wait=wait):
        started = time.monotonic()
        with open_live(home, wait=wait) as connection:
            skipped = changes(connection) == _published_count(home.news)
            if not skipped:
                checkpoint(connection)
        if not skipped:
            require_whole(home)
            _replace(home)
        return Published(home.news.stat().st_size, time.monotonic() - started, skipped)


@contextmanager
def _held_still(home: Home, served: Connection) -> Iterator[None]:
    """Bring all changes into the file that a server has open, and keep it as it is meanwhile.

    Between two checkpoints what clients write goes to the log, or to blocks that are free in the
    file as it was, so a copy taken then is whole. Raises WarehouseBusy when a client's transaction
    is in the way.
    """
    served.execute("SET GLOBAL checkpoint_threshold = '1TB'")
    try:
        try:
            checkpoint(served)
        except WarehouseError as error:
            raise WarehouseBusy(home.live, f"a client of the server ({error})", 0) from error
        yield
    finally:
        served.execute("RESET GLOBAL checkpoint_threshold")


def _was_made_after(path: Path, instant: datetime) -> bool:
    try:
        return path.stat().st_mtime > instant.timestamp()
    except OSError:
        return False  # there is none


def _published_count(path: Path) -> int | None:
    """Return the count of changes in the published copy, None when it cannot be told."""
    try:
        with reading(path) as connection:
            return changes(connection)
    except WarehouseError:
        # None there, or not readable: publishing anew is the cure for both.
        return None


def require_whole(home: Home) -> None:
    """Raise WarehouseError unless all of the live database is in its one file."""
    log = _log(home.live)
    if log.exists() and log.stat().st_size:
        raise WarehouseError(
            f"{log} still holds changes that are not in {home.live}, so a copy would lack them."
            " Run this again; if that does not help, look for a full disk."
        )


def _replace(home: Home) -> None:
    remove_leftovers(home.news)
    try:
        # Left by someone who wrote into the old copy; it must not be applied to the new one.
        _log(home.news).unlink(missing_ok=True)
        replace_whole(home.news, lambda temporary: copy(home.live, temporary))
    except OSError as error:
        raise WarehouseError(
            f"{home.news} could not be replaced: {error}. The copy from before is still there."
        ) from error


def _log(path: Path) -> Path:
    """Return where DuckDB keeps the write-ahead log of a database."""
    return path.with_name(f"{path.name}.wal")
