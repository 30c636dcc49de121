"""Appends a batch: all of its tables in one transaction, nothing twice, in whatever order.

Repeating any batch, any number of times, after any crash, adds nothing: an attempt that is among
``outcomes`` is skipped whole. There are no unique indexes; the writer's lock makes the comparison
with what is there safe.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.attempts import (
    Attempt,
    History,
    attempts_of,
    decided_before,
    histories,
    keys_by_place,
    listings_seen,
)
from warehouse.batch import Appended, Batch, check_batch
from warehouse.listings import add_listings
from warehouse.rows import insert
from warehouse.stories import tell_stories
from warehouse.timeline import Placement, Sighting, place
from warehouse.tombstones import REASON, forget_titles, refuse
from warehouse.transaction import transaction
from warehouse.versions import add_versions

_NOTHING_KNOWN = History()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What loading a batch comes to."""

    attempts: list[Attempt]  # new ones, each with its outcome
    placements: dict[UUID, Placement]  # by article_key
    before: dict[UUID, tuple[str, str]]  # outcome_id: outcome and reason of an earlier load
    seen: frozenset[UUID]  # listings that had led to an article before


def append(connection: DuckDBPyConnection, batch: Batch) -> Appended:
    """Append a batch to the live database and return the outcome of every listing in it.

    Each page's article is compared with what is known of it at the page's time: ``stored`` when
    there is no version yet, ``unchanged`` when its neighbour in time says the same, else
    ``revised``. A repeated attempt keeps the outcome of its first load. Raises RowError, before
    anything is written, for rows that do not fit; WarehouseError when DuckDB cannot write.
    """
    check_batch(connection, batch)
    attempts = attempts_of(batch)
    with transaction(connection):
        plan = _plan(connection, batch, attempts)
        add_listings(connection, batch.listings, batch.run_id, batch.available_at)
        versions = add_versions(connection, batch, plan.placements)
        tell_stories(connection, plan.placements, batch.available_at)
        insert(connection, "outcomes", _outcome_rows(batch, plan))
        insert(connection, "watched_pages", _watched_rows(batch, plan.attempts))
        forget_titles(connection, (a.listing_id for a in plan.attempts if a.reason == REASON))
        if plan.attempts:
            _record_batch(connection, batch, len(plan.attempts), versions)
    decided = plan.before | {
        attempt.outcome_id: (attempt.outcome or "", attempt.reason) for attempt in plan.attempts
    }
    return Appended(
        {a.listing_id: decided[a.outcome_id] for a in attempts},
        versions,
        frozenset(a.page_id for a in attempts if a.page_id and decided[a.outcome_id][1] == REASON),
    )


def _plan(connection: DuckDBPyConnection, batch: Batch, attempts: Sequence[Attempt]) -> _Plan:
    before = decided_before(connection, (attempt.outcome_id for attempt in attempts))
    fresh = [attempt for attempt in attempts if attempt.outcome_id not in before]
    fresh = refuse(connection, batch, _name_removed(connection, batch, fresh))
    by_key: dict[UUID, list[Sighting]] = {}
    for attempt in fresh:
        if attempt.is_sighting and attempt.article_key:
            by_key.setdefault(attempt.article_key, []).append(_as_sighting(attempt))
    known = histories(connection, by_key)
    placements = {
        key: _place(key, known.get(key, _NOTHING_KNOWN), sightings)
        for key, sightings in by_key.items()
    }
    seen = listings_seen(connection, (attempt.listing_id for attempt in fresh))
    return _Plan(_decide(fresh, placements.values()), placements, before, seen)


def _place(article_key: UUID, known: History, sightings: Iterable[Sighting]) -> Placement:
    return place(article_key, (*known.sightings, *sightings), known.revisions)


def _name_removed(
    connection: DuckDBPyConnection, batch: Batch, attempts: Sequence[Attempt]
) -> list[Attempt]:
    """Find the articles of removed listings by the place that led to them before.

    What really came of a URL goes before the key that the caller gave: a page may have declared
    another canonical address than its list.
    """
    places = {row["listing_id"]: row["url"] or row["guid"] for row in batch.listings}
    removed = [attempt for attempt in attempts if attempt.outcome == "removed"]
    keys = keys_by_place(connection, (str(places[attempt.listing_id]) for attempt in removed))
    return [
        replace(attempt, article_key=keys.get(str(places[attempt.listing_id]), attempt.article_key))
        if attempt.outcome == "removed"
        else attempt
        for attempt in attempts
    ]


def _as_sighting(attempt: Attempt) -> Sighting:
    return Sighting(
        sighting_id=attempt.outcome_id,
        listing_id=attempt.listing_id,
        page_id=attempt.page_id,
        fetched_at=attempt.fetched_at,
        content_hash=attempt.content_hash,
        is_new=True,
    )


def _decide(attempts: Iterable[Attempt], placements: Iterable[Placement]) -> list[Attempt]:
    """Give each attempt at an article its outcome."""
    names = {
        addition.sighting.sighting_id: "stored" if addition.cause == "new" else "revised"
        for placement in placements
        for addition in placement.additions
    }
    return [
        replace(attempt, outcome=attempt.outcome or names.get(attempt.outcome_id, "unchanged"))
        for attempt in attempts
    ]


def _outcome_rows(batch: Batch, plan: _Plan) -> list[Mapping[str, Any]]:
    sources = {row["listing_id"]: row["source"] for row in batch.listings}
    return [
        {
            "outcome_id": attempt.outcome_id,
            "listing_id": attempt.listing_id,
            "page_id": attempt.page_id,
            "article_key": attempt.article_key,
            "source": sources[attempt.listing_id],
            "outcome": attempt.outcome,
            "reason": attempt.reason,
            "detail": attempt.detail,
            "content_hash": attempt.content_hash,
            "fetched_at": attempt.fetched_at,
            "retry_at": attempt.retry_at,
            "is_revisit": attempt.listing_id in plan.seen and attempt.reason != REASON,
            "batch_id": batch.batch_id,
            "run_id": batch.run_id,
            "available_at": batch.available_at,
        }
        for attempt in plan.attempts
    ]


def _watched_rows(batch: Batch, attempts: Iterable[Attempt]) -> list[Mapping[str, Any]]:
    loaded = {attempt.page_id for attempt in attempts}
    return [
        {**row, "available_at": batch.available_at}
        for row in batch.watched_pages
        if row["page_id"] in loaded
    ]


def _record_batch(
    connection: DuckDBPyConnection, batch: Batch, outcomes: int, versions: int
) -> None:
    known = connection.execute(
        "SELECT 1 FROM batches WHERE batch_id = $1", [batch.batch_id]
    ).fetchall()
    if not known:
        row = {
            "batch_id": batch.batch_id,
            "run_id": batch.run_id,
            "outcome_count": outcomes,
            "version_count": versions,
            "available_at": batch.available_at,
        }
        insert(connection, "batches", [row])
