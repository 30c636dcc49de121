"""RSS, Atom and JSON Feed."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import fastfeedparser

from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.kinds import Ask, Found
from tasks.discovery.listings import read_instant
from tasks.sources.schema import FeedList, Source

# What a feed of the wrong shape brings out of the parser: a JSON Feed whose items are numbers, say.
_MALFORMED = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
# Categories whose scheme says that they are securities: GlobeNewswire's .../rss/stock, for one.
_SECURITY_SCHEME = re.compile(r"/(stock|ticker|symbol)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Feed:
    """One declared feed: a single document."""

    declared: FeedList
    source: Source
    span: Span

    def first(self) -> list[Ask]:
        return [Ask(self.declared.url)]

    def read(self, ask: Ask, body: bytes) -> Found:  # noqa: ARG002
        return Found(read_feed(body, self.declared, self.source).listings)


def read_feed(body: bytes, declared: FeedList, source: Source) -> Found:
    """Return the items of a feed, in its order. Raises ValueError for what is not a feed.

    An item with neither link nor guid nor title says nothing and is left out.
    """
    try:
        feed = fastfeedparser.parse(body)  # bytes, never str: a str may be taken for an address
        language = str(feed.feed.get("language") or "")
        return Found(list(_listings(feed.entries, declared, source, language[:2].lower())))
    except _MALFORMED as error:
        raise ValueError(f"not an RSS, Atom or JSON feed ({error})") from error


def _listings(
    entries: Iterable[Mapping[str, Any]], declared: FeedList, source: Source, language: str
) -> Iterator[Listing]:
    for entry in entries:
        url = clean_url(str(entry.get("link") or ""), base=declared.url)
        title = _plain(entry.get("title"))
        guid = str(entry.get("id") or "") or ("" if url else title)
        if not url and not guid:
            continue
        tickers, topics = _categories(entry.get("tags") or ())
        yield Listing(
            source=source.name,
            url=url,
            guid=guid,
            title=title,
            authors=tuple(
                _plain(a.get("name")) for a in entry.get("authors") or () if a.get("name")
            ),
            published_at=read_instant(entry.get("published"), source),
            updated_at=read_instant(entry.get("updated"), source),
            language=language,
            tickers=tickers,
            topics=topics,
            body=_body(entry),
            is_full=declared.full_text or not url,
        )


def _body(entry: Mapping[str, Any]) -> str:
    contents = [str(content.get("value") or "") for content in entry.get("content") or ()]
    return max(contents, key=len, default="") or str(entry.get("description") or "")


def _categories(tags: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    tickers: list[str] = []
    topics: list[str] = []
    for tag in tags:
        term = _plain(tag.get("term") or tag.get("label"))
        is_security = _SECURITY_SCHEME.search(str(tag.get("scheme") or ""))
        if term:
            (tickers if is_security else topics).append(term)
    return tuple(dict.fromkeys(tickers)), tuple(dict.fromkeys(topics))


def _plain(text: object) -> str:
    """Undo entities (some publishers escape twice) and fold white space."""
    return " ".join(html.unescape(html.unescape(str(text or ""))).split())
