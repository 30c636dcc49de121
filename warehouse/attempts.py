"""The attempts of a batch: one for each page or failed fetch, and what is known of them already."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.batch import Batch
from warehouse.rows import among, clean_text, with_rows
from warehouse.timeline import Sighting, make_version_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a listing. ``outcome`` is None where loading the article decides it."""

    outcome_id: UUID
    listing_id: UUID
    page_id: UUID | None
    article_key: UUID | None
    content_hash: UUID | None
    fetched_at: datetime
    outcome: str | None
    reason: str = ""
    detail: str = ""
    retry_at: datetime | None = None

    @property
    def is_sighting(self) -> bool:
        """Whether it says something about an article: what it reads, or that it was removed."""
        return self.article_key is not None and self.outcome in (None, "removed")


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one article before the batch."""

    sightings: tuple[Sighting, ...] = ()
    revisions: int = 0


def attempts_of(batch: Batch) -> list[Attempt]:
    """Return the attempts of a batch, each once, in the order of time."""
    found: dict[UUID, Attempt] = {}
    for row in batch.articles:
        attempt = _of_article(row)
        found.setdefault(attempt.outcome_id, attempt)
    for row in batch.outcomes:
        attempt = _of_outcome(row)
        found.setdefault(attempt.outcome_id, attempt)
    return sorted(found.values(), key=lambda attempt: (attempt.fetched_at, attempt.outcome_id))


def decided_before(
    connection: DuckDBPyConnection, outcome_ids: Iterable[UUID]
) -> dict[UUID, tuple[str, str]]:
    """Return outcome and reason of those attempts that an earlier load decided."""
    rows = among(
        connection,
        "SELECT outcome_id, outcome, reason FROM outcomes"
        " SEMI JOIN given_rows ON given_rows.id = outcomes.outcome_id",
        outcome_ids,
    )
    return {outcome_id: (outcome, reason) for outcome_id, outcome, reason in rows}


def listings_seen(connection: DuckDBPyConnection, listing_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those of these listings that have led to an article: the next try is a revisit."""
    return frozenset(listing_id for (listing_id,) in among(connection, _SEEN, listing_ids))


def histories(connection: DuckDBPyConnection, article_keys: Iterable[UUID]) -> dict[UUID, History]:
    """Return what is known of these articles; no entry for one that was never seen."""
    keys = set(article_keys)
    versions: dict[UUID, set[UUID]] = {}
    for key, version_id in among(connection, _VERSIONS, keys):
        versions.setdefault(key, set()).add(version_id)
    sightings: dict[UUID, list[Sighting]] = {}
    for key, *columns in among(connection, _SIGHTINGS, keys):
        sighting = _sighting(key, columns, versions.get(key, set()))
        sightings.setdefault(key, []).append(sighting)
    return {
        key: History(tuple(seen), len(versions.get(key, ()))) for key, seen in sightings.items()
    }


def keys_by_place(connection: DuckDBPyConnection, places: Iterable[str]) -> dict[str, UUID]:
    """Return the article that each URL (or guid, where there is none) led to last, if any."""
    unique = sorted({clean_text(place) for place in places if place})
    if not unique:
        return {}
    given = pa.table({"place": pa.array(unique, pa.string())})
    return dict(with_rows(connection, given, _KEYS_BY_PLACE))


_VERSIONS = """
SELECT article_key, version_id FROM article_versions
SEMI JOIN given_rows ON given_rows.id = article_versions.article_key
"""
_SEEN = """
SELECT DISTINCT listing_id FROM outcomes
SEMI JOIN given_rows ON given_rows.id = outcomes.listing_id
WHERE outcome IN ('stored', 'revised', 'unchanged', 'removed') AND article_key IS NOT NULL
"""
_SIGHTINGS = """
SELECT article_key, outcome_id, listing_id, page_id, fetched_at, content_hash FROM outcomes
SEMI JOIN given_rows ON given_rows.id = outcomes.article_key
WHERE outcome NOT IN ('rejected', 'deferred')
    AND (content_hash IS NOT NULL OR outcome = 'removed')  -- else: not sent again, says no more
"""
_KEYS_BY_PLACE = """
SELECT g.place, arg_max(o.article_key, o.fetched_at)
FROM listings AS l
INNER JOIN given_rows AS g ON g.place = coalesce(nullif(l.url, ''), l.guid)
INNER JOIN outcomes AS o ON o.listing_id = l.listing_id AND o.article_key IS NOT NULL
GROUP BY g.place
"""


def _sighting(article_key: UUID, columns: list[Any], version_ids: set[UUID]) -> Sighting:
    outcome_id, listing_id, page_id, fetched_at, content_hash = columns
    return Sighting(
        sighting_id=outcome_id,
        listing_id=listing_id,
        page_id=page_id,
        fetched_at=fetched_at,
        content_hash=content_hash,
        is_version=make_version_id(article_key, outcome_id) in version_ids,
    )


def _of_article(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        outcome_id=row["page_id"],
        listing_id=row["listing_id"],
        page_id=row["page_id"],
        article_key=row["article_key"],
        content_hash=row["content_hash"],
        fetched_at=row["first_seen_at"],
        outcome=None,
    )


def _of_outcome(row: Mapping[str, Any]) -> Attempt:
    return Attempt(
        outcome_id=row["page_id"] or _without_page(row["listing_id"], row["fetched_at"]),
        content_hash=None,
        **row,
    )


def _without_page(listing_id: UUID, fetched_at: datetime) -> UUID:
    text = f"{listing_id}\x1f{fetched_at.astimezone(UTC).isoformat()}"
    return UUID(bytes=hashlib.md5(text.encode(), usedforsecurity=False).digest())
