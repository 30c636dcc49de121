"""Finds the headline as it is printed on the page."""

import re

from lxml.html import HtmlElement

from tasks.extraction.characters import clean_line, folded

_PRINTED = ("h2", "h3", "b", "strong", "font", "div", "span", "p", "td")
_PARTS = re.compile(r"\s+[|–—·•:»-]+\s+|:\s+|\s*\|\s*")
_AFTER = 40  # elements after the headline among which byline and date stand
_BEFORE = 6  # and before it
_PARAGRAPH = 200  # characters of a paragraph with which the story begins
_WORDS = 3  # a part of the document's title with fewer is the site's name


def headline(tree: HtmlElement) -> HtmlElement | None:
    """Return the first h1 with words, else the element that prints a part of the page's title."""
    for node in tree.iter("h1"):
        if clean_line(node.text_content()):
            return node
    document = clean_line(tree.findtext(".//title") or "")
    parts = {folded(part) for part in _PARTS.split(document) if len(part.split()) >= _WORDS}
    longest = max((len(part) for part in parts), default=0)
    if not parts:
        return None
    wanted = parts | {folded(document)}
    for node in tree.iter(*_PRINTED):
        if len(node) > 1 or node.getparent() is None:
            continue
        text = node.text_content()
        if (
            len(text) <= 2 * len(document)
            and folded(text) in wanted
            and len(folded(text)) >= longest
        ):
            return node
    return None


def near_headline(tree: HtmlElement) -> list[HtmlElement]:
    """Return the elements right after the headline, nearest first, then those right before it."""
    title = headline(tree)
    if title is None:
        return []
    after = title.xpath(f"following::*[position() <= {_AFTER}]")
    story = next((n for n, node in enumerate(after) if _begins_story(node)), len(after))
    return [*after[:story], *title.xpath(f"preceding::*[position() <= {_BEFORE}]")]


def _begins_story(node: HtmlElement) -> bool:
    return node.tag == "p" and len(clean_line(node.text_content())) > _PARAGRAPH
