"""Finds the visible bylines of a page: the lines that name who wrote the article."""

import re
from collections.abc import Callable

from lxml.etree import XPath
from lxml.html import HtmlElement

from tasks.extraction.blocks import lines_of
from tasks.extraction.boxes import in_side_box
from tasks.extraction.characters import clean_line
from tasks.extraction.headline import near_headline
from tasks.extraction.region import Region

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
_SIGNED = re.compile(
    r"^(?:[Bb]y|BY|[Ww]ritten by|[Dd]i|[Pp]or|[Pp]ar|[Vv]on|[Dd]e|[Aa] cura di|[Ss]critto da)[\s:]+"
    r"(?:[A-ZÀ-Þ][^\W\d_]*[.'’-]?[^\W\d_]*\s+){1,3}[A-ZÀ-Þ][^\W\d_]*(?:[.'’-][^\W\d_]+)?"
)
_LONGEST = 120  # characters; more is a biography
_MOST = 4  # names that one byline gives


def bylines(tree: HtmlElement, region: Region) -> list[str]:
    """Return the bylines of the first kind that the region has, else the page.

    Parts of one byline are kept apart by " | "; the date in it is left out. Where no mark-up
    tells, a line right below the headline that says "By" and a name is one.
    """
    roots = [region.element] if region.element is tree else [region.element, tree]
    for root in roots:
        found = _CANDIDATES(root)
        candidates = found if isinstance(found, list) else []  # a path finds elements
        for names_one, is_one in _KINDS:
            nodes = [node for node in candidates if is_one(node) and not in_side_box(node, root)]
            texts = [clean_line(_byline_text(node)) for node in nodes]
            texts = [text for text in texts if 0 < len(text) <= _LONGEST]
            if texts:
                return texts[:_MOST] if names_one else texts[:1]
    return _signed(tree)


def _classes(node: HtmlElement) -> str:
    return str(node.get("class", ""))


def _has(node: HtmlElement, *words: str) -> bool:
    return any(word in _classes(node) for word in words)


def _is_in_author(node: HtmlElement) -> bool:
    return any(up.get("itemprop") == "author" for up in node.iterancestors())


def _signed(tree: HtmlElement) -> list[str]:
    """Return the first line near the headline that is signed in words."""
    for node in near_headline(tree):
        for line in lines_of(node) if len(node.text_content()) <= _LONGEST else ():
            if match := _SIGNED.match(line):
                return [match.group()]
    return []


def _byline_text(node: HtmlElement) -> str:
    """Return a byline without the date that stands in it, its parts kept apart."""
    if node.get("content"):
        return str(node.get("content"))
    times = {text for time in node.iter("time") for text in time.itertext()}
    return " | ".join(
        text for part in node.itertext() if (text := part.strip(" \n\t|,·•")) and part not in times
    )
