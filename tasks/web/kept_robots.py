"""What robots.txt of each host said, kept on disk from run to run for as long as it holds."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HOLDS = timedelta(days=1)  # RFC 9309, 2.4: not to be used for longer


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """One file a host in ``folder``; ``clock`` gives aware instants.

    A file begins with a line that says when it was asked for, and of whom; the rest is as it came.
    What cannot be read or written costs one request more.
    """

    folder: Path
    clock: Callable[[], datetime]

    def read(self, origin: str) -> bytes | None:
        """Return what a host said within the last day; None where it has to be asked."""
        with suppress(OSError, ValueError):
            head, _, body = self._file(origin).read_bytes().partition(b"\n")
            asked_at, _, whose = head.decode("ascii").partition(" ")
            age = self.clock() - datetime.fromisoformat(asked_at)
            if whose == origin and timedelta() <= age < HOLDS:
                return body
        return None

    def keep(self, origin: str, body: bytes) -> None:
        """Keep what a host says now; empty where it has no robots.txt."""
        file = self._file(origin)
        temporary = file.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(f"{self.clock().isoformat()} {origin}\n".encode() + body)
            temporary.replace(file)

    def _file(self, origin: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:24]}.txt"
