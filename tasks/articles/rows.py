"""The records as rows of the warehouse's tables, and pages back from the archive.

A row is a mapping from column name to plain value. The warehouse knows rows, not records, so what
a record's field is called is what its column is called.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from tasks.articles.identity import body_hash
from tasks.articles.records import (
    Article,
    Document,
    Fact,
    FactValue,
    Fingerprint,
    Listing,
    Outcome,
    Page,
    TaggedArticle,
    TopicTag,
)

Row = dict[str, Any]


class TagRows(TypedDict):
    """The rows of the tables beneath one article."""

    article_tickers: list[Row]
    ticker_mentions: list[Row]
    article_topics: list[Row]
    article_facts: list[Row]
    article_fingerprints: list[Row]


def page_row(page: Page) -> Row:
    """Return the archive's row for a page; what the list said is kept in it as JSON."""
    row = {name: getattr(page, name) for name in Page.__slots__ if name != "listing"}
    listing = page.listing
    return row | {
        "page_id": page.page_id,
        "listing_id": listing.listing_id,
        "source": listing.source,
        "listing": listing_json(listing),
        "headers": dict(page.headers),
        "body_hash": body_hash(page.body),
        "body_bytes": len(page.body),
    }


def page_of(row: Mapping[str, Any]) -> Page:
    """Return the page of an archive's row."""
    fields = {name: row[name] for name in Page.__slots__ if name not in {"listing", "headers"}}
    headers = tuple(row["headers"].items())
    return Page(listing=listing_of(row["listing"]), headers=headers, **fields)


def listing_json(listing: Listing) -> str:
    """Return a listing as JSON."""
    return json.dumps(asdict(listing), ensure_ascii=True, default=_isoformat)


def listing_of(text: str) -> Listing:
    """Return the listing that ``listing_json`` wrote, in this version of the program or another.

    Fields that it does not know are left out; missing ones are empty. Raises ValueError or
    TypeError for a text that is no listing.
    """
    known = {field.name for field in fields(Listing)}
    kept: dict[str, Any] = {key: v for key, v in json.loads(text).items() if key in known}
    for name in ("published_at", "updated_at"):
        kept[name] = datetime.fromisoformat(kept[name]) if kept.get(name) else None
    kept["day"] = date.fromisoformat(kept["day"]) if kept.get("day") else None
    for name in ("authors", "tickers", "topics"):
        kept[name] = tuple(kept.get(name, ()))
    return Listing(**kept)


def listing_row(listing: Listing, listed_at: datetime) -> Row:
    """Return the ledger's row for a listing."""
    return {
        "listing_id": listing.listing_id,
        "source": listing.source,
        "url": listing.url,
        "guid": listing.guid,
        "title": listing.title,
        "published_at": listing.published_at,
        "source_updated_at": listing.updated_at,
        "listed_at": listed_at,
        "listing": listing_json(listing),
    }


def outcome_row(outcome: Outcome) -> Row:
    """Return the ledger's row for an outcome."""
    row = {name: getattr(outcome, name) for name in Outcome.__slots__ if name != "listing"}
    return row | {"listing_id": outcome.listing.listing_id}


def watched_row(page: Page) -> Row:
    """Return the row by which a later look can tell whether the page has changed."""
    headers = dict(page.headers)
    return {
        "page_id": page.page_id,
        "etag": headers.get("etag", ""),
        "last_modified": headers.get("last-modified", ""),
        "body_hash": body_hash(page.body),
    }


def document_row(document: Document) -> Row:
    """Return the ledger's row for a document of a source's lists."""
    return asdict(document)


def document_of(row: Mapping[str, Any]) -> Document:
    """Return the document of a ledger's row."""
    return Document(**row)


def article_row(tagged: TaggedArticle) -> Row:
    """Return the row of an article's version; its tags have rows of their own."""
    article = tagged.article
    row = {name: getattr(article, name) for name in Article.__slots__}
    versions = ("tagger_version", "reference_version")
    return row | {name: getattr(tagged, name) for name in versions}


def tag_rows(tagged: TaggedArticle) -> TagRows:
    """Return the rows of an article's tags and of each place that names a security."""
    page_id = tagged.article.page_id
    rows = TagRows(
        article_tickers=[],
        ticker_mentions=[],
        article_topics=[],
        article_facts=[],
        article_fingerprints=[_fingerprint_row(tagged)],
    )
    for ticker in tagged.tickers:
        key = {"page_id": page_id, "symbol": ticker.symbol, "exchange": ticker.exchange}
        rows["article_tickers"].append(
            key
            | {
                "role": ticker.role,
                "confidence": ticker.confidence,
                "relevance": ticker.relevance,
                "evidence": ticker.evidence,
                "mention_count": len(ticker.mentions),
                "is_verified": ticker.is_verified,
            }
        )
        rows["ticker_mentions"].extend(
            key
            | {
                "field": mention.field,
                "char_start": mention.start,
                "char_end": mention.end,
                "text": mention.text,
                "evidence": mention.evidence,
            }
            for mention in ticker.mentions
        )
    rows["article_topics"] = [{"page_id": page_id} | _fields(topic) for topic in tagged.topics]
    for number, fact in enumerate(tagged.facts, 1):
        rows["article_facts"] += _fact_rows(page_id, number, fact)
    return rows


def _fingerprint_row(tagged: TaggedArticle) -> Row:
    article = tagged.article
    return _fields(tagged.fingerprint) | {
        "page_id": article.page_id,
        "language": article.language,
        "first_seen_at": article.first_seen_at,
    }


def _fact_rows(page_id: UUID, number: int, fact: Fact) -> list[Row]:
    """Return one row for each value of a fact; the number holds them together."""
    shared = {
        "page_id": page_id,
        "fact_number": number,
        "kind": fact.kind,
        "symbol": fact.symbol,
        "exchange": fact.exchange,
        "field": fact.field,
        "char_start": fact.start,
        "char_end": fact.end,
        "text": fact.text,
        "evidence": fact.evidence,
        "confidence": fact.confidence,
    }
    return [shared | _fields(value) for value in fact.values]


def _fields(record: TopicTag | FactValue | Fingerprint) -> Row:
    """Return a flat record's fields: ``asdict`` looks for records in each, which takes longest."""
    return {name: getattr(record, name) for name in record.__slots__}


def _isoformat(value: object) -> str:
    if isinstance(value, date):  # instants are dates, too
        return value.isoformat()
    raise TypeError(f"{value!r} is neither JSON nor an instant")
