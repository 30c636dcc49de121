"""Finds the headline as it is printed on the page."""

import re
from copy import deepcopy

from lxml.html import HtmlElement

from tasks.extraction.blocks import block_text
from tasks.extraction.characters import clean_line, folded, is_eastern

_PRINTED = ("h2", "h3", "b", "strong", "font", "div", "span", "p", "td")
_PARTS = re.compile(r"\s+[|–—·•:»-]+\s+|:\s+|\s*\|\s*")
# What stands in a headline's element and is none of it.
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|eyebrow|label|badge|category|section|flag|icon|visually-hidden|"
    r"sr-only|occhiello|antetitulo|antetítulo|volanta|chapeu|dachzeile|surtitre|suffix)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AFTER = 40  # elements after the headline among which byline and date stand
_BEFORE = 6  # and before it
_PARAGRAPH = 200  # characters of a paragraph with which the story begins
_SIGNS = 10  # of a headline in Chinese, Japanese or Korean
_WORDS = 3  # a part of the document's title with fewer is the site's name


def headline(tree: HtmlElement) -> HtmlElement | None:
    """Return the first h1 with words, else the element that prints the page's title or most of it.

    The title is the document's or the one for social networks, with a site's name at either end.
    """
    for node in tree.iter("h1"):
        if clean_line(node.text_content()):
            return node
    shared = (node.get("content", "") for node in tree.iter("meta") if _is_title(node))
    titles = [clean_line(text) for text in (tree.findtext(".//title") or "", *shared)]
    wanted = {run for title in titles for run in _runs(title)}
    longest = 2 * max(map(len, titles))
    printed = [
        node
        for node in (tree.iter(*_PRINTED) if wanted else ())
        if len(node) <= 1
        and node.getparent() is not None
        and len(text := node.text_content()) <= longest
        and folded(text) in wanted
    ]
    return max(printed, key=lambda node: len(folded(node.text_content())), default=None)


def headline_text(title: HtmlElement) -> str:
    """Return a headline's words, without the kicker or label that stands in its element."""
    bare = deepcopy(title)
    for label in [part for part in bare.iterdescendants() if _KICKER.search(part.get("class", ""))]:
        if label.getparent() is not None:
            label.drop_tree()
    return block_text(bare) or block_text(title)


def _is_title(node: HtmlElement) -> bool:
    return "og:title" in (node.get("property"), node.get("name"))


def _runs(title: str) -> set[str]:
    """Return the runs of a title's parts (folded) that are as long as the longest of them."""
    parts = _PARTS.split(title)
    whole = [part for part in parts if len(part.split()) >= _WORDS or _is_eastern(part)]
    least = max((len(folded(part)) for part in whole), default=0)
    runs = {
        folded("".join(parts[start:end]))
        for start in range(len(parts))
        for end in range(start + 1, len(parts) + 1)
    }
    return {run for run in runs if least and len(run) >= least}


def _is_eastern(part: str) -> bool:
    """Tell a part that is long enough for a headline in a script without blanks."""
    return len(part) >= _SIGNS and is_eastern(part)


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
