"""Reads JSON-LD: the one object that describes the page's article, however it is wrapped."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any

from lxml.html import HtmlElement

from tasks.articles.urls import url_identity
from tasks.extraction.characters import clean_line, folded

JsonObject = Mapping[str, Any]

_ARTICLES = frozenset({"BlogPosting", "LiveBlogPosting", "Report", "PressRelease", "NewsRelease"})
# Where an article hides in another object. Not itemListElement, mentions or citation: those are
# other articles.
_WRAPPERS = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "article", "@reverse")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*$"
)
_MAX_DEPTH = 6


def json_ld_articles(tree: HtmlElement) -> list[JsonObject]:
    """Return every JSON-LD object on the page that is an article, of what can be read."""
    return [
        item
        for node in tree.iter("script")
        if "ld+json" in node.get("type", "").lower() and node.text
        for value in _read(node.text)
        for item in _walk(value, 0)
    ]


def choose_article(found: Sequence[JsonObject], url: str, headline: str) -> JsonObject:
    """Return the object of the article at ``url``, or an empty mapping where there is none.

    Of several, the one with this address wins, then the one with this headline (as the page's h1
    or og:title), then the first.
    """
    if not found:
        return {}
    address, title = url_identity(url) if url else "", folded(headline)
    return max(found, key=lambda item: (_is_at(item, address), folded(_headline(item)) == title))


def strings(value: Any) -> list[str]:
    """Return the text of a JSON-LD value that may be a string, an object with a name, or a list."""
    if isinstance(value, str):
        text = clean_line(value)
        return [text] if text else []
    if isinstance(value, Mapping):
        return strings(value.get("name") or value.get("@value") or "")
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return []


def first_string(value: Any) -> str:
    """Return the first text of a JSON-LD value, or ""."""
    return next(iter(strings(value)), "")


def ticker_symbols(article: JsonObject) -> list[str]:
    """Return schema.org's ``tickerSymbol`` of what the article says it is about or mentions."""
    named = [article.get("about"), article.get("mentions")]
    flat = [item for value in named for item in (value if isinstance(value, list) else [value])]
    return [
        symbol
        for item in flat
        if isinstance(item, Mapping)
        for symbol in strings(item.get("tickerSymbol"))
    ]


def article_body(article: JsonObject) -> str:
    """Return the object's own text (it may be HTML), or ""."""
    body = article.get("articleBody") or article.get("text") or ""
    return body if isinstance(body, str) else "\n".join(strings(body))


def _walk(value: Any, depth: int) -> Iterator[JsonObject]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, Mapping):
        if _is_article(value):
            yield value
        for wrapper in _WRAPPERS:
            if wrapper in value:
                yield from _walk(value[wrapper], depth + 1)


def _is_article(item: JsonObject) -> bool:
    kinds = item.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(
        isinstance(name, str)
        and (name.rpartition("/")[2].endswith("Article") or name.rpartition("/")[2] in _ARTICLES)
        for name in names
    )


def _read(text: str) -> list[Any]:
    """Read a block as JSON, mended where publishers break it: nothing when that is not enough."""
    plain = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip().rstrip(";")
    mended = _TRAILING_COMMA.sub(r"\1", _CONTROL.sub(" ", plain))
    for candidate in (plain, mended, unescape(mended)):
        try:
            return [json.loads(candidate, strict=False)]
        except (ValueError, RecursionError):
            continue
    return _read_in_turn(mended)


def _read_in_turn(text: str) -> list[Any]:
    """Read several objects written one after the other, up to the first that is broken."""
    decoder, values, position = json.JSONDecoder(strict=False), [], 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        values.append(value)
        while position < len(text) and text[position] in " ,;":
            position += 1
    return values


def _headline(item: JsonObject) -> str:
    return first_string(item.get("headline") or item.get("name"))


def _is_at(item: JsonObject, address: str) -> bool:
    if not address:
        return False
    page = item.get("mainEntityOfPage")
    places = [item.get("url"), item.get("@id")]
    places.append(page.get("@id") if isinstance(page, Mapping) else page)
    return any(isinstance(place, str) and url_identity(place) == address for place in places)
