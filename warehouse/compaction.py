"""Packs the archive's many small files of a month into few large ones, page by page the same.

A packed file is written whole and read back before the small ones go. Killed in between, both are
there: the next compaction removes what a packed file holds already.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from warehouse.batch_file import Entry, batch_id_of, entries, is_ours, read_whole, write_file
from warehouse.connection import turn_to_write
from warehouse.errors import ArchiveError
from warehouse.home import Home

TARGET_BYTES = 128_000_000
_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction came to."""

    files_before: int
    files_after: int
    problems: tuple[str, ...] = ()  # files that cannot be read, and stay as they are


def compact(
    home: Home, *, target_bytes: int = TARGET_BYTES, wait: timedelta = _PATIENCE
) -> Compacted:
    """Pack loaded batches into files of about ``target_bytes``, a month at a time.

    Takes the writer's turn for each file that it makes. Raises ArchiveError when a file cannot
    be written, WarehouseBusy after ``wait``.
    """
    before = len(_files(home, "*"))
    problems: list[str] = []
    for month in sorted((home.archive / "pages").glob("month=*")):
        with turn_to_write(home, wait=wait):
            held = _batches(_files(home, month.name), problems)
            _remove_packed(held)
        for group in _groups(held, target_bytes):
            with turn_to_write(home, wait=wait):
                problems += _pack(month, group)
    return Compacted(before, len(_files(home, "*")), tuple(problems))


def _files(home: Home, month: str) -> list[Path]:
    return [path for path in home.archive.glob(f"pages/{month}/*.parquet") if is_ours(path)]


def _batches(files: list[Path], problems: list[str]) -> dict[Path, set[UUID]]:
    held: dict[Path, set[UUID]] = {}
    for path in files:
        try:
            held[path] = {entry.batch_id for entry in entries(path)}
        except ArchiveError as error:
            problems.append(str(error))
    return held


def _remove_packed(held: dict[Path, set[UUID]]) -> None:
    """Remove files whose every batch is also in a larger file: a killed compaction left them."""
    for path, batches in list(held.items()):
        if any(batches < others for others in held.values()):
            path.unlink()
            del held[path]


def _groups(files: Iterable[Path], target_bytes: int) -> Iterator[list[Path]]:
    group: list[Path] = []
    size = 0
    for path in sorted(files, key=lambda path: (path.stat().st_mtime_ns, path)):
        length = path.stat().st_size
        if length >= target_bytes:
            continue
        if group and size + length > target_bytes:
            if len(group) > 1:
                yield group
            group, size = [], 0
        group.append(path)
        size += length
    if len(group) > 1:
        yield group


def _pack(month: Path, group: list[Path]) -> list[str]:
    """Pack files into one; return why not, where one of them cannot be read."""
    parts = [
        (path, position, entry)
        for path in group
        if path.exists()
        for position, entry in enumerate(entries(path))
    ]
    packed = month / f"packed-{batch_id_of(entry.batch_id for _, _, entry in parts)}.parquet"
    try:
        write_file(packed, ((entry, read_whole(path, at, entry)) for path, at, entry in parts))
        _check_same(packed, parts)
    except ArchiveError as error:
        return [str(error)]
    except OSError as error:
        raise ArchiveError(f"{packed} could not be written: {error}. Run this again.") from error
    for path in group:
        if path != packed:
            path.unlink(missing_ok=True)
    return []


def _check_same(packed: Path, parts: list[tuple[Path, int, Entry]]) -> None:
    copies = ((entry, read_whole(packed, at, entry)) for at, entry in enumerate(entries(packed)))
    originals = ((entry, read_whole(path, at, entry)) for path, at, entry in parts)
    if not all(copy == original for copy, original in zip(copies, originals, strict=True)):
        packed.unlink()
        raise ArchiveError(f"{packed} came out other than its batches; they stay as they are.")
