"""Finds the visible bylines of a page: the lines that name who wrote the article."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extraction.blocks import lines_of
from tasks.extraction.boxes import in_side_box
from tasks.extraction.byline_words import any_of
from tasks.extraction.characters import clean_line
from tasks.extraction.headline import near_headline
from tasks.extraction.phrases import plain
from tasks.extraction.region import Region
from tasks.extraction.times import without_dates

_NAME = r"(?:[A-ZÀ-Þ][^\W\d_]*[.'’-]?[^\W\d_]*\s+){1,3}[A-ZÀ-Þ][^\W\d_]*(?:[.'’-][^\W\d_]+)?"
_KOREAN = r"[가-힣]{2,4}\s?(?:선임|수석|전문|인턴)?\s?(?:기자|특파원|논설위원|연구원)"
_PEOPLE = rf"{_NAME}(?:(?:,|\s*&|\s+(?:and|e|y|et|und))\s+{_NAME})*"
_LAST_NAME = re.compile(rf"{_NAME}$")
_PERSON = re.compile(rf"^(?:{_PEOPLE}|{_KOREAN})(?:\s+\S+@\S+)?$")
_REPORTER = re.compile(rf"^[/|=\[(]?\s?{_KOREAN}[\])]?(?:\s*[(=|]?\s?\S+@\S+)?$")
_NAMING = XPath(
    ".//*[@class and (self::span or self::div or self::p or self::a or self::em or self::strong or"
    " self::b or self::li or self::cite or self::address)]"
)
_ABOUT = XPath(
    ".//*[contains(@class, 'author') or contains(@class, 'autor') or contains(@class, 'auteur')]"
)
_CARD = XPath(".//*[contains(@class, 'vcard') and contains(@class, 'author')]//*[@class='fn']")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 120  # characters; more is a biography
_MOST = 4  # names that one byline gives


def _classes(node: HtmlElement) -> str:
    return str(node.get("class", ""))


@lru_cache(maxsize=1)
def _writers() -> re.Pattern[str]:
    """Parts of class names that a name in them makes a byline; alone they say too little."""
    return re.compile(rf"(?:^|[\s_-]){any_of('page', 'classes')}(?:$|[\s_-])")


@lru_cache(maxsize=20_000)
def _names_writer(classes: str) -> bool:
    """Tell a class that is called after a writer, in whatever spelling."""
    return _writers().search(_CAMEL.sub("-", classes).lower()) is not None


@lru_cache(maxsize=1)
def _signed_line() -> re.Pattern[str]:
    return re.compile(rf"^(?i:{any_of('line', 'signed')})[\s:]+{_PEOPLE}|^{_KOREAN}(?=$|\s)")


@lru_cache(maxsize=1)
def _signed_later() -> re.Pattern[str]:
    after = r"(?=$|\s+on\s|\s*[|,·•–-])"
    return re.compile(rf"\b{any_of('line', 'signed_later')} (?P<name>{_NAME}){after}")


@lru_cache(maxsize=1)
def _label() -> re.Pattern[str]:
    return re.compile(rf"^{any_of('line', 'labels')}:?$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _of_author() -> re.Pattern[str]:
    """Return what addresses have under which sites list what one author wrote."""
    return re.compile(rf"/{any_of('page', 'folders')}/", re.IGNORECASE)


def _is_writer(node: HtmlElement) -> bool:
    """Tell an element that is called after a writer, and names one."""
    if not _names_writer(_classes(node)):
        return False
    text = clean_line(node.text_content())
    return _PERSON.match(text) is not None or _signed_line().match(plain(text)) is not None


# Where bylines stand, the surest first: whether it names one author an element, and its mark-up.
_KINDS: tuple[tuple[bool, Callable[[HtmlElement], bool]], ...] = (
    (True, lambda node: node.get("itemprop") == "name" and _is_in_author(node)),
    (True, lambda node: node.get("itemprop") == "author"),
    (True, lambda node: node.get("rel") == "author"),
    (False, lambda node: _has(node, "author-name", "author__name")),
    (False, lambda node: "author" in _classes(node).split() or _has(node, "byline")),
    (False, lambda node: _has(node, "autor", "auteur", "firma")),
    (False, lambda node: _has(node, "submitted", "written-by")),
    (False, lambda node: "by" in _classes(node).split()),
)
# Wider than the kinds, since each part takes long: "by" is in "byline" and "written-by".
_CANDIDATES = XPath(
    ".//*[@class][contains(@class, 'aut') or contains(@class, 'by') or contains(@class, 'firma')"
    " or contains(@class, 'submitted')] | .//*[@itemprop='name' or @itemprop='author']"
    " | .//*[@rel='author']"
)


def bylines(tree: HtmlElement, region: Region) -> list[str]:
    """Return the bylines of the first kind that the region has, else the page.

    Parts of one byline are kept apart by " | "; the date in it is left out. Where no mark-up
    tells, a line right below the headline that says "By" and a name is one.
    """
    roots = [region.element] if region.element is tree else [region.element, tree]
    for root in roots:
        candidates = _elements(_CANDIDATES, root)
        for names_one, is_one in _KINDS:
            nodes = [node for node in candidates if is_one(node) and not in_side_box(node, root)]
            texts = [clean_line(_byline_text(node)) for node in nodes]
            texts = [text for text in texts if 0 < len(text) <= _LONGEST]
            if texts:
                return texts[:_MOST] if names_one else texts[:1]
    return _signed(tree) or _linked(tree) or _named(tree) or _signed_below(region)


def later_bylines(tree: HtmlElement) -> list[str]:
    """Return the byline of a page whose mark-up names nobody, or only a biography.

    A line or a name below the headline that the page's box about its author says again, or the
    signature that WordPress prints below a story.
    """
    boxes = " ".join(clean_line(box.text_content()) for box in _elements(_ABOUT, tree))
    if not boxes:
        return []
    lines = [*_signed(tree), *(clean_line(node.text or "") for node in near_headline(tree))]
    said = ((line, _LAST_NAME.search(line)) for line in lines if len(line) <= _LONGEST)
    again = (line for line, name in said if name and name[0] in boxes)
    return list(islice(again, 1)) or _signature(tree)


def _signature(tree: HtmlElement) -> list[str]:
    names = {clean_line(node.text_content()) for node in _elements(_CARD, tree)} - {""}
    return list(names) if len(names) == 1 else []


def _elements(path: XPath, root: HtmlElement) -> list[HtmlElement]:
    found = path(root)
    return found if isinstance(found, list) else []  # such a path finds elements


def _has(node: HtmlElement, *words: str) -> bool:
    return any(word in _classes(node) for word in words)


def _is_in_author(node: HtmlElement) -> bool:
    return any(up.get("itemprop") == "author" for up in node.iterancestors())


def _signed(tree: HtmlElement) -> list[str]:
    """Return the first line near the headline that is signed in words.

    The words and the name may be in two elements, or stand behind a date.
    """
    is_labelled = False
    for node in near_headline(tree):
        for line in lines_of(node) if len(node.text_content()) <= _LONGEST else ():
            if match := _signed_line().match(plain(line)):
                return [line[: match.end()]]
            if is_labelled and _PERSON.match(line):
                return [line]
            if (match := _signed_later().search(plain(line))) and without_dates(line) != line:
                return [line[slice(*match.span("name"))]]
            is_labelled = _label().match(plain(line)) is not None
    return []


def _linked(tree: HtmlElement) -> list[str]:
    """Return the names near the headline that link to a page of their own: "/author/jane-doe"."""
    links = [node for node in near_headline(tree) if node.tag == "a"]
    names = [
        clean_line(link.text_content())
        for link in links
        if _of_author().search(link.get("href", ""))
        and _PERSON.match(clean_line(link.text_content()))
    ]
    return names[:_MOST]


def _named(tree: HtmlElement) -> list[str]:
    """Return the first text in an element that is called after a writer and names one."""
    nodes = (node for node in _elements(_NAMING, tree) if _is_writer(node))
    own = (node for node in nodes if not in_side_box(node, tree))
    return [clean_line(node.text_content()) for node in islice(own, 1)]


def _signed_below(region: Region) -> list[str]:
    """Return the lines of a Korean story that are a reporter's name and address, and no more."""
    leaves = (node for node in region.element.iter("p", "div", "span", "em", "li") if not len(node))
    texts = (clean_line(node.text or "") for node in leaves)
    found = [text for text in texts if len(text) <= _LONGEST and _REPORTER.match(text)]
    return found[:1]


def _byline_text(node: HtmlElement) -> str:
    """Return a byline without the date that stands in it, its parts kept apart."""
    if node.get("content"):
        return str(node.get("content"))
    times = {text for time in node.iter("time") for text in time.itertext()}
    return " | ".join(
        text for part in node.itertext() if (text := part.strip(" \n\t|,·•")) and part not in times
    )
