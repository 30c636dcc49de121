"""Takes rejected listings up again: the ledger gets one more row for each, none is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse import ledger
from warehouse.append import append
from warehouse.batch import Batch
from warehouse.tombstones import REASON

RETRIED = "retried"  # outcomes.reason of what was taken up again
# What was erased, by a takedown or when a licence ended, cannot be asked for again.
_REJECTED = f"""
SELECT l.* EXCLUDE (run_id, available_at), o.reason
FROM listings AS l
INNER JOIN listing_outcomes AS o ON o.listing_id = l.listing_id
WHERE o.outcome = 'rejected' AND o.reason <> '{REASON}' AND l.listing <> '{{}}'
    AND ($source = '' OR l.source = $source)
    AND ($reason = '' OR o.reason = $reason)
ORDER BY l.source, o.reason, l.listed_at, l.listing_id
"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A listing that was rejected, as its row in ``listings``, and why."""

    listing: dict[str, Any]
    reason: str


def rejections(connection: DuckDBPyConnection, source: str, reason: str) -> list[Rejection]:
    """Return what could be taken up again; "" stands for every source, or every reason."""
    result = connection.execute(_REJECTED, {"source": source, "reason": reason})
    names = [column[0] for column in result.description][:-1]
    return [
        Rejection(dict(zip(names, row[:-1], strict=True)), row[-1]) for row in result.fetchall()
    ]


def take_up_again(
    connection: DuckDBPyConnection, found: Sequence[Rejection], run_id: UUID, now: datetime
) -> None:
    """Make rejected listings due ``now`` (aware), with all their tries before them again."""
    if not found:
        return
    sources = sorted({rejection.listing["source"] for rejection in found})
    ledger.start_run(connection, run_id=run_id, flow="retry", sources=sources, started_at=now)
    batch = Batch(
        batch_id=run_id,
        run_id=run_id,
        available_at=now,
        listings=[rejection.listing for rejection in found],
        outcomes=[_outcome(rejection, now) for rejection in found],
    )
    append(connection, batch)
    ledger.finish_run(connection, run_id=run_id, finished_at=now)


def _outcome(rejection: Rejection, now: datetime) -> dict[str, Any]:
    return {
        "listing_id": rejection.listing["listing_id"],
        "page_id": None,
        "article_key": None,
        "outcome": "deferred",
        "reason": RETRIED,
        "detail": f"taken up again; it had been rejected for the reason {rejection.reason}",
        "fetched_at": now,
        "retry_at": now,
    }
