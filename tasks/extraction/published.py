"""Chooses when an article was published and last changed, among all that the page and list say."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.html import HtmlElement

from tasks.articles.records import Page
from tasks.extraction import meta as head
from tasks.extraction.characters import clean_line
from tasks.extraction.datelines import (
    PARAGRAPHS,
    is_dateline,
    published_parts,
    says_updated,
    stands_in_prose,
)
from tasks.extraction.region import Region, in_side_box
from tasks.extraction.structured import JsonObject, first_string
from tasks.extraction.times import EARLIEST, Instant, parse_instant

_AHEAD = timedelta(days=1)  # a clock or a zone may be wrong by so much; more is another date
_SAME = timedelta(hours=36)  # a day, read as midnight UTC, and an instant of it anywhere on earth
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d|\d\d)[/-](0[1-9]|1[0-2])(?:[/-]([0-2]\d|3[01]))?(?=[/-]|$)"
)
_DATED = re.compile(r"date|time|publish|byline|posted|meta|data|fecha|datum|日時", re.IGNORECASE)
_UPDATED = re.compile(r"modif|updat|aggiorn|actualiz", re.IGNORECASE)
_SHORT = 160  # characters of a line that is a date and little else
_LABEL = 60  # characters right before a date that may say which date it is
_NEAR_TITLE = 40  # elements after the headline among which its date stands
_PARAGRAPH = 200  # characters of a paragraph where the story has begun


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published, where that stood, and when it was last changed."""

    instant: Instant | None
    found_in: str  # a value of Article.published_at_from
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the texts of one page, in its zone and its order of day and month."""

    zone: tzinfo
    month_first: bool
    latest: datetime

    def read(self, texts: Iterable[str]) -> Instant | None:
        for text in texts:
            instant = parse_instant(text, self.zone, month_first=self.month_first)
            if instant and instant.at <= self.latest:
                return instant
        return None


def find_published(
    page: Page,
    tree: HtmlElement | None,
    region: Region | None,
    article: JsonObject,
    meta: head.Meta,
    *,
    zone: str,
    language: str,
) -> Published:
    """Return the published instant and the last change.

    JSON-LD, then meta, ``<time>``, the listing, visible text, the URL, and htmldate at last. A
    day gives way to an instant of the same day that a later place knows more finely. An item's
    list speaks first, since its body is no page. Nothing before 1990 or more than a day after
    the fetch is believed.
    """
    reader = _Reader(
        ZoneInfo(zone),
        language == "en" and (zone.startswith("America/") or zone == "UTC"),
        page.fetched_at + _AHEAD,
    )
    places: list[tuple[str, Iterable[str]]] = [
        ("json_ld", [first_string(article.get(key)) for key in ("datePublished", "dateCreated")]),
        ("meta", head.values(meta, head.PUBLISHED)),
        ("time", _time_elements(tree, region)),
        ("list", _listed(page.listing.published_at)),
        ("text", _visible(tree, region)),
        ("url", _in_url(page.url)),
    ]
    if page.kind == "item":
        places.sort(key=lambda place: place[0] != "list")
    if tree is not None:
        places.append(("htmldate", _guessed(tree, reader)))
    name, instant = _finest(places, reader)
    return Published(instant, name, _updated(page, article, meta, reader))


def _finest(
    places: Iterable[tuple[str, Iterable[str]]], reader: _Reader
) -> tuple[str, Instant | None]:
    """Return the first instant, or a finer one of its day; later places are read only for that."""
    name, first = "", None
    for place, texts in places:
        if place == "htmldate" and first:
            break  # it gives days, and slowly
        instant = reader.read(texts)
        if first is None:
            name, first = (place, instant) if instant else ("", None)
        elif instant and instant.precision != "day" and _is_on(instant.at, first.at):
            return place, instant
        if first and first.precision != "day":
            break
    return name, first


def _is_on(at: datetime, day: datetime) -> bool:
    """Tell whether ``at`` may be on this day somewhere on earth."""
    return day - (_SAME - timedelta(days=1)) <= at < day + _SAME


def _updated(page: Page, article: JsonObject, meta: head.Meta, reader: _Reader) -> datetime | None:
    said = [first_string(article.get("dateModified")), *head.values(meta, head.UPDATED)]
    listed = list(_listed(page.listing.updated_at))
    instant = reader.read([*listed, *said] if page.kind == "item" else [*said, *listed])
    return instant.at if instant else None


def _listed(moment: datetime | None) -> Iterator[str]:
    if moment is not None:
        yield moment.astimezone(UTC).isoformat()


def _time_elements(tree: HtmlElement | None, region: Region | None) -> Iterator[str]:
    """Yield what ``<time>`` elements say: the article's own first, published before others."""
    if tree is None or region is None:
        return
    inside = [node for node in region.element.iter("time") if _is_own(node, region.element)]
    if not inside and region.element is not tree:
        inside = [node for node in tree.iter("time") if _is_own(node, tree)]
    for node in sorted(inside, key=lambda node: "publi" not in _names(node)):
        if _UPDATED.search(_names(node)) or says_updated(_label(node)):
            continue
        text = clean_line(node.text_content())
        if not says_updated(text):
            yield node.get("datetime", "")
        yield from published_parts(text)


