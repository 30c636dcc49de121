"""Where the batches of the archive lie, all of them, found without reading a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from warehouse.batch_file import entries, is_ours
from warehouse.errors import ArchiveError
from warehouse.home import Home


@dataclass(frozen=True, slots=True)
class Place:
    """One loaded batch: the file that holds it, and which of the file's batches it is."""

    batch_id: UUID
    file: Path
    position: int


def places(home: Home, problems: list[str]) -> Iterator[Place]:
    """Give the loaded batches, month by month, each once.

    A file that cannot be read is left out, and told in ``problems``, a sentence each.
    """
    seen: set[UUID] = set()
    for path in sorted(home.archive.glob("pages/month=*/*.parquet")):
        if not is_ours(path):
            continue
        try:
            listed = entries(path)
        except ArchiveError as error:
            problems.append(str(error))
            continue
        for position, entry in enumerate(listed):
            # A compaction that was killed leaves a batch both alone and packed.
            if entry.batch_id not in seen:
                seen.add(entry.batch_id)
                yield Place(entry.batch_id, path, position)
