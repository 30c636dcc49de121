"""The attempts of a batch: one for each page or failed fetch, and what is known of them already."""

import hashlib
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class _Version:
    """What the history of an article needs of one of its versions."""

    version_id: UUID
    page_id: UUID | None
    content_hash: UUID | None
    is_restatement: bool


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
    versions: dict[UUID, list[_Version]] = {}
    for key, *columns in among(connection, _VERSIONS, keys):
        versions.setdefault(key, []).append(_Version(*columns))
    sightings: dict[UUID, list[Sighting]] = {}
    for key, *columns in among(connection, _SIGHTINGS, keys):
        sightings.setdefault(key, []).append(_sighting(columns))
    return {
        key: History(
            tuple(_as_restated(key, seen, versions.get(key, []))), len(versions.get(key, ()))
        )
        for key, seen in sightings.items()
    }


def keys_by_place(connection: DuckDBPyConnection, places: Iterable[str]) -> dict[str, UUID]:
    """Return the article that each URL (or guid, where there is none) led to last, if any."""
    unique = sorted({clean_text(place) for place in places if place})
    if not unique:
        return {}
    given = pa.table({"place": pa.array(unique, pa.string())})
    return dict(with_rows(connection, given, _KEYS_BY_PLACE))


_VERSIONS = """
SELECT article_key, version_id, page_id, content_hash, cause = 'reprocessed' FROM article_versions
SEMI JOIN given_rows ON given_rows.id = article_versions.article_key
ORDER BY revision
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


def _sighting(columns: list[Any]) -> Sighting:
    outcome_id, listing_id, page_id, fetched_at, content_hash = columns
    return Sighting(
        sighting_id=outcome_id,
        listing_id=listing_id,
        page_id=page_id,
        fetched_at=fetched_at,
        content_hash=content_hash,
    )


def _as_restated(
    article_key: UUID, sightings: Iterable[Sighting], versions: Sequence[_Version]
) -> list[Sighting]:
    """Give sightings their versions, and what they say by the rules that restated those.

    A sighting without a version said the same as the nearest one that has one, before it or after
    it, and goes on saying the same.
    """
    version_ids = {version.version_id for version in versions}
    states: dict[UUID | None, list[_Version]] = {}  # by page, the one in force last
    for version in versions:
        states.setdefault(version.page_id, []).append(version)
    ordered = sorted(sightings, key=_in_time)
    heads = [s for s in ordered if make_version_id(article_key, s.sighting_id) in version_ids]
    begun = {head.sighting_id for head in heads}
    restated = []
    for sighting in ordered:
        head: Sighting | None = sighting
        if sighting.sighting_id not in begun:
            place = bisect(heads, _in_time(sighting), key=_in_time)
            near = heads[max(place - 1, 0) : place + 1]
            head = next((h for h in near if sighting.content_hash in _words(h, states)), None)
        state = states[head.page_id][-1] if head and head.page_id and head.content_hash else None
        is_version = sighting is head
        restated.append(
            replace(
                sighting,
                is_version=is_version,
                content_hash=state.content_hash if state else sighting.content_hash,
                restated=state.version_id
                if state and is_version and state.is_restatement
                else None,
            )
        )
    return restated


def _in_time(sighting: Sighting) -> tuple[datetime, UUID]:
    return sighting.fetched_at, sighting.sighting_id


def _words(head: Sighting, states: Mapping[UUID | None, Sequence[_Version]]) -> set[UUID | None]:
    """Return all that a version's page was ever read to say; nothing for a removal."""
    if head.content_hash is None:
        return set()
    return {head.content_hash, *(state.content_hash for state in states[head.page_id])}


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
