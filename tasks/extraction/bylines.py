"""Finds the visible bylines of a page: the lines that name who wrote the article."""

from lxml.html import HtmlElement

from tasks.extraction.characters import clean_line
from tasks.extraction.region import Region, in_side_box

_BYLINES = (
    ".//*[@itemprop='author']//*[@itemprop='name']",
    ".//*[@itemprop='author']",
    ".//a[@rel='author']",
    ".//*[contains(@class,'author-name') or contains(@class,'author__name')]",
    ".//*[contains(concat(' ',@class,' '),' author ') or contains(@class,'byline')]",
    ".//*[contains(@class,'autore') or contains(@class,'autor') or contains(@class,'firma')]",
)
_LONGEST = 120  # characters; more is a biography
_MOST = 4  # names that one byline gives


def bylines(tree: HtmlElement, region: Region) -> list[str]:
    """Return the bylines of the first kind that the region has, else the page.

    Parts of one byline are kept apart by " | "; the date in it is left out.
    """
    roots = [region.element] if region.element is tree else [region.element, tree]
    for root in roots:
        for path in _BYLINES:
            found = root.xpath(path)
            nodes = [node for node in found if not in_side_box(node, root)]
            texts = [clean_line(_byline_text(node)) for node in nodes]
            texts = [text for text in texts if 0 < len(text) <= _LONGEST]
            if texts:
                return texts[:_MOST] if "rel=" in path or "itemprop" in path else texts[:1]
    return []


def _byline_text(node: HtmlElement) -> str:
    """Return a byline without the date that stands in it, its parts kept apart."""
    if node.get("content"):
        return str(node.get("content"))
    times = {text for time in node.iter("time") for text in time.itertext()}
    return " | ".join(
        text for part in node.itertext() if (text := part.strip(" \n\t|,·•")) and part not in times
    )
