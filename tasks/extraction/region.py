"""Finds the article's own region on a page."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from tasks.articles.errors import SourceError
from tasks.extraction.boxes import in_side_box, named, paragraphs, teasers
from tasks.extraction.characters import is_eastern

_ENOUGH = 500  # characters of paragraphs that make an article
_ENOUGH_SIGNS = 150  # of them in Chinese, Japanese or Korean
_LOOKED_AT = 200  # characters that tell the script
_MOST = 0.6  # of the page's paragraphs, in a part that is the article by its name alone
_SEVERAL = 2  # a page links to more than one other story
_SOME = 0.3  # of them, in a part that the source declares


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the page that is the article, and how we know."""

    element: HtmlElement
    how: Literal["declared", "guessed", "page"]


def find_region(tree: HtmlElement, selector: str) -> Region:
    """Return where the article is: the declared selector's match, a safe guess, or the page.

    A guess is safe when a single part, marked as the article, holds most paragraphs of the page, or
    the posts of a live blog do.
    Raises SourceError for a selector that cannot be read.
    """
    if selector:
        declared = max(matches(selector, tree), key=_weight, default=None)
        if declared is not None and _is_the_article(declared, tree):
            return Region(declared, "declared")
    for path in (".//*[@itemprop='articleBody']", ".//article[not(ancestor::article)]"):
        marked = [part for part in tree.xpath(path) if _is_named_rightly(part)]
        best = max(marked, key=paragraphs, default=None)
        if best is not None and _is_most(paragraphs(best), best, tree):
            return Region(best, "guessed")
    posts = _posts(tree)
    return Region(tree, "page") if posts is None else Region(posts, "guessed")


def _posts(tree: HtmlElement) -> HtmlElement | None:
    """Return what holds the posts of a live blog: several articles, most of the page's text."""
    holders = Counter(part.getparent() for part in tree.iter("article"))
    holder, count = next(iter(holders.most_common(1)), (None, 0))
    if holder is None or count < _SEVERAL or len(teasers(holder)) >= _SEVERAL:
        return None
    told = sum(paragraphs(part) for part in holder.iterchildren("article"))
    return holder if _is_most(told, holder, tree) else None


def _is_most(told: int, part: HtmlElement, tree: HtmlElement) -> bool:
    """Tell whether what a part tells is enough for an article, and most of what the page tells."""
    eastern = is_eastern(part.text_content().strip()[:_LOOKED_AT])
    return told >= max(_ENOUGH_SIGNS if eastern else _ENOUGH, _MOST * paragraphs(tree))


def _is_named_rightly(part: HtmlElement) -> bool:
    """Tell a part marked as an article from readers' comments that are marked as articles."""
    return named(f"{part.get('class', '')} {part.get('id', '')}") != "never"


def matches(selector: str, root: HtmlElement) -> list[HtmlElement]:
    """Return the elements under ``root`` that a CSS selector finds. Raises SourceError."""
    found = _compiled(selector)(root)
    return found if isinstance(found, list) else []  # CSS finds elements, always a list


@lru_cache(maxsize=256)
def _compiled(selector: str) -> CSSSelector:
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError as error:
        raise SourceError(
            f"The CSS selector {selector!r} under [article] cannot be read ({error}); "
            "write for example 'article' or 'div.story'."
        ) from error


def _is_the_article(element: HtmlElement, tree: HtmlElement) -> bool:
    """Tell the article from a teaser of another one, which many pages mark up alike."""
    if element.find(".//h1") is not None:
        return True
    if in_side_box(element, tree):
        return False
    return paragraphs(element) >= max(1, _SOME * paragraphs(tree))


def _weight(element: HtmlElement) -> tuple[bool, int]:
    return element.find(".//h1") is not None, len(element.text_content())
