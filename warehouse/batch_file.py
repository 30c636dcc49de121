"""One file of the archive: the pages of one batch, or of many, each batch a row group of its own.

The file's metadata lists its batches, so that a page can be left out for ever (a takedown, a
licence that ends) while the batch keeps the identity that its first pages gave it.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.addresses import state_of
from warehouse.errors import ArchiveError
from warehouse.files import replace_whole

_FIRST_PAGES = pa.schema(
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
# With the facts of the fetch, which files written before they were kept have not.
PAGES = pa.schema(
    [
        *_FIRST_PAGES,
        pa.field("requested_url", pa.string(), nullable=False),  # before redirects
        pa.field("headers", pa.map_(pa.string(), pa.string()), nullable=False),  # those that matter
        pa.field("asked_at", pa.timestamp("us", tz="UTC")),  # null for an item
        pa.field("charset", pa.string(), nullable=False),  # that the body is in; Python's name
        pa.field(
            "charset_from", pa.string(), nullable=False
        ),  # bom, bytes, page, header or guessed
        pa.field("body_hash", pa.uuid()),  # MD5 of body
        pa.field("body_bytes", pa.int64()),
    ]
)
_BATCHES = b"newsledger.batches"  # JSON: for each row group batch_id and the page_ids left out


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch within a file: its identity, and the pages that were erased from it."""

    batch_id: UUID
    erased: tuple[UUID, ...] = ()


def batch_id_of(page_ids: Iterable[UUID]) -> UUID:
    """Return the identity of a batch (the MD5 of its page_ids, sorted)."""
    joined = b"".join(sorted(page_id.bytes for page_id in page_ids))
    return UUID(bytes=hashlib.md5(joined, usedforsecurity=False).digest())


def is_ours(path: Path) -> bool:
    """Tell by its name whether a file is one of the archive's: a batch, or packed batches."""
    try:
        UUID(path.stem.removeprefix("packed-"))
    except ValueError:
        return False
    return path.suffix == ".parquet"


def write_file(path: Path, parts: Iterable[tuple[Entry, pa.Table]]) -> None:
    """Write batches, each with at least one page, as one file, replacing it. Raises OSError."""
    replace_whole(path, lambda temporary: _write(temporary, parts))


def entries(path: Path) -> tuple[Entry, ...]:
    """Return the batches of a file, in order. Raises ArchiveError where it cannot be read."""
    try:
        return _entries(path, state_of(path))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def read_pages(path: Path, position: int, columns: list[str] | None = None) -> pa.Table:
    """Return the pages of the batch at this position in the file.

    Raises ArchiveError, naming the file, when it is missing, damaged or not one of ours.
    """
    try:
        # Opened here: a path below month=... would be read as a partition with one column more.
        with (
            path.open("rb") as file,
            pq.ParquetFile(file, page_checksum_verification=True) as parquet,
        ):
            _refuse_foreign(path, parquet.schema_arrow)
            kept = parquet.schema_arrow.names
            wanted = PAGES.names if columns is None else columns
            pages = parquet.read_row_group(position, columns=[n for n in wanted if n in kept])
            return _with_facts(pages, wanted)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def read_whole(path: Path, position: int, entry: Entry) -> pa.Table:
    """Return all pages of a batch, and see that they are those that its identity was made of."""
    pages = read_pages(path, position)
    if batch_id_of([*pages["page_id"].to_pylist(), *entry.erased]) != entry.batch_id:
        raise ArchiveError(f"{path} holds other pages than its name says; it is not one of ours.")
    return pages


def _write(path: Path, parts: Iterable[tuple[Entry, pa.Table]]) -> None:
    written: list[dict[str, Any]] = []
    with pq.ParquetWriter(
        path,
        PAGES,
        compression="zstd",
        use_dictionary=["source", "kind", "content_type"],
        write_statistics=["source", "fetched_at"],
        write_page_checksum=True,
    ) as writer:
        for entry, pages in parts:
            writer.write_table(pages, row_group_size=len(pages))
            erased = [str(page_id) for page_id in entry.erased]
            written.append({"batch_id": str(entry.batch_id), "erased": erased})
        writer.add_key_value_metadata({_BATCHES: json.dumps(written).encode()})


@lru_cache(maxsize=4096)
def _entries(path: Path, _: Hashable) -> tuple[Entry, ...]:
    """Read the list of batches; kept until the file is another."""
    if path.stat().st_size == 0:
        raise pa.ArrowInvalid("the file is empty")
    with path.open("rb") as file, pq.ParquetFile(file) as parquet:
        _refuse_foreign(path, parquet.schema_arrow)
        listed = json.loads((parquet.metadata.metadata or {}).get(_BATCHES, b"[]"))
    return tuple(
        Entry(UUID(part["batch_id"]), tuple(UUID(page_id) for page_id in part["erased"]))
        for part in listed
    )


def _with_facts(pages: pa.Table, wanted: Sequence[str]) -> pa.Table:
    """Return the wanted columns; those that an older file lacks are empty."""
    arrays = [
        pages[name] if name in pages.schema.names else _empty(PAGES.field(name), len(pages))
        for name in wanted
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema([PAGES.field(name) for name in wanted]))


def _empty(field: pa.Field, length: int) -> pa.Array:
    if field.nullable:
        return pa.nulls(length, field.type)
    return pa.array(["" if pa.types.is_string(field.type) else []] * length, field.type)


def _refuse_foreign(path: Path, schema: pa.Schema) -> None:
    if not (schema.equals(PAGES) or schema.equals(_FIRST_PAGES)):
        raise ArchiveError(
            f"{path} is not a batch of pages; its columns are: {', '.join(schema.names)}."
        )


def _unreadable(path: Path, error: Exception) -> ArchiveError:
    said = " ".join(str(error).split())
    return ArchiveError(f"{path} cannot be read, it is damaged or cut short: {said}")
