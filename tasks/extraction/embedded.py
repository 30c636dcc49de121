"""Reads the article in the data that a page's scripts would draw it from (Next.js and its like).

Where the page itself is an empty shell, the story stands in a block of JSON: ``__NEXT_DATA__``, or
any script of the type ``application/json``. The object that has this page's title and the longest
body is the article; what else is in there is about other stories.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from tasks.extraction.characters import clean_line, folded
from tasks.extraction.structured import JsonObject, strings

_TITLES = ("headline", "title", "name")
_BODIES = (
    *("articleBody", "body", "bodyHtml", "bodyText", "content", "contentHtml", "html", "text"),
    *("content_elements", "blocks", "paragraphs", "components", "elements", "value"),
)
_PUBLISHED = (
    *("datePublished", "publishedAt", "published_at", "publishDate", "publish_date", "pubDate"),
    *("display_date", "first_publish_date", "publicationDate", "published", "createdAt", "created"),
    "date",
)
_UPDATED = (
    "dateModified",
    "updatedAt",
    "updated_at",
    "last_updated_date",
    "modifiedAt",
    "modified",
)
_AUTHORS = ("author", "authors", "byline", "bylines", "creator", "by")
_LEAST = 200  # characters of a body
_MOST_OBJECTS = 20_000
_MAX_DEPTH = 24
_MAX_CHARACTERS = 3_000_000


def embedded_article(tree: HtmlElement, headlines: Iterable[str]) -> JsonObject:
    """Return the page's article as JSON-LD would say it, or an empty mapping.

    ``headlines`` are what the page calls its story; without one of them nothing is believed.
    """
    titles = {folded(headline) for headline in headlines} - {""}
    if not titles:
        return {}
    ours = [item for item in _objects(tree) if _is_titled(item, titles)]
    bodies = [(_body(item), item) for item in ours]
    body, best = max(bodies, key=lambda pair: len(pair[0]), default=("", {}))
    if len(body) < _LEAST:
        return {}
    return {
        "headline": _first(best, _TITLES),
        "articleBody": body,
        "datePublished": _first(best, _PUBLISHED),
        "dateModified": _first(best, _UPDATED),
        "author": next((names for key in _AUTHORS if (names := _names(best.get(key)))), []),
    }


def _objects(tree: HtmlElement) -> Iterator[JsonObject]:
    for node in tree.iter("script"):
        is_json = node.get("type", "").lower() == "application/json" or node.get("id") == (
            "__NEXT_DATA__"
        )
        if not is_json or not node.text or len(node.text) > _MAX_CHARACTERS:
            continue
        try:
            value = json.loads(node.text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _walk(value)


def _walk(value: Any) -> Iterator[JsonObject]:
    """Yield the objects in a value, the outer ones first, so many and so deep at most."""
    level, count = [value], 0
    for _ in range(_MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                count += 1
                yield item
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        level = [item for item in inner if isinstance(item, (Mapping, list))]
        if not level or count > _MOST_OBJECTS:
            return


def _is_titled(item: JsonObject, titles: set[str]) -> bool:
    return any(folded(title) in titles for key in _TITLES for title in strings(item.get(key)))


def _body(item: JsonObject) -> str:
    return max((_text(item.get(key), 0) for key in _BODIES), key=len, default="")


def _text(value: Any, depth: int) -> str:
    """Return the text of a body: HTML, plain text, or blocks that hold either."""
    if isinstance(value, str):
        return value
    if depth > _MAX_DEPTH or not isinstance(value, (list, Mapping)):
        return ""
    if isinstance(value, list):
        parts = [text for part in value if (text := _text(part, depth + 1))]
        return "\n".join(part if "<" in part else f"<p>{part}</p>" for part in parts)
    return next((text for key in _BODIES if (text := _text(value.get(key), depth + 1))), "")


def _first(item: JsonObject, keys: Iterable[str]) -> str:
    for key in keys:
        value = item.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return clean_line(str(value))
        if found := strings(value):
            return found[0]
    return ""


def _names(value: Any) -> list[str]:
    """Return authors' names, however deep: {"by": [{"name": ...}]}."""
    if isinstance(value, Mapping) and "name" not in value:
        return [name for inner in value.values() for name in _names(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return strings(value)
