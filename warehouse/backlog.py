"""What the ledger has still to learn: notes of runs that found the database held.

A note is one JSON file, written whole. The next run that has the turn to write records all notes
and removes them; recording one twice adds nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse import ledger
from warehouse.append import append
from warehouse.batch import Batch
from warehouse.errors import ArchiveError, RowError
from warehouse.files import move, replace_text
from warehouse.home import Home
from warehouse.polling import put_source_states
from warehouse.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Rows for the ledger, as its functions take them; only what applies is given."""

    run_id: UUID
    noted_at: datetime
    batch_id: UUID | None = None  # with outcomes: the batch that they make up
    listings: Rows = ()
    documents: Rows = ()  # that listed them
    outcomes: Rows = ()  # of listings that have no page in the archive
    polls: Rows = ()
    states: Rows = ()  # of the sources that were asked
    run: Mapping[str, Any] | None = None  # flow, sources, started_at, finished_at, error


def set_down(home: Home, note: Note) -> Path:
    """Keep a note until ``catch_up`` and return its file. Raises ArchiveError."""
    text = json.dumps({f.name: getattr(note, f.name) for f in fields(note)}, default=_tagged)
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    path = home.unrecorded / f"{note.noted_at:%Y%m%dT%H%M%S.%f}-{digest[:12]}.json"
    try:
        replace_text(path, text)
    except OSError as error:
        raise ArchiveError(
            f"{path} could not be written: {error}. Mend that, run again."
        ) from error
    return path


def catch_up(connection: DuckDBPyConnection, home: Home, now: datetime) -> list[str]:
    """Record all notes, the oldest first, and remove them; ``now`` becomes ``available_at``.

    Inside the writer's turn. Returns a sentence for each file that is no note of ours: it is
    kept under another name.
    """
    problems = []
    for path in sorted(home.unrecorded.glob("*.json")):
        try:
            note = Note(**json.loads(path.read_text(encoding="utf-8"), object_hook=_untagged))
            _record(connection, note, now)
        except (ValueError, TypeError, RowError) as error:
            kept = move(path, path.with_suffix(".damaged"))
            problems.append(f"{kept} could not be recorded in the ledger: {error}")
        else:
            path.unlink()
    return problems


def _record(connection: DuckDBPyConnection, note: Note, now: datetime) -> None:
    if note.run:
        keys = ("flow", "sources", "started_at")
        start = {key: note.run[key] for key in keys}
        ledger.start_run(connection, run_id=note.run_id, **start)
        ledger.record_polls(connection, note.polls)
        put_source_states(connection, note.states, now)
        end = {key: note.run[key] for key in ("finished_at", "error")}
        ledger.finish_run(connection, run_id=note.run_id, **end)
    elif note.batch_id:
        batch = Batch(
            batch_id=note.batch_id,
            run_id=note.run_id,
            available_at=now,
            listings=note.listings,
            outcomes=note.outcomes,
        )
        append(connection, batch)
    else:
        ledger.record_listings(
            connection,
            note.listings,
            run_id=note.run_id,
            available_at=now,
            documents=note.documents,
        )


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, UUID):
        return {"$uuid": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    raise TypeError(f"A note cannot hold a {type(value).__name__}.")


def _untagged(found: dict[str, Any]) -> Any:
    if found.keys() == {"$uuid"}:
        return UUID(found["$uuid"])
    if found.keys() == {"$instant"}:
        return datetime.fromisoformat(found["$instant"])
    return found