def _is_own(node: HtmlElement, root: HtmlElement) -> bool:
    return not in_side_box(node, root) and not stands_in_prose(node)


def _names(node: HtmlElement) -> str:
    return " ".join(
        node.get(name, "") for name in ("itemprop", "class", "pubdate", "id", "property")
    ).lower()


def _label(node: HtmlElement) -> str:
    """Return the words right before an element: "Updated", "Aggiornato il"."""
    previous, parent = node.getprevious(), node.getparent()
    if previous is not None:
        return clean_line(previous.tail or previous.text_content())[-_LABEL:]
    return clean_line((parent.text or "") if parent is not None else "")[-_LABEL:]


def _visible(tree: HtmlElement | None, region: Region | None) -> Iterator[str]:
    """Yield the short texts that may be the printed date, nearest to the headline first."""
    if tree is None or region is None:
        return
    for text in chain(_near_title(tree), _dated(region.element), _dated(tree)):
        for part in re.split(r"\s[|•·]\s", text):
            if is_dateline(part):
                yield from published_parts(part)


def _near_title(tree: HtmlElement) -> Iterator[str]:
    title = tree.find(".//h1")
    if title is None:
        return
    for count, node in enumerate(title.xpath("following::*")):
        text = clean_line(node.text_content())
        if count > _NEAR_TITLE or (node.tag == "p" and len(text) > _PARAGRAPH):
            return
        if 0 < len(text) <= _SHORT and not stands_in_prose(node):
            yield text


def _dated(root: HtmlElement) -> Iterator[str]:
    for node in root.iter("span", "div", "p", "small", "em", "td", "li", "font"):
        name = f"{node.get('class', '')} {node.get('id', '')}"
        if _DATED.search(name) and _is_own(node, root):
            text = clean_line(node.text_content())
            if 0 < len(text) <= _SHORT:
                yield text


def _in_url(url: str) -> Iterator[str]:
    """Yield the date in a path: /2026/11/17/ whole; of /26/11/ and /2026/11/ the first day."""
    for year, month, day in _URL_DATE.findall(url):
        yield f"{year if len(year) > 2 else '20' + year}-{month}-{day or '01'}"  # noqa: PLR2004


def _guessed(tree: HtmlElement, reader: _Reader) -> Iterator[str]:
    """Yield the date, without a time, that htmldate makes out; asked only when it is read."""
    text = find_date(
        _without_other_dates(tree),
        extensive_search=False,
        original_date=True,
        min_date=EARLIEST,
        max_date=reader.latest.replace(tzinfo=None),
    )
    yield text or ""


def _without_other_dates(tree: HtmlElement) -> HtmlElement:
    """Return a copy without what names another day: changes, and the days told of in prose."""
    copy = deepcopy(tree)
    for node in list(copy.iter("meta", "time", *PARAGRAPHS)):
        if node is not copy and _names_other_day(node):
            node.drop_tree()
    return copy


def _names_other_day(node: HtmlElement) -> bool:
    if node.tag == "meta":
        names = f"{node.get('name', '')} {node.get('property', '')} {node.get('itemprop', '')}"
        return any(name in head.UPDATED for name in names.lower().split())
    text = clean_line(node.text_content())
    return len(text) > _SHORT or stands_in_prose(node) or says_updated(f"{_label(node)} {text}")
