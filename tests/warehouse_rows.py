"""Rows for the warehouse's tests: looks at articles, and the batches they come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any
from uuid import UUID

from warehouse.batch import Batch

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RUN = UUID(int=1)
COUNTS = (
    *("listed", "stored", "revised", "unchanged"),
    *("rejected", "deferred", "removed", "resumed"),
)


def uid(*parts: object) -> UUID:
    """Return the UUID of these parts."""
    return UUID(bytes=md5(repr(parts).encode()).digest())


@dataclass(frozen=True)
class Look:
    """One look at an article: what it said that many minutes after START; None: removed."""

    article: str
    says: str | None
    minute: int
    tickers: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was fetched."""
        return START + timedelta(minutes=self.minute)

    @property
    def listing_id(self) -> UUID:
        """Each look has a listing of its own, as an edited line in a list would."""
        return uid("listing", self.article, self.minute)

    @property
    def page_id(self) -> UUID:
        """The page that was fetched."""
        return uid("page", self.article, self.minute)

    @property
    def key(self) -> UUID:
        """The article's key."""
        return uid("article", self.article)


def batch_of(looks: Sequence[Look], *, available_at: datetime | None = None, **more: Any) -> Batch:
    """Return the batch of these looks, committed an hour after START unless told otherwise."""
    there = [look for look in looks if look.says is not None]
    return Batch(
        batch_id=uid("batch", *(look.page_id for look in looks)),
        run_id=RUN,
        available_at=available_at or START + timedelta(hours=1),
        listings=[listing_row(look) for look in looks] + list(more.pop("listings", [])),
        articles=[article_row(look) for look in there],
        article_tickers=[
            ticker_row(look, ticker, 1 / (place + 1))
            for look in there
            for place, ticker in enumerate(look.tickers)
        ],
        ticker_mentions=[mention_row(look, ticker) for look in there for ticker in look.tickers],
        article_topics=[topic_row(look) for look in there],
        outcomes=[
            outcome_row(look.listing_id, "removed", look.at, article_key=look.key, reason="gone")
            for look in looks
            if look.says is None
        ]
        + list(more.pop("outcomes", [])),
        **more,
    )


def listing_row(look: Look, **changes: Any) -> dict[str, Any]:
    """Return a row for ``listings``."""
    return {
        "listing_id": look.listing_id,
        "source": "sample",
        "url": f"http://newsroom.example/{look.article}",
        "guid": "",
        "title": f"Headline {look.says}",
        "published_at": START,
        "source_updated_at": None,
        "listed_at": look.at,
        "listing": '{"a": 1}',
    } | changes


def article_row(look: Look, **changes: Any) -> dict[str, Any]:
    """Return a row for ``article_versions`` and ``article_texts``."""
    return {
        "article_key": look.key,
        "content_hash": uid("says", look.says),
        "source": "sample",
        "url": f"http://newsroom.example/{look.article}",
        "title": f"Headline {look.says}",
        "authors": ("Ada Rossi",),
        "language": "en",
        "text": f"The text says {look.says}.",
        "text_from": "page",
        "published_at": START,
        "published_at_from": "meta",
        "published_at_precision": "second",
        "published_at_doubts": [],
        "source_updated_at": None,
        "first_seen_at": look.at,
        "publisher_tickers": [f"NASDAQ:{ticker}" for ticker in look.tickers],
        "publisher_topics": (),
        "extractor_version": "1",
        "tagger_version": "1",
        "reference_version": "2026-01-01-1",
        "page_id": look.page_id,
        "listing_id": look.listing_id,
    } | changes


def ticker_row(look: Look, symbol: str, relevance: float, **changes: Any) -> dict[str, Any]:
    """Return a row for ``article_tickers``."""
    return {
        "page_id": look.page_id,
        "symbol": symbol,
        "exchange": "NASDAQ",
        "role": "mention",
        "confidence": 0.9,
        "relevance": relevance,
        "evidence": ["name"],
        "mention_count": 1,
        "is_verified": True,
    } | changes


def mention_row(look: Look, symbol: str) -> dict[str, Any]:
    """Return a row for ``ticker_mentions``."""
    return {
        "page_id": look.page_id,
        "symbol": symbol,
        "exchange": "NASDAQ",
        "field": "title",
        "char_start": 0,
        "char_end": 8,
        "text": "Headline",
        "evidence": "name",
    }


def topic_row(look: Look) -> dict[str, Any]:
    """Return a row for ``article_topics``."""
    return {
        "page_id": look.page_id,
        "topic": "earnings",
        "score": 2.5,
        "relevance": 1.0,
        "method": "rule",
        "evidence": ["beat estimates"],
        "taxonomy_version": "00000000",
    }


def outcome_row(listing_id: UUID, outcome: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return a row for ``outcomes``, without a page unless told otherwise."""
    return {
        "listing_id": listing_id,
        "page_id": None,
        "article_key": None,
        "outcome": outcome,
        "reason": "http_status",
        "detail": "The server answered 404.",
        "fetched_at": at,
        "retry_at": None,
    } | changes


def page_row(look: Look, **changes: Any) -> dict[str, Any]:
    """Return a row for the archive."""
    return {
        "page_id": look.page_id,
        "listing_id": look.listing_id,
        "source": "sample",
        "kind": "html",
        "url": f"http://newsroom.example/{look.article}",
        "status": 200,
        "content_type": "text/html; charset=utf-8",
        "body": f"<p>{look.says}</p>".encode(),
        "fetched_at": look.at,
        "listing": '{"source": "sample"}',
        "requested_url": f"http://newsroom.example/{look.article}",
        "headers": {"content-type": "text/html; charset=utf-8"},
        "asked_at": look.at,
        "charset": "utf-8",
        "charset_from": "bytes",
        "body_hash": None,
        "body_bytes": None,
    } | changes


def poll_row(run_id: UUID, source: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """Return a row for ``polls``."""
    return {
        **dict.fromkeys(COUNTS, 0),
        "run_id": run_id,
        "source": source,
        "revisited": 0,
        "is_asked": True,
        "new_listings": 0,
        "error": "",
        "started_at": at,
        "finished_at": at,
    } | changes
