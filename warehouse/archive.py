"""The archive: raw pages, kept for ever, as one immutable Parquet file a batch.

::

    archive/pending/<batch_id>.parquet               written, not yet loaded
    archive/pages/month=2026-03/<batch_id>.parquet   loaded
    archive/damaged/<batch_id>.parquet               cannot be read; kept for a person to look at

A batch moves by renaming, after its load has committed. A crash between the two is harmless:
loading it again adds nothing, and then it moves.
"""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import ArchiveError, RowError
from warehouse.files import move, replace_whole
from warehouse.home import Home
from warehouse.rows import Rows, to_arrow

PAGES = pa.schema(
    [
        pa.field("page_id", pa.uuid(), nullable=False),
        pa.field("listing_id", pa.uuid(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # html or item
        pa.field("url", pa.string(), nullable=False),  # after redirects
        pa.field("status", pa.int32(), nullable=False),  # HTTP status
        pa.field("content_type", pa.string(), nullable=False),  # as sent
        pa.field("body", pa.binary(), nullable=False),  # as sent, inflated
        pa.field("fetched_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("listing", pa.string(), nullable=False),  # JSON: all that the list said
    ]
)


def write_batch(home: Home, rows: Rows) -> UUID:
    """Write pages as one batch and return its id, which follows from their page_ids.

    Rows have the columns of ``PAGES``. The file is whole and on the disk when this returns; a
    batch that is in the archive already is not written again. Raises RowError for no rows or
    rows that do not fit, ArchiveError when the disk refuses.
    """
    if not rows:
        raise RowError("A batch of pages needs at least one page.")
    pages = to_arrow("pages", PAGES, rows)
    batch_id = _batch_id(pages["page_id"].to_pylist())
    path = _pending(home, batch_id)
    if not path.exists() and _settled(home, batch_id) is None:
        try:
            replace_whole(path, lambda temporary: _write(pages, temporary))
        except OSError as error:
            raise ArchiveError(
                f"{path} could not be written: {error}. Mend that and run again: the pages of this"
                " batch will be fetched again."
            ) from error
    return batch_id


def pending(home: Home) -> list[UUID]:
    """Return the batches that are not loaded yet, the oldest first."""
    found = [
        (path.stat().st_mtime_ns, batch_id)
        for path in _files(home.archive / "pending")
        if (batch_id := _id_in_name(path)) is not None
    ]
    return [batch_id for _, batch_id in sorted(found)]


def read_batch(home: Home, batch_id: UUID) -> list[dict[str, Any]]:
    """Return the pages of a batch, pending or loaded, as they were given to ``write_batch``.

    Raises ArchiveError, naming the file, when it is missing, damaged or not one of ours.
    """
    path = _find(home, batch_id)
    try:
        pages = _read(path)
    except (OSError, pa.ArrowException) as error:
        raise ArchiveError(
            f"{path} cannot be read, it is damaged or cut short: {' '.join(str(error).split())}"
        ) from error
    if not pages.schema.equals(PAGES):
        raise ArchiveError(
            f"{path} is not a batch of pages; its columns are: {', '.join(pages.schema.names)}."
        )
    rows: list[dict[str, Any]] = pages.to_pylist()
    if _batch_id(row["page_id"] for row in rows) != batch_id:
        raise ArchiveError(f"{path} holds other pages than its name says; it is not one of ours.")
    return rows


def settle(home: Home, batch_id: UUID) -> Path:
    """Move a batch, once its load has committed, to the loaded ones and return its path.

    A batch that was moved before stays where it is. Raises ArchiveError as ``read_batch`` does.
    """
    path = _pending(home, batch_id)
    settled = _settled(home, batch_id)
    if settled is not None:
        path.unlink(missing_ok=True)  # written again by a run that did not know of the first
        return settled
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


def _batch_id(page_ids: Iterable[UUID]) -> UUID:
    joined = b"".join(sorted(page_id.bytes for page_id in page_ids))
    return UUID(bytes=hashlib.md5(joined, usedforsecurity=False).digest())


def _pending(home: Home, batch_id: UUID) -> Path:
    return home.archive / "pending" / f"{batch_id}.parquet"


def _settled(home: Home, batch_id: UUID) -> Path | None:
    found = (home.archive / "pages").glob(f"month=*/{batch_id}.parquet")
    return next(found, None)


def _find(home: Home, batch_id: UUID) -> Path:
    waiting = _pending(home, batch_id)
    path = waiting if waiting.exists() else _settled(home, batch_id)
    if path is None:
        raise ArchiveError(f"{home.archive} has no batch {batch_id}.")
    return path


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.parquet") if path.is_file()]


def _id_in_name(path: Path) -> UUID | None:
    """Return the batch that a file's name says; None for a file that somebody else put there."""
    try:
        return UUID(path.stem)
    except ValueError:
        return None


def _write(pages: pa.Table, path: Path) -> None:
    with pq.ParquetWriter(
        path,
        PAGES,
        compression="zstd",
        use_dictionary=["source", "kind", "content_type"],
        write_statistics=["source", "fetched_at"],
        write_page_checksum=True,
    ) as writer:
        writer.write_table(pages)


def _read(path: Path) -> pa.Table:
    # Opened here: a path below month=... would be read as a partition with one column more.
    with path.open("rb") as file, pq.ParquetFile(file, page_checksum_verification=True) as parquet:
        if os.fstat(file.fileno()).st_size == 0:
            raise pa.ArrowInvalid("the file is empty")
        return parquet.read()
