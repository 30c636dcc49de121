"""Chooses when an article was published and last changed, among all that the page and list say."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain
from zoneinfo import ZoneInfo

from htmldate import find_date
from lxml.html import HtmlElement

from tasks.articles.records import Page
from tasks.extraction import meta as head
from tasks.extraction.addresses import dates_in
from tasks.extraction.blocks import lines_of
from tasks.extraction.boxes import in_side_box
from tasks.extraction.characters import clean_line
from tasks.extraction.datelines import (
    PARAGRAPHS,
    is_dateline,
    leading_dateline,
    published_parts,
    says_updated,
    stands_in_prose,
)
from tasks.extraction.headline import near_headline
from tasks.extraction.region import Region
from tasks.extraction.relative import relative_instant
from tasks.extraction.structured import JsonObject, first_string
from tasks.extraction.times import EARLIEST, MOST_AHEAD, MOST_FROM_LIST, Instant, stated_instant

_SAME = timedelta(hours=36)  # a day, read as midnight UTC, and an instant of it anywhere on earth
_DATED = re.compile(r"date|time|publish|byline|posted|meta|data|fecha|datum|日時", re.IGNORECASE)
_UPDATED = re.compile(r"modif|updat|aggiorn|actualiz", re.IGNORECASE)
_FIRST = re.compile(r"publi|entry-date")  # WordPress calls one and the same time "updated" too
_STATED = frozenset({"json_ld", "meta", "embedded", "time", "list"})  # places that mean a date
# How agencies close a story: "(RADIOWIRE) 19-11-26 17:48 (0551) ENE,UTY 5 NNNN".
_SIGN_OFF = re.compile(r"\([A-Z][\w .&-]{1,24}\)\s+\d\d?[-/.]\d\d?[-/.]\d{2,4}\s+\d\d?[:.]\d\d\b")
_SHORT = 160  # characters of a line that is a date and little else
_FIRST_LINES = 40  # of a region, among which the story starts
_LABEL = 60  # characters right before a date that may say which date it is


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published, where that stood, and when it was last changed.

    ``doubts`` says what speaks against it: ``future`` or ``before_1990`` (a date that the page
    states and that was passed over), ``contradicts_list``, ``relative`` ("2 hours ago").
    """

    instant: Instant | None
    place: str  # as in Article.published_at_from
    doubts: tuple[str, ...]
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the texts of one page, in its zone and its order of day and month."""

    zone: tzinfo
    month_first: bool
    latest: datetime
    doubts: set[str] = field(default_factory=set)  # about what was read and not believed

    def read(self, said: Iterable[str | Instant], *, is_stated: bool = True) -> Instant | None:
        """Return the first believable instant; doubts are noted of what is stated as a date."""
        for one in said:
            instant = one if isinstance(one, Instant) else self._of_text(one)
            if instant is None:
                continue
            if EARLIEST <= instant.at <= self.latest:
                return instant
            if is_stated:
                self.doubts.add("future" if instant.at > self.latest else "before_1990")
        return None

    def _of_text(self, text: str) -> Instant | None:
        return stated_instant(text, self.zone, month_first=self.month_first)


def find_published(
    page: Page,
    tree: HtmlElement | None,
    region: Region | None,
    article: JsonObject,
    meta: head.Meta,
    *,
    embedded: JsonObject,
    zone: str,
    language: str,
) -> Published:
    """Return the published instant and the last change.

    JSON-LD, then meta, the page's embedded data, ``<time>``, the listing, visible text, "2 hours
    ago", the URL, and htmldate at last. A day gives way to an instant of the same day that a later
    place knows more finely. An item's list speaks first, since its body is no page. Nothing before
    1990 or more than a day after the fetch is believed; what is doubtful is said.
    """
    is_american = language == "en" and (zone.startswith("America/") or zone == "UTC")
    reader = _Reader(ZoneInfo(zone), is_american, page.fetched_at + MOST_AHEAD)
    keys = ("datePublished", "dateCreated")
    places: list[tuple[str, Iterable[str | Instant]]] = [
        ("json_ld", [first_string(article.get(key)) for key in keys]),
        ("meta", head.values(meta, head.PUBLISHED)),
        ("embedded", [first_string(embedded.get(key)) for key in keys]),
        ("time", _time_elements(tree, region)),
        ("list", _listed(page.listing.published_at)),
        ("text", _visible(tree, region)),
        ("relative", _relative(tree, region, page.fetched_at)),
        ("url", dates_in(page.url)),
    ]
    if page.kind == "item":
        places.sort(key=lambda place: place[0] != "list")
    if tree is not None:
        places.append(("htmldate", _guessed(tree, reader)))
    name, instant = _finest(places, reader)
    doubts = _doubts(name, instant, page.listing.published_at) | reader.doubts
    updated_at = _updated(page, article, meta, embedded, reader)
    place = "text" if name == "relative" else name
    return Published(instant, place, tuple(sorted(doubts)), updated_at)


def _doubts(name: str, instant: Instant | None, listed: datetime | None) -> set[str]:
    """Return what speaks against an instant that is believed."""
    found = {"relative"} if name == "relative" else set()
    if instant and listed:
        spare = _SAME if instant.precision == "day" else timedelta(0)
        if abs(instant.at - listed) > MOST_FROM_LIST + spare:
            found.add("contradicts_list")
    return found


def _finest(
    places: Iterable[tuple[str, Iterable[str | Instant]]], reader: _Reader
) -> tuple[str, Instant | None]:
    """Return the first instant, or a finer one of its day; later places are read only for that."""
    name, first = "", None
    for place, texts in places:
        if place == "htmldate" and first:
            break  # it gives days, and slowly
        instant = reader.read(texts, is_stated=place in _STATED)
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


def _updated(
    page: Page, article: JsonObject, meta: head.Meta, embedded: JsonObject, reader: _Reader
) -> datetime | None:
    said = [
        first_string(article.get("dateModified")),
        *head.values(meta, head.UPDATED),
        first_string(embedded.get("dateModified")),
    ]
    listed = list(_listed(page.listing.updated_at))
    places = [*listed, *said] if page.kind == "item" else [*said, *listed]
    instant = reader.read(places, is_stated=False)
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
        names = _names(node)
        is_change = _UPDATED.search(names) and not _FIRST.search(names)
        if is_change or says_updated(_label(node)):
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
    """Yield the short texts that may be the printed date, nearest to the headline first.

    At last the line that closes an agency's story, and the dateline that a story starts with.
    """
    if tree is None or region is None:
        return
    for text in chain(_near_title(tree), _dated(region.element), _dated(tree)):
        for part in re.split(r"\s[|•·]\s", text):
            if is_dateline(part):
                yield from published_parts(part)
    lines = lines_of(region.element)
    yield from (line for line in lines if len(line) <= _SHORT and _SIGN_OFF.match(line))
    yield from filter(None, map(leading_dateline, lines[:_FIRST_LINES]))


def _relative(
    tree: HtmlElement | None, region: Region | None, fetched_at: datetime
) -> Iterator[Instant]:
    """Yield what "2 hours ago" means, of what is neither a change nor a sentence."""
    if tree is None or region is None:
        return
    texts = chain(
        (clean_line(node.text_content()) for node in region.element.iter("time")),
        _near_title(tree),
        _dated(region.element),
        _dated(tree),
    )
    for text in texts:
        instant = None if says_updated(text) else relative_instant(text, fetched_at)
        if instant:
            yield instant


def _near_title(tree: HtmlElement) -> Iterator[str]:
    for node in near_headline(tree):
        text = _printed(node)
        if 0 < len(text) <= _SHORT and not stands_in_prose(node):
            yield text


def _printed(node: HtmlElement) -> str:
    """Return an element's text, with a bar where a break parts its lines."""
    if node.find(".//br") is None:
        return clean_line(node.text_content())
    return " | ".join(lines_of(node))


def _dated(root: HtmlElement) -> Iterator[str]:
    for node in root.iter("span", "div", "p", "small", "em", "td", "li", "font"):
        name = f"{node.get('class', '')} {node.get('id', '')}"
        if _DATED.search(name) and _is_own(node, root):
            text = clean_line(node.text_content())
            if 0 < len(text) <= _SHORT:
                yield text


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
