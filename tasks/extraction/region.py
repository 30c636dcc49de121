"""Finds the article's own region on a page, and the boxes in it that are about other things."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from tasks.articles.errors import SourceError

_SIDE_TAGS = frozenset({"aside", "nav", "footer", "form", "dialog"})
_MAIN_TAGS = frozenset({"html", "body", "main", "article"})
_SIDE_WORDS = re.compile(
    r"(?:^|[\s_-])(?:related|trending|sidebar|recirc\w*|popular|most[_-]?(?:read|popular|viewed)|"
    r"recommend\w*|outbrain|taboola|newsletter|subscri\w+|comments?|watchlist|ticker-?tape|"
    r"breadcrumbs?|shar(?:e|ing)|social|cookies?|promo\w*|also[_-]?read|read[_-]?(?:next|more|also)|"
    r"see-?also|more[_-](?:from|on|stories|news)|up-?next|next-?up|latest|advert\w*|sponsored|"
    r"correlati|correlate|relacionad[ao]s|leggi[_-]anche|piu-letti|paywall|signup|sign-up|"
    r"disclaimer|author-?bio|menu)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ENOUGH = 500  # characters of paragraphs that make an article
_MOST = 0.6  # of the page's paragraphs, in a part that is the article by its name alone
_LINKED_HEADING = ".//h2//a | .//h3//a | .//h4//a | .//a//h2 | .//a//h3 | .//a//h4"
_SEVERAL = 2  # a page links to more than one other story
_SOME = 0.3  # of them, in a part that the source declares


@dataclass(frozen=True, slots=True)
class Region:
    """The part of the page that is the article, and how we know."""

    element: HtmlElement
    how: Literal["declared", "guessed", "page"]


def find_region(tree: HtmlElement, selector: str) -> Region:
    """Return where the article is: the declared selector's match, a safe guess, or the page.

    A guess is safe when a single part, marked as the article, holds most paragraphs of the page.
    Raises SourceError for a selector that cannot be read.
    """
    if selector:
        declared = max(matches(selector, tree), key=_weight, default=None)
        if declared is not None and _is_the_article(declared, tree):
            return Region(declared, "declared")
    for path in (".//*[@itemprop='articleBody']", ".//article[not(ancestor::article)]"):
        marked = tree.xpath(path)
        best = max(marked, key=_paragraphs, default=None)
        if best is not None and _paragraphs(best) >= max(_ENOUGH, _MOST * _paragraphs(tree)):
            return Region(best, "guessed")
    return Region(tree, "page")


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


def is_side_box(element: HtmlElement) -> bool:
    """Tell a box that by its tag, class or id is about other articles, or about nothing."""
    if element.tag in _MAIN_TAGS or not isinstance(element.tag, str):
        return False
    if element.tag in _SIDE_TAGS:
        return True
    name = f"{element.get('class', '')} {element.get('id', '')}"
    return len(name) > 1 and _SIDE_WORDS.search(name) is not None


def side_boxes(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the outermost side boxes under ``root``, but none that holds the article itself."""
    half = len(root.text_content()) / 2
    leading_away = teasers(root)
    yield from leading_away
    found = set(leading_away)
    for element in root.iterdescendants():
        if element in found or element.getparent() in found:
            found.add(element)
        elif is_side_box(element) and not _holds_article(element, half):
            found.add(element)
            yield element


def teasers(root: HtmlElement) -> list[HtmlElement]:
    """Return the articles under ``root`` that only lead to others: several, short, and linked."""
    articles = [node for node in root.iter("article") if node is not root]
    linked = [node for node in articles if node.xpath(_LINKED_HEADING) and not node.xpath(".//h1")]
    if len(linked) < _SEVERAL:
        return []
    limit = _SOME * _paragraphs(root)
    short = [node for node in linked if _paragraphs(node) <= limit]
    return [node for node in short if not any(up in short for up in node.iterancestors("article"))]


def in_side_box(element: HtmlElement, root: HtmlElement) -> bool:
    """Tell whether the element, which is under ``root``, stands in a side box there."""
    half = len(root.text_content()) / 2
    for ancestor in element.iterancestors():
        if ancestor is root:
            return False
        if is_side_box(ancestor) and not _holds_article(ancestor, half):
            return True
    return False


def _holds_article(element: HtmlElement, half: float) -> bool:
    return element.find(".//h1") is not None or len(element.text_content()) > half


def _is_the_article(element: HtmlElement, tree: HtmlElement) -> bool:
    """Tell the article from a teaser of another one, which many pages mark up alike."""
    if element.find(".//h1") is not None:
        return True
    if in_side_box(element, tree):
        return False
    return _paragraphs(element) >= max(1, _SOME * _paragraphs(tree))


def _paragraphs(element: HtmlElement) -> int:
    return sum(len(paragraph.text_content().strip()) for paragraph in element.iter("p"))


def _weight(element: HtmlElement) -> tuple[bool, int]:
    return element.find(".//h1") is not None, len(element.text_content())
