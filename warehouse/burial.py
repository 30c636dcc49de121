"""Finds all that belongs to what is taken down, deletes its rows, and says so in the ledger."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.attempts import decided_before
from warehouse.changes import count_change
from warehouse.errors import WarehouseError
from warehouse.rows import among, insert, with_rows
from warehouse.tombstones import REASON, forget_titles

_KEPT = ("outcomes", "takedowns")  # tables that keep the fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to take down: an article by its key, or whatever is at some places."""

    run_id: UUID
    keys: frozenset[UUID]  # article_keys; those of the places may be among them
    places: frozenset[str]  # addresses, or guids of items without one
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """All that belongs to what is taken down."""

    keys: frozenset[UUID]
    places: frozenset[str]
    listing_ids: frozenset[UUID]
    page_ids: frozenset[UUID]


def find(
    connection: DuckDBPyConnection, keys: Collection[UUID], places: Collection[str]
) -> Subject:
    """Follow places to articles, articles to all listings that led to them, those to places."""
    keys = {*keys, *(key for (key,) in _by_place(connection, _KEYS_OF_PLACES, places))}
    found = {
        *among(connection, _LISTINGS_OF_KEYS, keys),
        *_by_place(connection, _LISTINGS_OF_PLACES, places),
    }
    listing_ids = frozenset(listing_id for listing_id, _ in found)
    urls = {url for (url,) in among(connection, _URLS_OF_KEYS, keys)}
    pages = among(connection, _PAGES_OF_LISTINGS, listing_ids)
    return Subject(
        frozenset(keys),
        frozenset({*places, *urls, *(place for _, place in found)} - {""}),
        listing_ids,
        frozenset(page_id for (page_id,) in pages),
    )


def _by_place(
    connection: DuckDBPyConnection, sql: str, places: Iterable[str]
) -> list[tuple[Any, ...]]:
    given = pa.table({"place": pa.array(sorted({p for p in places if p}), pa.string())})
    return with_rows(connection, given, sql) if len(given) else []


_PLACE = "coalesce(nullif(l.url, ''), l.guid)"
_KEYS_OF_PLACES = f"""
SELECT DISTINCT o.article_key FROM outcomes AS o
INNER JOIN listings AS l ON l.listing_id = o.listing_id
SEMI JOIN given_rows AS g ON g.place = {_PLACE}
WHERE o.article_key IS NOT NULL
UNION
SELECT v.article_key FROM article_versions AS v SEMI JOIN given_rows AS g ON g.place = v.url
"""
_LISTINGS_OF_PLACES = f"""
SELECT l.listing_id, {_PLACE} FROM listings AS l SEMI JOIN given_rows AS g ON g.place = {_PLACE}
"""
_LISTINGS_OF_KEYS = f"""
SELECT DISTINCT l.listing_id, {_PLACE} FROM listings AS l
INNER JOIN outcomes AS o ON o.listing_id = l.listing_id
SEMI JOIN given_rows AS g ON g.id = o.article_key
"""
_URLS_OF_KEYS = """
SELECT DISTINCT url FROM article_versions SEMI JOIN given_rows ON given_rows.id = article_key
"""
_PAGES_OF_LISTINGS = """
SELECT page_id FROM outcomes SEMI JOIN given_rows ON given_rows.id = listing_id
WHERE page_id IS NOT NULL
"""


def bury(connection: DuckDBPyConnection, request: Request, subject: Subject, now: datetime) -> int:
    """Write the tombstones, delete the rows, and say so in the ledger; return articles deleted."""
    if not subject.keys:
        raise WarehouseError("A takedown needs the key of an article, or an address with one.")
    known = {key for (key,) in among(connection, _KNOWN_TAKEDOWNS, subject.keys)}
    rows = [
        {
            "article_key": key,
            "places": sorted(subject.places),
            "why": request.why,
            "taken_down_at": now,
            "erased_at": None,
        }
        for key in sorted(subject.keys - known)
    ]
    insert(connection, "takedowns", rows)
    among(
        connection,
        "UPDATE takedowns SET erased_at = NULL FROM given_rows AS g"
        " WHERE g.id = takedowns.article_key",
        known,
    )
    articles = len(set(among(connection, _HERE, subject.keys)))
    _delete_rows(connection, subject.keys)
    forget_titles(connection, subject.listing_ids)
    among(connection, _FORGET_WORDS, subject.listing_ids)
    among(connection, _FORGET_PAGES, subject.page_ids)
    _say_so(connection, request, subject, now)
    count_change(connection)
    return articles


