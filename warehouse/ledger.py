"""The ledger: which listings are done, which are due again, and what ran.

All instants are handed in, aware; the database keeps them in UTC.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.listings import add_listings
from warehouse.polling import put_documents
from warehouse.rows import Rows, among, clean_text, ids, in_utc, insert
from warehouse.transaction import transaction

# A run that lives, and has given a listing no outcome for longer than this, hangs.
_ABANDONED_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class KnownListings:
    """Which of the listings asked about have an outcome already; the rest are new."""

    decided: frozenset[UUID]  # ended for good
    waiting: frozenset[UUID]  # deferred: ``due`` says when their turn comes


def known_listings(connection: DuckDBPyConnection, listing_ids: Iterable[UUID]) -> KnownListings:
    """Return which of these listings are decided, and which are deferred."""
    rows = among(
        connection,
        """
        SELECT listing_id, arg_max(outcome, attempt_order(outcome, reason, fetched_at, outcome_id))
        FROM outcomes
        SEMI JOIN given_rows ON given_rows.id = outcomes.listing_id
        WHERE NOT is_revisit
        GROUP BY listing_id
        """,
        listing_ids,
    )
    return KnownListings(
        frozenset(listing_id for listing_id, outcome in rows if outcome != "deferred"),
        frozenset(listing_id for listing_id, outcome in rows if outcome == "deferred"),
    )


def due(
    connection: DuckDBPyConnection,
    now: datetime,
    most: Mapping[str, int],
    inherited: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Return the listings of these sources to try again now, the longest due first.

    ``most`` says for each source how many at most. Those are the deferred ones whose time has come,
    and those that never got an outcome, because their run was killed: at once where the source is
    ``inherited``, so that no living run is at them; else when they are so old that it must hang.
    Each has ``listing_id``, ``source``, ``listing`` (the JSON text it was recorded with),
    ``reason``, ``retry_at``, ``listed_at`` and ``attempts``: how often it was tried in vain since
    it was listed or a person had it taken up again.
    """
    result = connection.execute(
        _DUE,
        {
            "now": now,
            "abandoned": now - _ABANDONED_AFTER,
            "sources": list(most),
            "most": list(most.values()),
            "inherited": list(inherited),
        },
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


# Being put off in a flood is no try, and with `newsledger retry` the counting begins anew.
_DUE = """
WITH deferred AS (
    SELECT listing_id, max(fetched_at) FILTER (WHERE reason = 'retried') AS retried_at
    FROM outcomes
    WHERE outcome = 'deferred' AND NOT is_revisit
    GROUP BY listing_id
), latest AS (
    SELECT
        o.listing_id,
        max_by(
            {outcome: o.outcome, reason: o.reason, retry_at: o.retry_at},
            attempt_order(o.outcome, o.reason, o.fetched_at, o.outcome_id)
        ) AS decisive,
        count(*) FILTER (
            WHERE o.reason NOT IN ('flood', 'retried')
                AND (d.retried_at IS NULL OR o.fetched_at > d.retried_at)
        ) AS attempts
    FROM outcomes AS o
    INNER JOIN deferred AS d ON d.listing_id = o.listing_id
    WHERE NOT o.is_revisit
    GROUP BY o.listing_id
), found AS (
    SELECT
        l.*, d.decisive.reason, d.decisive.retry_at, d.attempts, d.decisive.retry_at AS due_at
    FROM listings AS l
    INNER JOIN latest AS d ON d.listing_id = l.listing_id
    WHERE d.decisive.outcome = 'deferred' AND d.decisive.retry_at <= $now
    UNION ALL
    SELECT l.*, NULL, NULL, 0, l.listed_at
    FROM listings AS l
    ANTI JOIN outcomes AS o ON o.listing_id = l.listing_id
    ANTI JOIN slice_listings AS b ON b.listing_id = l.listing_id  -- its backfill is at it
    WHERE
        l.listing <> '{}'
        AND (l.listed_at <= $abandoned OR list_contains($inherited::VARCHAR[], l.source))
)
SELECT listing_id, source, listing, reason, retry_at, listed_at, attempts
FROM found
WHERE list_contains($sources::VARCHAR[], source)
QUALIFY row_number() OVER (
    PARTITION BY source ORDER BY due_at, published_at DESC NULLS LAST, listing_id
) <= list_extract($most::INTEGER[], list_position($sources::VARCHAR[], source))
ORDER BY due_at, published_at DESC NULLS LAST, listing_id
"""


def record_listings(
    connection: DuckDBPyConnection,
    listings: Rows,
    *,
    run_id: UUID,
    available_at: datetime,
    documents: Rows = (),
) -> int:
    """Record listings before their outcome is known and return how many were new.

    Until they have an outcome, the view completeness counts them as missing. Rows have the
    columns of ``listings`` without ``run_id`` and ``available_at``. ``documents`` are those that
    listed them, with the columns of ``documents``: both are committed or neither, so that a list is
    never taken for read whose listings were lost.
    """
    with transaction(connection):
        put_documents(connection, documents)
        return add_listings(connection, listings, run_id, available_at)


def start_run(
    connection: DuckDBPyConnection,
    *,
    run_id: UUID,
    flow: str,
    sources: Sequence[str],
    started_at: datetime,
) -> None:
    """Record that a run began; nothing when it is recorded already."""
    row = {
        "run_id": run_id,
        "flow": flow,
        "sources": list(sources),
        "started_at": started_at,
        "finished_at": None,
        "error": "",
    }
    with transaction(connection):
        if not _is_run(connection, run_id):
            insert(connection, "runs", [row])


def finish_run(
    connection: DuckDBPyConnection, *, run_id: UUID, finished_at: datetime, error: str = ""
) -> None:
    """Record that a run ended, with what ended it when it failed. Its first end stands."""
    with transaction(connection):
        connection.execute(
            "UPDATE runs SET finished_at = $1, error = $2"
            " WHERE run_id = $3 AND finished_at IS NULL",
            [in_utc("runs.finished_at", finished_at), clean_text(error), run_id],
        )
        count_change(connection)


def record_polls(connection: DuckDBPyConnection, polls: Rows) -> int:
    """Append one row per run and source, with the columns of ``polls``; return how many were new.

    A run and source that is recorded already is left as it is.
    """
    with transaction(connection):
        known = set(
            among(
                connection,
                "SELECT run_id, source FROM polls SEMI JOIN given_rows ON id = polls.run_id",
                ids("polls", polls, "run_id"),
            )
        )
        new = [row for row in polls if (row.get("run_id"), row.get("source")) not in known]
        return insert(connection, "polls", new)


def count_polls(connection: DuckDBPyConnection, source: str) -> int:
    """Return how often a source was asked, with or without an error."""
    rows = connection.execute(
        "SELECT count(*) FROM polls WHERE source = $1 AND is_asked", [source]
    ).fetchall()
    return int(rows[0][0])


def _is_run(connection: DuckDBPyConnection, run_id: UUID) -> bool:
    return bool(connection.execute("SELECT 1 FROM runs WHERE run_id = $1", [run_id]).fetchall())
