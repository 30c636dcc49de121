"""Erases pages from the archive: a takedown asks for it, or a licence that has run out.

A file is rewritten without them, whole and in one step; one that has no page left is removed.
"""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.batch_file import Entry, entries, is_ours, read_pages, read_whole, write_file
from warehouse.errors import ArchiveError
from warehouse.home import Home

_LIGHT = ["page_id", "listing_id", "source", "url", "fetched_at"]
Unwanted = Callable[[pa.Table], set[UUID]]  # pages without bodies -> page_ids to erase


def erase_pages(
    home: Home, *, page_ids: Collection[UUID], listing_ids: Collection[UUID], places: set[str]
) -> int:
    """Erase pages from all files, loaded or pending, and return how many there were.

    Damaged files that were set aside are left alone: nobody can tell what is in them.

    A page goes by its page_id, its listing_id, its address, or the place (address or guid) that
    its listing gave. Inside the writer's turn. Raises ArchiveError for a file that cannot be
    read or replaced: nobody could say that the page is not in it.
    """
    pages, listings = set(page_ids), set(listing_ids)

    def unwanted(light: pa.Table) -> set[UUID]:
        return {
            row["page_id"]
            for row in light.to_pylist()
            if row["page_id"] in pages
            or row["listing_id"] in listings
            or row["url"] in places
            or _place(row["listing"]) in places
        }

    files = (*home.archive.glob("pending/*"), *home.archive.glob("pages/month=*/*"))
    columns = [*_LIGHT, "listing"]
    return sum(_erase(path, unwanted, columns) for path in sorted(files) if is_ours(path))


def erase_expired(home: Home, source: str, before: datetime) -> int:
    """Erase a source's loaded pages fetched before an instant; return how many there were.

    Inside the writer's turn. Raises ArchiveError as ``erase_pages`` does.
    """
    last_month = f"month={before.year:04}-{before.month:02}"

    def unwanted(light: pa.Table) -> set[UUID]:
        old = pc.and_(pc.equal(light["source"], source), pc.less(light["fetched_at"], before))
        return set(light.filter(old)["page_id"].to_pylist())

    files = sorted(home.archive.glob("pages/month=*/*"))
    return sum(
        _erase(path, unwanted, _LIGHT)
        for path in files
        if is_ours(path) and path.parent.name <= last_month
    )


def erase_from(path: Path, page_ids: set[UUID]) -> bool:
    """Erase pages from one file; return whether the file is still there."""
    _erase(path, lambda light: page_ids & set(light["page_id"].to_pylist()), ["page_id"])
    return path.exists()


def _erase(path: Path, unwanted: Unwanted, columns: list[str]) -> int:
    listed = entries(path)
    gone = [unwanted(read_pages(path, position, columns)) for position in range(len(listed))]
    count = sum(len(pages) for pages in gone)
    if not count:
        return 0
    left = [
        (position, Entry(entry.batch_id, (*entry.erased, *sorted(gone[position]))))
        for position, entry in enumerate(listed)
        if len(gone[position]) < len(read_pages(path, position, ["page_id"]))
    ]
    try:
        if left:
            parts = ((new, _kept(path, at, listed[at], gone[at])) for at, new in left)
            write_file(path, parts)
        else:
            path.unlink()
    except OSError as error:
        raise ArchiveError(f"{path} could not be rewritten: {error}. Run this again.") from error
    return count


def _kept(path: Path, position: int, entry: Entry, gone: set[UUID]) -> pa.Table:
    pages = read_whole(path, position, entry)
    keep = [page_id not in gone for page_id in pages["page_id"].to_pylist()]
    return pages.filter(pa.array(keep))


def _place(listing: str) -> str:
    """Return where a listing (JSON) says that it is: its address, or its guid without one."""
    said = json.loads(listing)
    return str(said.get("url") or said.get("guid") or "")
