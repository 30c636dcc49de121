"""What each fetch leaves beside the raw page."""

import asyncio
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasks.archive import archive
from tasks.articles.identity import body_hash
from tasks.articles.records import Listing, Page
from tasks.articles.rows import page_of, page_row
from tasks.extraction.decode import charset_of
from tasks.sources.schema import FeedList, Politeness, Source
from tasks.web.pages import fetch_page
from tests.hostile import HEAD, Case, client, once, redirect, serving
from warehouse.archive import read_batch
from warehouse.home import Home

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
BODY = '<meta charset="windows-1252"><p>Caffè'.encode("cp1252")
SENT = (
    HEAD
    + b'ETag: "x1"\r\nLast-Modified: Mon, 02 Mar 2026 13:00:00 GMT\r\nSet-Cookie: a=b\r\n'
    + b"Content-Encoding: gzip\r\nX-Own: secret\r\n\r\n"
    + gzip.compress(BODY)
)
NEWS = Source(
    name="news",
    title="News",
    publisher="news.example",
    home="http://news.example/",
    lists=(FeedList(kind="feed", url="http://feeds.example/rss"),),
    politeness=Politeness(allow_private=True, per_minute=60_000),
)


def fetched(case: Case, path: str) -> Page:
    """Fetch a page from a case's server."""

    async def fetch() -> Page:
        listing = Listing(source="news", url=f"http://news.example{path}")
        async with serving(case) as traffic, client(case, traffic) as opened:
            return await fetch_page(listing, NEWS, opened, lambda: NOW)

    return asyncio.run(fetch())


def test_a_page_carries_the_facts_of_its_fetch() -> None:
    """Headers that may matter, and no others; both instants; both addresses."""
    page = fetched(Case(once(SENT), ""), "/a?token=hush")
    assert page.body == BODY
    assert dict(page.headers) == {
        "content-type": "text/html",
        "etag": '"x1"',
        "last-modified": "Mon, 02 Mar 2026 13:00:00 GMT",
    }
    assert page.requested_url == page.url == "http://news.example/a?token=***"
    assert page.asked_at
    assert timedelta() < page.fetched_at - page.asked_at < timedelta(seconds=10)


def test_a_redirected_page_tells_both_addresses() -> None:
    """As asked for, and as it was in the end."""
    page = fetched(Case(redirect(b"/there"), ""), "/story")
    assert (page.requested_url, page.url) == (
        "http://news.example/story",
        "http://news.example/there",
    )


def test_the_archive_keeps_the_facts(tmp_path: Path) -> None:
    """With charset, hash and size; and a page comes back from it as it was."""
    page = fetched(Case(once(SENT), ""), "/a")
    home = Home(tmp_path / "home")
    (row,) = read_batch(home, asyncio.run(archive.fn([page], home)))
    assert (row["charset"], row["charset_from"]) == ("cp1252", "page")
    assert (row["body_hash"], row["body_bytes"]) == (body_hash(BODY), len(BODY))
    assert row["headers"]["etag"] == '"x1"'
    assert page_row(page_of(row)) == row


@pytest.mark.parametrize(
    ("body", "content_type", "charset"),
    [
        (b"\xef\xbb\xbfplain", "", ("utf-8", "bom")),
        ("Caffè".encode(), "text/html; charset=iso-8859-1", ("utf-8", "bytes")),
        ("Caffè".encode("utf-16-le") * 9, "", ("utf-16-le", "bytes")),
        ("<p>Caffè più".encode("cp1252"), "text/html; charset=latin1", ("cp1252", "header")),
        ('<meta charset="cp1250"><p>Caffč'.encode("cp1250"), "", ("cp1250", "page")),
        ("<p>Caffè più".encode("cp1252"), "text/html; charset=no", ("cp1252", "guessed")),
    ],
)
def test_what_says_the_charset(body: bytes, content_type: str, charset: tuple[str, str]) -> None:
    """The mark, the bytes, the page, the header or nobody."""
    assert charset_of(body, content_type) == charset


def test_the_charset_of_a_hostile_page_is_found_in_time() -> None:
    """Open script tags without end cost no more than their length."""
    charset_of(b"\xe8<script" * 300_000, "")


def test_private_hosts_are_those_that_a_source_declares() -> None:
    """Its home and its lists; an address that one of its lists names elsewhere stays closed."""
    for url, is_open in {
        "http://news.example/a": True,
        "http://feeds.example:8080/a": True,
        "http://169.254.169.254/latest": False,
        "http://[::1": False,
        "nonsense": False,
    }.items():
        assert NEWS.politeness_at(url).allow_private is is_open, url
