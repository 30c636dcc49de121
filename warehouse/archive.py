"""The archive: raw pages, kept for ever, as one immutable Parquet file a batch.

::

    archive/pending/<batch_id>.parquet               written, not yet loaded
    archive/pages/month=2026-03/<batch_id>.parquet   loaded
    archive/pages/month=2026-03/packed-<id>.parquet  many loaded batches (warehouse/compaction.py)
    archive/damaged/<batch_id>.parquet               cannot be read; kept for a person to look at

A batch moves by renaming, after its load has committed. A crash between the two is harmless:
loading it again adds nothing, and then it moves. The archive may lie in an object store
(``warehouse/addresses.py``), where a crash amid the move leaves both; the next one mends it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from warehouse.addresses import REMEMBERED, folder_at
from warehouse.batch_file import PAGES, Entry, batch_id_of, entries, is_ours, read_whole, write_file
from warehouse.erasure import erase_from
from warehouse.errors import ArchiveError, RowError
from warehouse.files import move, replace_text
from warehouse.home import Home
from warehouse.rows import Rows, to_arrow


def place_archive(home: Home, address: str) -> None:
    """Let a home's archive be at an address, for good; "" leaves it where it is.

    Raises ArchiveError where it has one at another address already, for an address of an unknown
    kind, and when the home cannot be written.
    """
    if not address or folder_at(address) == home.archive:
        return
    remembered = home.root / REMEMBERED
    if remembered.exists() or home.archive.exists():
        raise ArchiveError(
            f"The archive of {home.root} is at {home.archive}, not at {address}. To move it, copy"
            f" all its files there while nothing runs, and write that address into {remembered}."
        )
    try:
        replace_text(remembered, f"{address}\n")
    except OSError as error:
        raise ArchiveError(f"{remembered} could not be written: {error}.") from error


def write_batch(home: Home, rows: Rows) -> UUID:
    """Write pages as one batch and return its id, which follows from their page_ids.

    Rows have the columns of ``PAGES``. The file is whole and on the disk when this returns; a
    batch that is in the archive already is not written again. Raises RowError for no rows or
    rows that do not fit, ArchiveError when the disk refuses.
    """
    if not rows:
        raise RowError("A batch of pages needs at least one page.")
    pages = to_arrow("pages", PAGES, rows)
    batch_id = batch_id_of(pages["page_id"].to_pylist())
    path = _pending(home, batch_id)
    if not path.exists() and _settled(home, batch_id) is None:
        try:
            write_file(path, [(Entry(batch_id), pages)])
        except OSError as error:
            raise ArchiveError(
                f"{path} could not be written: {error}. Mend that and run again: the pages of this"
                " batch will be fetched again."
            ) from error
    return batch_id


def pending(home: Home) -> list[UUID]:
    """Return the batches that are not loaded yet, the oldest first."""
    found = [
        (path.stat().st_mtime_ns, UUID(path.stem))
        for path in (home.archive / "pending").glob("*.parquet")
        if path.is_file() and is_ours(path)
    ]
    return [batch_id for _, batch_id in sorted(found)]


def read_batch(home: Home, batch_id: UUID) -> list[dict[str, Any]]:
    """Return the pages of a batch, pending or loaded, as they were given to ``write_batch``.

    Those that were erased since are left out. Raises ArchiveError, naming the file, when it is
    missing, damaged or not one of ours.
    """
    path, position, entry = _find(home, batch_id)
    rows: list[dict[str, Any]] = read_whole(path, position, entry).to_pylist(
        maps_as_pydicts="strict"
    )
    return rows


def settle(home: Home, batch_id: UUID, *, without: Collection[UUID] = ()) -> Path | None:
    """Move a batch, once its load has committed, to the loaded ones and return its path.

    The pages ``without`` (page_ids that the load refused for good) are erased first; None when
    that leaves nothing. A batch that was moved before stays where it is. Raises ArchiveError as
    ``read_batch`` does.
    """
    path = _pending(home, batch_id)
    settled = _settled(home, batch_id)
    if settled is not None:
        path.unlink(missing_ok=True)  # written again by a run that did not know of the first
        path = settled[0]
    if without and not (path.exists() and erase_from(path, set(without))):
        return None
    if settled is not None:
        return path
    month = min(row["fetched_at"] for row in read_batch(home, batch_id))
    return _move(path, _month_folder(home, month) / path.name)


def set_aside(home: Home, batch_id: UUID) -> Path:
    """Move a pending batch that cannot be read out of the way and return its new path."""
    path = _pending(home, batch_id)
    return _move(path, home.archive / "damaged" / path.name)


def _month_folder(home: Home, instant: datetime) -> Path:
    return home.archive / "pages" / f"month={instant.year:04}-{instant.month:02}"


def _move(path: Path, target: Path) -> Path:
    try:
        return move(path, target)
    except OSError as error:
        raise ArchiveError(f"{path} could not be moved to {target}: {error}.") from error


def _pending(home: Home, batch_id: UUID) -> Path:
    return home.archive / "pending" / f"{batch_id}.parquet"


def _settled(home: Home, batch_id: UUID) -> tuple[Path, int] | None:
    """Return the file of a loaded batch and its position in it: alone, or packed with others."""
    pages = home.archive / "pages"
    for path in pages.glob(f"month=*/{batch_id}.parquet"):
        return path, 0
    for path in pages.glob("month=*/packed-*.parquet"):
        if batch_id in _packed(path):
            for position, entry in enumerate(entries(path)):
                if entry.batch_id == batch_id:
                    return path, position
    return None


@lru_cache(maxsize=4096)
def _packed(path: Path) -> frozenset[UUID]:
    """Return the batches that a packed file holds, or held before an erasure: its name is theirs.

    Never asked twice, because in an object store each question is a request.
    """
    return frozenset(entry.batch_id for entry in entries(path))


def _find(home: Home, batch_id: UUID) -> tuple[Path, int, Entry]:
    waiting = _pending(home, batch_id)
    found = (waiting, 0) if waiting.exists() else _settled(home, batch_id)
    if found is None:
        raise ArchiveError(f"{home.archive} has no batch {batch_id}.")
    path, position = found
    listed = entries(path)
    entry = listed[position] if position < len(listed) else Entry(batch_id)
    if entry.batch_id != batch_id:
        raise ArchiveError(f"{path} holds other pages than its name says; it is not one of ours.")
    return path, position, entry
