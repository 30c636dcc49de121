"""Writes versions with their texts and tags: those that a batch brings, and copies of older ones.

A copy is a version that no row of the batch brings: a removal, which repeats the head of the
version before it and has neither text nor tags, and an older sighting that became a version of its
own because another one was found to lie before it.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.batch import TAG_TABLES, Batch
from warehouse.rows import clean_text, insert, to_arrow, with_rows
from warehouse.timeline import Addition, Placement

# What a ticker needs to be among an article's tickers.
_SUBJECT_ROLES = ("primary", "mention")
PUBLISHED = 0.6  # confidence; the views leave out what has less

_COPIES = pa.schema(
    [
        pa.field("version_id", pa.uuid(), nullable=False),
        pa.field("origin_id", pa.uuid(), nullable=False),
        pa.field("revision", pa.int32(), nullable=False),
        pa.field("cause", pa.string(), nullable=False),
        pa.field("page_id", pa.uuid()),
        pa.field("listing_id", pa.uuid(), nullable=False),
        pa.field("first_seen_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("available_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("run_id", pa.uuid(), nullable=False),
    ]
)
_COPY_HEADS = """
INSERT INTO article_versions BY NAME
SELECT v.* REPLACE (
    c.version_id AS version_id, c.revision AS revision, c.cause AS cause,
    c.page_id AS page_id, c.listing_id AS listing_id, c.run_id AS run_id,
    c.first_seen_at AS first_seen_at, c.available_at AS available_at,
    if(c.cause = 'removed', NULL, v.content_hash) AS content_hash,
    if(c.cause = 'removed', 0, v.text_length) AS text_length,
    if(c.cause = 'removed', [], v.tickers) AS tickers,
    if(c.cause = 'removed', [], v.topics) AS topics
)
FROM article_versions AS v
INNER JOIN given_rows AS c ON c.origin_id = v.version_id
"""
_COPY_PARTS = """
INSERT INTO {table} BY NAME
SELECT p.* REPLACE (c.version_id AS version_id, c.available_at AS available_at)
FROM {table} AS p
INNER JOIN given_rows AS c ON c.origin_id = p.version_id
"""


def add_versions(
    connection: DuckDBPyConnection, batch: Batch, placements: Mapping[UUID, Placement]
) -> int:
    """Append what the placements (by article_key) ask for and return how many versions that was.

    Inside a transaction.
    """
    additions = [a for placement in placements.values() for a in placement.additions]
    brought = {a.sighting.page_id: a for a in additions if a.copy_of is None}
    articles = {row["page_id"]: row for row in reversed(batch.articles)}  # the first of doubles
    add_brought(connection, batch, brought, articles)
    copies = [a for a in additions if a.copy_of is not None]
    # A removal may repeat the head of a restated version, so those go first.
    _add_restated(connection, batch, [a for a in copies if a.cause != "removed"])
    _copy(connection, batch, [a for a in copies if a.cause == "removed"], [_COPY_HEADS])
    insert(connection, "superseded_versions", list(_superseded_rows(batch, placements)))
    return len(additions)


def add_brought(
    connection: DuckDBPyConnection,
    batch: Batch,
    additions: Mapping[UUID | None, Addition],
    articles: Mapping[object, Mapping[str, Any]],
) -> None:
    """Append versions, by page_id, whose articles and tags the batch has; inside a transaction."""
    order = sorted(additions.values(), key=lambda addition: addition.sighting.fetched_at)
    pairs = [(articles[addition.sighting.page_id], addition) for addition in order]
    subjects = _subjects(batch)
    heads = [_head(batch, row, addition, subjects) for row, addition in pairs]
    texts = [{**_identity(batch, row, addition), "text": row["text"]} for row, addition in pairs]
    insert(connection, "article_versions", heads)
    insert(connection, "article_texts", texts)
    for table in TAG_TABLES:
        rows = _tag_rows(batch, table, additions, articles)
        insert(connection, table, rows)


def _identity(batch: Batch, article: Mapping[str, Any], addition: Addition) -> dict[str, Any]:
    return {
        "version_id": addition.version_id,
        "article_key": article["article_key"],
        "available_at": batch.available_at,
    }


def _head(
    batch: Batch,
    article: Mapping[str, Any],
    addition: Addition,
    subjects: Mapping[tuple[str, object], list[str]],
) -> dict[str, Any]:
    given = {name: value for name, value in article.items() if name != "text"}
    return {
        **given,
        **_identity(batch, article, addition),
        "revision": addition.revision,
        "cause": addition.cause,
        "run_id": batch.run_id,
        "text_length": len(clean_text(article["text"])),
        "tickers": subjects.get(("symbol", article["page_id"]), []),
        "topics": subjects.get(("topic", article["page_id"]), []),
    }


def _subjects(batch: Batch) -> dict[tuple[str, object], list[str]]:
    """Return symbols and topics by page, the most relevant first, each once."""
    tagged: list[tuple[float, str, str, object]] = [
        (-float(row["relevance"]), str(row["symbol"]), "symbol", row["page_id"])  # type: ignore[arg-type]
        for row in batch.article_tickers
        if row["role"] in _SUBJECT_ROLES and float(row["confidence"]) >= PUBLISHED  # type: ignore[arg-type]
    ]
    tagged += [
        (-float(row["relevance"]), str(row["topic"]), "topic", row["page_id"])  # type: ignore[arg-type]
        for row in batch.article_topics
    ]
    found: dict[tuple[str, object], list[str]] = {}
    for _, name, kind, page_id in sorted(tagged, key=lambda tag: tag[:2]):
        names = found.setdefault((kind, page_id), [])
        if name not in names:
            names.append(name)
    return found


def _tag_rows(
    batch: Batch,
    table: str,
    additions: Mapping[UUID | None, Addition],
    articles: Mapping[object, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return a table's rows for the versions that the batch brings, each row once."""
    found: dict[str, dict[str, Any]] = {}
    for row in getattr(batch, table):
        addition = additions.get(row["page_id"])
        if addition is None:
            continue
        article = articles[row["page_id"]]
        given = {name: value for name, value in row.items() if name != "page_id"}
        more = _identity(batch, article, addition) | {"published_at": article["published_at"]}
        found.setdefault(repr(sorted(row.items())), {**given, **more})
    return list(found.values())


def _add_restated(connection: DuckDBPyConnection, batch: Batch, copies: list[Addition]) -> None:
    parts = [_COPY_PARTS.format(table=table) for table in ("article_texts", *TAG_TABLES)]
    _copy(connection, batch, copies, [_COPY_HEADS, *parts])


def _copy(
    connection: DuckDBPyConnection, batch: Batch, copies: list[Addition], statements: list[str]
) -> None:
    if not copies:
        return
    rows = [
        {
            "version_id": addition.version_id,
            "origin_id": addition.copy_of,
            "revision": addition.revision,
            "cause": addition.cause,
            "page_id": addition.sighting.page_id,
            "listing_id": addition.sighting.listing_id,
            "first_seen_at": addition.sighting.fetched_at,
            "available_at": batch.available_at,
            "run_id": batch.run_id,
        }
        for addition in copies
    ]
    for statement in statements:
        with_rows(connection, to_arrow("copies", _COPIES, rows), statement)


def _superseded_rows(
    batch: Batch, placements: Mapping[UUID, Placement]
) -> Iterable[dict[str, Any]]:
    for article_key, placement in placements.items():
        for version_id in placement.superseded:
            yield {
                "version_id": version_id,
                "article_key": article_key,
                "superseded_by": placement.newest,
                "available_at": batch.available_at,
            }
