"""Reads the files of a source's lists: WARC files and folders, on this machine or copied to it.

A file's state is its size and the instant of its last change; one in the state that is known lists
nothing again. That of a file read in part says so, and the next reading goes on there.
"""

import asyncio
import glob
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tasks.articles.errors import Reason, Rejected
from tasks.articles.records import Document
from tasks.discovery.kinds import Found
from tasks.discovery.reading import Gathered

MOST_LISTINGS = 20_000  # of one source in one run; the next files are read at its next poll
NEXT_POLL = " wait for its next poll."
_PART = " read to byte "  # in the state of a file of which there is more


class FileKind(Protocol):
    """A declared list of files of one source."""

    def read(self, path: Path, state: str, start: int) -> tuple[Found, int]:
        """Return what a file in this state holds from a byte on, and where to go on; 0: nowhere.

        Raises ValueError for a file of another kind.
        """
        ...


@dataclass(slots=True)
class Files:
    """One reading of a source's files into ``gathered``; ``known`` and so on as in ``Reading``."""

    source: str
    gathered: Gathered
    clock: Callable[[], datetime]
    known: Mapping[str, Document]
    remembers: bool = True

    async def read(self, kind: FileKind, files: Mapping[str, Path]) -> None:
        """Read these files, by their names in the ledger; one that fails is kept as an error."""
        left = 0
        for name, path in files.items():
            if len(self.gathered.listings) >= MOST_LISTINGS:
                left += 1
                continue
            with self.gathered.keeping_errors():
                found = await asyncio.to_thread(self._read_one, kind, name, path)
                self.gathered.add(found, kind)
        if left:
            self.gathered.is_whole = False
            self.gathered.has_more = True
            self.gathered.problems.append(f"{left} files of {self.source}{NEXT_POLL}")

    def is_done(self, name: str) -> bool:
        """Say whether a file that never changes was read to its end."""
        document = self.known.get(name) if self.remembers else None
        return bool(document and document.etag and _PART not in document.etag)

    def _read_one(self, kind: FileKind, name: str, path: Path) -> Found:
        before = self.known.get(name) if self.remembers else None
        try:
            stat = path.stat()
            state = f"{stat.st_size} bytes at {stat.st_mtime_ns}"
            if before and before.etag == state:
                self.gathered.documents.append(replace(before, read_at=self.clock()))
                return Found()
            start, _, at = (before.etag if before else "").partition(_PART)
            found, end = kind.read(path, state, int(at) if at and start == state else 0)
        except (OSError, ValueError) as error:
            raise Rejected(Reason.NOT_A_LIST, f"{name}: {error}") from error
        self.gathered.has_more |= bool(end)
        if self.remembers:
            etag = f"{state}{_PART}{end}" if end else state
            self.gathered.documents.append(
                Document(source=self.source, url=name, etag=etag, read_at=self.clock())
            )
        return found


def matching(pattern: str) -> dict[str, Path]:
    """Return the files that a pattern with * and ** names, by their paths, in order.

    Raises Rejected where not even its folder is there.
    """
    pattern = str(Path(pattern).expanduser())
    fixed = pattern
    while glob.has_magic(fixed):
        fixed = str(Path(fixed).parent)
    if not Path(fixed).exists():
        raise Rejected(Reason.NOT_A_LIST, f"{fixed} does not exist; make it or name another place")
    paths = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  Path.glob takes no absolute
    return {
        str(Path(path).absolute()): Path(path).absolute() for path in paths if Path(path).is_file()
    }
