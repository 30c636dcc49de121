"""What a saved page says of itself: the address that it was at, and when it was published.

It is read to know which day a page belongs to before it is its turn; what counts for the article is
what extraction finds.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from tasks.articles.urls import clean_url
from tasks.discovery.instants import read_instant
from tasks.sources.schema import Source

_HEAD = 200_000  # bytes of a page in which it mostly says all of this
_MOST = 5_000_000  # bytes that are looked through where it does not
# What browsers and savers write at the top of a page that they save.
_SAVED_FROM = re.compile(
    rb"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(\S+)", re.IGNORECASE
)
_ADDRESSES = (
    '//link[@rel="canonical"]/@href',
    '//meta[@property="og:url"]/@content',
    '//meta[@name="twitter:url"]/@content',
)
_PUBLISHED = (
    '//meta[@property="article:published_time" or @name="article:published_time"]/@content',
    '//meta[@property="og:article:published_time" or @itemprop="datePublished"]/@content',
    '//meta[@name="parsely-pub-date" or @name="pubdate" or @name="publishdate"]/@content',
    '//meta[@name="DC.date.issued" or @name="dc.date" or @name="date"]/@content',
    '//time[@itemprop="datePublished" or @pubdate]/@datetime',
    "//article[.//h1]//time/@datetime",
)
_ANY_TIME = "//time/@datetime"
_ARTICLES = re.compile(r"Article$|^BlogPosting$|^Report$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d$")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # an earlier one is a mistake of the page's
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Head:
    """The address, "" where none is said, and the day in UTC; None where it is not sure."""

    url: str
    day: date | None


def head_of(body: bytes, source: Source, now: datetime) -> Head:
    """Return what a page says of itself at its beginning, else anywhere in it; ``now`` is UTC."""
    head = _head_of(body[:_HEAD], source, now)
    if len(body) > _HEAD and not (head.url and head.day):
        whole = _head_of(body[:_MOST], source, now)
        return Head(head.url or whole.url, head.day or whole.day)
    return head


def articles_in(answer: object) -> Iterator[Mapping[str, Any]]:
    """Yield the articles in JSON: items of a list, JSON-LD of an article, or the object itself."""
    if isinstance(answer, list):
        for part in answer:
            yield from articles_in(part)
    elif isinstance(answer, dict):
        lists = ("@graph", "articles", "items", "results", "news", "data")
        inner = next((answer[key] for key in lists if isinstance(answer.get(key), list)), None)
        kinds = answer.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if inner is not None:
            yield from articles_in(inner)
        elif kinds is None or any(_ARTICLES.search(str(name)) for name in names):
            yield answer


def _head_of(body: bytes, source: Source, now: datetime) -> Head:
    saved = _SAVED_FROM.search(body)
    where = saved.group(1).decode("utf-8", "replace") if saved else ""
    tree = None
    with suppress(etree.ParserError, ValueError):
        tree = lxml_html.document_fromstring(body)
    said = [str(text) for path in _ADDRESSES for text in _found(tree, path)]
    base = clean_url(where)
    url = next((url for text in [*said, where] if (url := clean_url(text, base=base))), "")
    days = (_day_of(text, source, now) for text in _published(tree))
    return Head(url, next((day for day in days if day), None) or _only_day(tree, source, now))


def _found(tree: HtmlElement | None, path: str) -> list[str]:
    return [] if tree is None else [str(text) for text in tree.xpath(path)]


def _published(tree: HtmlElement | None) -> Iterator[str]:
    for text in _found(tree, '//script[@type="application/ld+json"]/text()'):
        with suppress(ValueError, RecursionError):
            for article in articles_in(json.loads(text, strict=False)):
                if isinstance(said := article.get("datePublished"), str):
                    yield said
    for path in _PUBLISHED:
        yield from _found(tree, path)


def _only_day(tree: HtmlElement | None, source: Source, now: datetime) -> date | None:
    """Return the day of a page whose times are all of one: else they may be of other stories."""
    days = {day for text in _found(tree, _ANY_TIME) if (day := _day_of(text, source, now))}
    return days.pop() if len(days) == 1 else None


def _day_of(text: str, source: Source, now: datetime) -> date | None:
    """Return the day of an instant in UTC; a day alone is the one that it says."""
    instant = read_instant(text, source)
    if instant is None or not _EARLIEST <= instant <= now + _AHEAD:
        return None
    return date.fromisoformat(text.strip()) if _DAY.match(text.strip()) else instant.date()
