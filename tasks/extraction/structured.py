"""Reads JSON-LD: the one object that describes the page's article, however it is wrapped."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.articles.urls import clean_url, url_identity
from tasks.extraction.addresses import is_section_above
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
_PAGES = frozenset({"WebPage", "ItemPage"})
_DATES = ("datePublished", "dateModified")
_ALIKE = 0.4  # of a headline's runs of three letters; two other stories share less
_LONG_SLUG = 12  # characters of a path's last part that only one story has


def json_ld_objects(tree: HtmlElement) -> list[JsonObject]:
    """Return every JSON-LD object on the page that is an article or a dated page."""
    return [
        item
        for node in tree.iter("script")
        if "ld+json" in node.get("type", "").lower() and node.text
        for value in _read(node.text)
        for item in _walk(value, 0)
    ]


def choose_article(
    found: Sequence[JsonObject], addresses: Iterable[str], headlines: Iterable[str]
) -> JsonObject:
    """Return the object of the article at one of ``addresses``, or an empty mapping.

    ``headlines`` are what the page calls its story: h1, og:title, the listing's. An object that
    names another address, or none and another headline, is another story's. Of several the one at
    this address wins, then the one with the likest headline, then the first. Dates that it lacks
    come from the object of the page itself (``WebPage``).
    """
    own = [address for address in addresses if address]
    titles = [title for headline in headlines if (title := folded(headline))]
    ours = [item for item in found if _is_ours(item, own, titles)]
    page = next((item for item in ours if not _is_article(item)), {})
    articles = [item for item in ours if _is_article(item)]
    best = max(articles, key=lambda item: (_is_at(item, own), _likeness(item, titles)), default={})
    return {**{key: page[key] for key in _DATES if key in page}, **best}


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


def persons(value: Any) -> list[str]:
    """Return the names in a JSON-LD value but those of what is typed as an organisation."""
    every = value if isinstance(value, list) else [value]
    return [
        name
        for item in every
        if not (isinstance(item, Mapping) and any("Organi" in kind for kind in _kinds(item)))
        for name in strings(item)
    ]


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
        if _is_article(value) or _is_dated_page(value):
            yield value
        for wrapper in _WRAPPERS:
            if wrapper in value:
                yield from _walk(value[wrapper], depth + 1)


def _is_article(item: JsonObject) -> bool:
    return any(name.endswith("Article") or name in _ARTICLES for name in _kinds(item))


def _is_dated_page(item: JsonObject) -> bool:
    return any(name in _PAGES for name in _kinds(item)) and any(key in item for key in _DATES)


def _kinds(item: JsonObject) -> list[str]:
    kinds = item.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return [name.rpartition("/")[2] for name in names if isinstance(name, str)]


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


def _is_ours(item: JsonObject, own: Sequence[str], titles: Sequence[str]) -> bool:
    if own and _places(item, own[0]):
        return _is_at(item, own)
    return not (titles and _headline(item)) or _likeness(item, titles) >= _ALIKE


def _is_at(item: JsonObject, own: Sequence[str]) -> bool:
    """Tell whether the object names one of the page's own addresses, or one with its slug."""
    identities = {url_identity(address) for address in own}
    slugs = {slug for address in own if (slug := _slug(address))}
    places = _places(item, own[0]) if own else []
    return any(url_identity(place) in identities or _slug(place) in slugs for place in places)


def _places(item: JsonObject, base: str) -> list[str]:
    """Return the addresses that an object names, without home pages and sections."""
    page = item.get("mainEntityOfPage")
    said = [item.get("url"), item.get("@id")]
    said += [page.get("@id"), page.get("url")] if isinstance(page, Mapping) else [page]
    found = [
        clean_url(place, base=base)
        for place in said
        if isinstance(place, str) and not place.startswith("#")
    ]
    return [
        place
        for place in found
        if urlsplit(place).path.strip("/") and not is_section_above(place, base)
    ]


def _slug(address: str) -> str:
    """Return a path's last part where it is long enough to be one story's alone."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    return last if len(last) >= _LONG_SLUG else ""


def _likeness(item: JsonObject, titles: Sequence[str]) -> float:
    """Return how much of the object's headline, or of the page's, stands in the other: 0 to 1."""
    said = _threes(folded(_headline(item)))
    return max((_shared(said, _threes(title)) for title in titles), default=0.0)


def _threes(text: str) -> frozenset[str]:
    return frozenset(text[start : start + 3] for start in range(max(1, len(text) - 2)))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / min(len(one), len(other))