_KNOWN_TAKEDOWNS = """
SELECT article_key FROM takedowns SEMI JOIN given_rows ON given_rows.id = article_key
"""
_HERE = """
SELECT article_key FROM article_versions SEMI JOIN given_rows ON given_rows.id = article_key
"""
_FORGET_WORDS = """
UPDATE outcomes SET detail = '' FROM given_rows AS g
WHERE g.id = outcomes.listing_id AND outcomes.detail <> ''
"""
_FORGET_PAGES = """
DELETE FROM watched_pages AS w USING given_rows AS g WHERE g.id = w.page_id
"""
_TABLES_WITH = """
SELECT DISTINCT table_name FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_oid)
WHERE column_name = $1 AND database_name = current_database() AND schema_name = 'main'
"""


def _delete_rows(connection: DuckDBPyConnection, keys: Collection[UUID]) -> None:
    """Delete the articles' rows from every table that has any, whatever tables there will be."""
    with_key = {name for (name,) in connection.execute(_TABLES_WITH, ["article_key"]).fetchall()}
    with_version = {name for (name,) in connection.execute(_TABLES_WITH, ["version_id"]).fetchall()}
    for table in sorted(with_version - with_key):
        among(
            connection,
            f'DELETE FROM "{table}" WHERE version_id IN (SELECT version_id FROM article_versions'
            " SEMI JOIN given_rows ON given_rows.id = article_key)",
            keys,
        )
    for table in sorted(with_key - set(_KEPT)):
        sql = f'DELETE FROM "{table}" AS t USING given_rows AS g WHERE g.id = t.article_key'
        among(connection, sql, keys)


def _say_so(
    connection: DuckDBPyConnection, request: Request, subject: Subject, now: datetime
) -> None:
    """Give every listing the outcome rejected, taken_down: so it is not asked for again."""
    sources = dict(among(connection, _SOURCES_OF_LISTINGS, subject.listing_ids))
    outcome_ids = {_outcome_id(listing_id): listing_id for listing_id in sources}
    known = decided_before(connection, outcome_ids)
    rows = [
        {
            "outcome_id": outcome_id,
            "listing_id": listing_id,
            "page_id": None,
            "article_key": None,
            "source": sources[listing_id],
            "outcome": "rejected",
            "reason": REASON,
            "detail": "",
            "content_hash": None,
            "fetched_at": now,
            "retry_at": None,
            "is_revisit": False,
            "batch_id": request.run_id,
            "run_id": request.run_id,
            "available_at": now,
        }
        for outcome_id, listing_id in outcome_ids.items()
        if outcome_id not in known
    ]
    insert(connection, "outcomes", rows)
    if rows:
        _record_run(connection, request, sorted(set(sources.values())), len(rows), now)


_SOURCES_OF_LISTINGS = """
SELECT listing_id, source FROM listings SEMI JOIN given_rows ON given_rows.id = listing_id
"""


def _record_run(
    connection: DuckDBPyConnection, request: Request, sources: list[str], count: int, now: datetime
) -> None:
    run = {
        "run_id": request.run_id,
        "flow": "takedown",
        "sources": sources,
        "started_at": now,
        "finished_at": now,
        "error": "",
    }
    batch = {
        "batch_id": request.run_id,
        "run_id": request.run_id,
        "outcome_count": count,
        "version_count": 0,
        "available_at": now,
    }
    insert(connection, "runs", [run])
    insert(connection, "batches", [batch])


def _outcome_id(listing_id: UUID) -> UUID:
    digest = hashlib.md5(listing_id.bytes + REASON.encode(), usedforsecurity=False)
    return UUID(bytes=digest.digest())
