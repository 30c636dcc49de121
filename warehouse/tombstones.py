"""What was taken down and must never come back: asked by every load."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.attempts import Attempt
from warehouse.batch import Batch
from warehouse.rows import among

REASON = "taken_down"  # outcomes.reason of what was refused


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Articles and addresses (or guids) that are refused."""

    keys: frozenset[UUID] = frozenset()
    places: frozenset[str] = frozenset()


def tombstones(connection: DuckDBPyConnection) -> Tombstones:
    """Return all of them; there are few."""
    rows = connection.execute("SELECT article_key, places FROM takedowns").fetchall()
    return Tombstones(
        frozenset(key for key, _ in rows),
        frozenset(place for _, places in rows for place in places if place),
    )


def refuse(
    connection: DuckDBPyConnection, batch: Batch, attempts: Iterable[Attempt]
) -> list[Attempt]:
    """Return the attempts with those at something taken down rejected, their words left out."""
    graves = tombstones(connection)
    if not graves.keys:
        return list(attempts)
    places = {row["listing_id"]: {row["url"] or row["guid"]} for row in batch.listings}
    for row in batch.articles:
        places[row["listing_id"]].add(row["url"])
    return [
        replace(
            attempt,
            outcome="rejected",
            reason=REASON,
            detail="",
            content_hash=None,
            retry_at=None,
        )
        if attempt.article_key in graves.keys or places[attempt.listing_id] & graves.places
        else attempt
        for attempt in attempts
    ]


def forget_titles(connection: DuckDBPyConnection, listing_ids: Iterable[UUID]) -> None:
    """Empty what listings quote of their articles; inside a transaction."""
    among(
        connection,
        "UPDATE listings SET title = '', listing = '{}' FROM given_rows AS g"
        " WHERE g.id = listings.listing_id AND (listings.title, listings.listing) <> ('', '{}')",
        listing_ids,
    )
