"""Builds articles for the taggers' tests."""

from datetime import UTC, datetime
from uuid import UUID

from tasks.articles.records import Article

_ID = UUID(int=0)
_NOW = datetime(2025, 1, 2, tzinfo=UTC)


def article(
    title: str,
    text: str,
    *,
    language: str = "en",
    tickers: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
) -> Article:
    """Return an article that says this; ``tickers`` and ``topics`` are the publisher's own."""
    return Article(
        article_key=_ID,
        listing_id=_ID,
        page_id=_ID,
        source="test",
        url="",
        title=title,
        authors=(),
        text=text,
        text_from="page",
        language=language,
        published_at=_NOW,
        published_at_from="",
        published_at_precision="",
        source_updated_at=None,
        first_seen_at=_NOW,
        publisher_tickers=tickers,
        publisher_topics=topics,
        content_hash=_ID,
        extractor_version="1",
    )
