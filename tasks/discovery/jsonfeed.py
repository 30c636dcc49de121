"""JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tasks.articles.records import Listing
from tasks.articles.urls import clean_url
from tasks.discovery.feed_items import Channel, plain
from tasks.discovery.instants import read_instant


def read(body: bytes, channel: Channel) -> list[Listing]:
    """Return the items of a feed. Raises ValueError for what is none."""
    try:
        feed = json.loads(body)
        items = feed["items"]
        assert isinstance(items, list)
    except (AssertionError, KeyError, TypeError, RecursionError, ValueError) as error:
        raise ValueError("not an RSS, Atom or JSON feed (it is JSON without items)") from error
    channel.language = _text(feed, "language")
    listings = [_listing(item, channel) for item in items if isinstance(item, dict)]
    if items and not listings:
        raise ValueError("not an RSS, Atom or JSON feed (its items are no objects)")
    return [listing for listing in listings if listing.url or listing.guid]


def _listing(item: Mapping[str, Any], channel: Channel) -> Listing:
    link = _text(item, "url") or _text(item, "external_url")
    url = clean_url(link, base=channel.url)
    title = plain(_text(item, "title"))
    text = _text(item, "content_text") or _text(item, "summary")
    return Listing(
        source=channel.source.name,
        url=url,
        guid=_text(item, "id") or ("" if url else title),
        title=title,
        authors=tuple(dict.fromkeys(_authors(item))),
        published_at=read_instant(_text(item, "date_published"), channel.source),
        updated_at=read_instant(_text(item, "date_modified"), channel.source),
        language=(_text(item, "language") or channel.language)[:2].lower(),
        topics=tuple(
            dict.fromkeys(plain(tag) for tag in _items(item, "tags") if isinstance(tag, str))
        ),
        body=_text(item, "content_html") or html.escape(text, quote=False),
        is_full=channel.is_full or not url,
    )


def _authors(item: Mapping[str, Any]) -> Iterable[str]:
    for author in [*_items(item, "authors"), item.get("author")]:
        name = author.get("name") if isinstance(author, dict) else author
        if isinstance(name, str) and name.strip():
            yield plain(name)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _items(item: Mapping[str, Any], key: str) -> list[Any]:
    value = item.get(key)
    return value if isinstance(value, list) else []
