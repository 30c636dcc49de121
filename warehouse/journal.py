"""The journal of a run over many units: what each came to, so that a killed run goes on from there.

While the run is under way it is a file of JSON lines: the rows of a unit, then a line for the unit
itself. A unit whose own line is missing is done again. At the end the rows become one Parquet file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from warehouse.errors import ArchiveError
from warehouse.files import replace_whole
from warehouse.rows import to_arrow

_UNIT = "unit"
_AT_ONCE = 10_000  # rows of the Parquet file
Row = dict[str, Any]


class Journal:
    """The rows of a run, kept in a file until they are whole; ``schema`` is that of the rows."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._schema = schema

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from the same journal. Raises ArchiveError when another run has it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        name = self._path.with_suffix(".lock")
        lock = FileLock(name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ArchiveError(
                f"Another run is doing the very same now, and holds {self._path}. Wait for it, or"
                " stop it."
            ) from None
        try:
            yield
        finally:
            name.unlink(missing_ok=True)
            lock.release()

    def units(self) -> Iterator[tuple[Row, list[Row]]]:
        """Give each unit that is done, and its rows; what was left half there is dropped."""
        rows: list[Row] = []
        for line in self._lines():
            row = json.loads(line)
            if _UNIT in row:
                yield row, rows
                rows = []
            else:
                rows.append(row)

    def add(self, unit: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write down a unit (its name under ``unit``) and its rows. Raises ArchiveError."""
        lines = "".join(json.dumps(row, default=str) + "\n" for row in (*rows, unit))
        try:
            with self._path.open("a", encoding="ascii") as file:
                file.write(lines)
        except OSError as error:
            raise ArchiveError(
                f"{self._path} could not be written: {error}. Mend that and run this again: it"
                " goes on from there."
            ) from error

    def finish(self, target: Path) -> Path:
        """Write all rows to a Parquet file, let go of the journal, and return the file."""
        replace_whole(target, self._write)
        self._path.unlink(missing_ok=True)
        return target

    def _lines(self) -> Iterator[bytes]:
        """Give the whole lines up to the last unit's, and cut off what follows it."""
        if not self._path.exists():
            return
        whole, read, waiting = 0, 0, []
        with self._path.open("rb") as file:
            for line in file:
                read += len(line)
                waiting.append(line)
                if line.startswith(b'{"unit"') and line.endswith(b"\n"):
                    yield from waiting
                    whole, waiting = read, []
        with self._path.open("r+b") as file:
            file.truncate(whole)

    def _write(self, temporary: Path) -> None:
        with pq.ParquetWriter(temporary, self._schema, compression="zstd") as writer:
            waiting: list[Row] = []
            for _, rows in self.units():
                waiting += map(self._typed, rows)
                if len(waiting) >= _AT_ONCE:
                    writer.write_table(to_arrow("differences", self._schema, waiting))
                    waiting = []
            writer.write_table(to_arrow("differences", self._schema, waiting))

    def _typed(self, row: Row) -> Row:
        ids = {field.name for field in self._schema if field.type == pa.uuid()}
        return {name: UUID(value) if name in ids else value for name, value in row.items()}
