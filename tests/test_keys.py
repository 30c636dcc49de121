"""One article that several declared sources list has one key."""

import asyncio
from datetime import UTC, datetime

from tasks.articles.identity import article_key
from tasks.articles.records import Listing, Page
from tasks.extract import extract
from tasks.sources.keys import key_of
from tasks.workers.pool import WorkerPool
from tests.lists import SOURCE, source

THEIRS = source(name="hub", title="Hub", publisher="hub.example", home="https://hub.example/")
SOURCES = {"hub": THEIRS, "news": SOURCE}
URL = "https://www.news.example/markets/26/11/40112233/slug"


def test_the_publishers_own_source_decides() -> None:
    """An aggregator's listing, the publisher's own and the API's id give the same key."""
    own = article_key("news.example", publisher_id="40112233")
    assert key_of(SOURCE, SOURCES, url=URL) == own
    assert key_of(THEIRS, SOURCES, url=URL) == own
    assert key_of(SOURCE, SOURCES, publisher_id="40112233") == own
    elsewhere = "https://other.example/40112233/slug"
    assert key_of(THEIRS, SOURCES, url=elsewhere) == key_of(SOURCE, SOURCES, url=elsewhere) != own


def test_extract_asks_all_declared_sources() -> None:
    """Through both sources the page becomes the same article; a page without one, too."""
    text = "<p>" + "Acme said on Tuesday that its profit rose. " * 10 + "</p>"
    body = f"<html><body><article><h1>Acme rises</h1>{text}</article></body></html>".encode()
    pages = [
        Page(
            listing=Listing(source=name, url=URL),
            url=URL,
            status=status,
            content_type="text/html",
            body=body,
            fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        )
        for name in SOURCES
        for status in (200, 404)
    ]

    with WorkerPool(1, time_limit=60) as pool:
        found = asyncio.run(extract.fn(pages, SOURCES, pool, lambda: datetime.now(UTC)))
    keys = {article.article_key for article in found.articles}
    keys |= {outcome.article_key for outcome in found.outcomes if outcome.article_key}
    assert (len(found.articles), len(found.outcomes), len(keys)) == (2, 2, 1)
