"""The slices of backfills: which days of a source are proven, and what is left to do in the others.

All instants are handed in, aware; the database keeps them in UTC. What the states mean is said in
the view ``slice_states``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.listings import add_listings
from warehouse.rows import Rows, insert, with_rows
from warehouse.transaction import transaction
from warehouse.undated import place_undated

PROVEN = "proven"
FAILED = "failed"
NEVER_BEGUN = "never begun"  # no backfill was asked for it: not in the view


@dataclass(frozen=True, slots=True)
class Closing:
    """How reading the lists of a slice ended; ``error`` says why they were not read whole.

    ``undated`` are the listings that came with it and of which no list said the day.
    """

    day: date
    stated: int
    error: str
    read_at: datetime
    undated: frozenset[UUID] = frozenset()


def slice_states(connection: DuckDBPyConnection, source: str) -> dict[date, str]:
    """Return the state of each slice of a source, by day (UTC), in order."""
    rows = connection.execute(
        "SELECT day, state FROM slice_states WHERE source = $1 ORDER BY day", [source]
    ).fetchall()
    return dict(rows)


def open_slices(
    connection: DuckDBPyConnection,
    source: str,
    listings: Mapping[date, Rows],
    *,
    run_id: UUID,
    now: datetime,
) -> None:
    """Begin these slices, or go on with them, and record what their lists give, in one commit.

    Rows of listings are as in ``record_listings``. A listing stays in the slice that it first came
    in, so that each is counted once. A slice that this run has begun already is left as it is.
    """
    with transaction(connection):
        known = _slices(connection, source, list(listings))
        new = [day for day in listings if known.get(day, {}).get("run_id") != run_id]
        _forget(connection, source, new)
        rows = [_opened(source, day, known.get(day), run_id, now) for day in new]
        insert(connection, "slices", rows)
        _assign(connection, source, listings)
        add_listings(connection, [row for rows in listings.values() for row in rows], run_id, now)


def close_slices(
    connection: DuckDBPyConnection,
    source: str,
    closings: Sequence[Closing],
    *,
    run_id: UUID,
    now: datetime,
) -> None:
    """Record that all that the lists of these slices gave has been worked on.

    A listing without a day goes to that of its article. While one may be of any day, none of the
    days that were read with it is complete.
    """
    with transaction(connection):
        astray = place_undated(connection, {key for x in closings for key in x.undated})
        known = _slices(connection, source, [closing.day for closing in closings])
        errors = {closing.day: _error(closing, astray) for closing in closings}
        rows = [
            {
                **known[closing.day],
                "stated": closing.stated,
                "is_whole": not errors[closing.day],
                "error": errors[closing.day],
                "run_id": run_id,
                "read_at": closing.read_at,
                "finished_at": now,
            }
            for closing in closings
        ]
        _forget(connection, source, list(known))
        insert(connection, "slices", rows)


def work_left(
    connection: DuckDBPyConnection,
    source: str,
    days: Sequence[date],
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the listings of these slices to work on now, in the order of their recording.

    Those are the ones without an outcome, and the deferred ones whose time has come. Each has
    ``listing_id``, ``listing`` (the JSON text it was recorded with) and ``attempts``, how often it
    was tried in vain.
    """
    result = connection.execute(_WORK_LEFT, {"source": source, "days": list(days), "now": now})
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def in_slices(connection: DuckDBPyConnection, source: str, days: Sequence[date]) -> set[UUID]:
    """Return the ids of all listings of these slices."""
    rows = connection.execute(
        "SELECT listing_id FROM slice_listings"
        " WHERE source = $1 AND list_contains($2::DATE[], day)",
        [source, list(days)],
    ).fetchall()
    return {listing_id for (listing_id,) in rows}


_WORK_LEFT = """
WITH ours AS (
    SELECT listing_id FROM slice_listings
    WHERE source = $source AND list_contains($days::DATE[], day)
), tried AS (
    SELECT
        o.listing_id,
        arg_max(
            {'outcome': o.outcome, 'retry_at': o.retry_at},
            attempt_order(o.outcome, o.reason, o.fetched_at, o.outcome_id)
        ) AS latest,
        count(*) FILTER (WHERE o.reason NOT IN ('flood', 'retried')) AS attempts
    FROM outcomes AS o
    SEMI JOIN ours ON ours.listing_id = o.listing_id
    WHERE NOT o.is_revisit
    GROUP BY o.listing_id
)
SELECT l.listing_id, l.listing, coalesce(t.attempts, 0) AS attempts
FROM listings AS l
SEMI JOIN ours ON ours.listing_id = l.listing_id
LEFT JOIN tried AS t ON t.listing_id = l.listing_id
WHERE l.listing <> '{}'
    AND (t.listing_id IS NULL OR (t.latest.outcome = 'deferred' AND t.latest.retry_at <= $now))
ORDER BY l.rowid
"""


def _slices(
    connection: DuckDBPyConnection, source: str, days: Sequence[date]
) -> dict[date, dict[str, Any]]:
    result = connection.execute(
        "SELECT * FROM slices WHERE source = $1 AND list_contains($2::DATE[], day)",
        [source, list(days)],
    )
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["day"]: row for row in rows}


def _forget(connection: DuckDBPyConnection, source: str, days: Sequence[date]) -> None:
    """Delete rows that are put back changed, inside the same transaction."""
    connection.execute(
        "DELETE FROM slices WHERE source = $1 AND list_contains($2::DATE[], day)",
        [source, list(days)],
    )


def _error(closing: Closing, astray: set[UUID]) -> str:
    lines = len(closing.undated & astray)
    doubt = f"{lines:,} of the lines that they gave say no day: they may be of this one"
    return "; ".join(why for why in (closing.error, doubt if lines else "") if why)


def _opened(
    source: str, day: date, before: Mapping[str, Any] | None, run_id: UUID, now: datetime
) -> dict[str, object]:
    return {
        "source": source,
        "day": day,
        "attempts": before["attempts"] + 1 if before else 1,
        "stated": before["stated"] if before else None,
        "is_whole": False,
        "error": "",
        "run_id": run_id,
        "started_at": now,
        "read_at": before["read_at"] if before else None,
        "finished_at": None,
    }


def _assign(connection: DuckDBPyConnection, source: str, listings: Mapping[date, Rows]) -> None:
    pairs = [(day, row["listing_id"]) for day, rows in listings.items() for row in rows]
    if not pairs:
        return
    given = pa.table(
        {
            "day": pa.array([day for day, _ in pairs], pa.date32()),
            "id": pa.array([key.bytes for _, key in pairs if isinstance(key, UUID)], pa.uuid()),
            "position": pa.array(range(len(pairs)), pa.int64()),
        }
    )
    known = with_rows(
        connection,
        given,
        """
        SELECT arg_min(g.day, g.position), g.id FROM given_rows AS g
        ANTI JOIN slice_listings AS s ON s.listing_id = g.id
        GROUP BY g.id ORDER BY min(g.position)
        """,
    )
    rows = [{"source": source, "day": day, "listing_id": key} for day, key in known]
    insert(connection, "slice_listings", rows)
