"""Finds the article's own region on a page, and the boxes in it that are about other things."""

import re
from collections import Counter
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


def _named(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


# Boxes with these names are never the story, whatever they say.
_NEVER = _named(
    r"outbrain|taboola|newsletters?|nl|comments?|commenti|comentarios|cookies?|consent|breadcrumbs?|"
    r"author-?(?:bio|box|info|card)|about-?(?:the-?)?author|shar(?:ing|e-?(?:bar|box|"
    r"buttons?|links?|tools?|icons?|this|article))|share-?tools|sharedaddy|signup|sign-up|"
    r"ticker-?(?:tape|bar|strip)|market-?(?:strip|banner|bar|summary)|quote-?(?:strip|bar)|"
    r"post-?nav(?:igation)?|site-?(?:header|footer)"
)
# Boxes with these names are about other things, unless they tell a story in paragraphs.
_PERHAPS = _named(
    r"related|trending|sidebar|recirc\w*|popular|most[_-]?(?:read|popular|viewed)|recommend\w*|"
    r"subscri\w+|watchlist|social|share|promo\w*|also[_-]?read|read[_-]?(?:next|more|also)|see-?also|"
    r"more[_-](?:from|on|stories|news)|up-?next|next-?up|latest|advert\w*|sponsored|correlat[ie]|"
    r"relacionad[ao]s|leggi[_-]anche|piu-letti|paywall|disclaimer|menu|toc|bio"
)
_FURNITURE = ".//form | .//input | .//button | .//h2//a | .//h3//a | .//h4//a | .//a//h3 | .//a//h4"
_DATA_ROWS = ".//tr[count(td) > 1]"
_SENTENCE = 60  # characters of a paragraph that tells something
_TELLS = 100  # characters of such paragraphs in a box that is part of the story
_LINKED = 0.3  # of a story's text, at most
_LEADS_AWAY = 0.85  # of a box's text, where it is a list of links to other stories
_HEADLINE = 20  # characters of a link that is a headline
_TITLE = 80  # characters of the words above such a list
_STOPS = tuple('.!?”"»。')
_LIVE = re.compile(r"(?:^|[\s_-])live", re.IGNORECASE)
_TEASER = 300  # characters of a teaser's own words, at most
_ENOUGH = 500  # characters of paragraphs that make an article
_ENOUGH_SIGNS = 150  # of them in Chinese, Japanese or Korean
_LOOKED_AT = 200  # characters that tell the script
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
        best = max(marked, key=_paragraphs, default=None)
        if best is not None and _is_most(_paragraphs(best), best, tree):
            return Region(best, "guessed")
    posts = _posts(tree)
    return Region(tree, "page") if posts is None else Region(posts, "guessed")


def _posts(tree: HtmlElement) -> HtmlElement | None:
    """Return what holds the posts of a live blog: several articles, most of the page's text."""
    holders = Counter(part.getparent() for part in tree.iter("article"))
    holder, count = next(iter(holders.most_common(1)), (None, 0))
    if holder is None or count < _SEVERAL or len(teasers(holder)) >= _SEVERAL:
        return None
    told = sum(_paragraphs(part) for part in holder.iterchildren("article"))
    return holder if _is_most(told, holder, tree) else None


def _is_most(told: int, part: HtmlElement, tree: HtmlElement) -> bool:
    """Tell whether what a part tells is enough for an article, and most of what the page tells."""
    eastern = any(char >= "\u2e80" for char in part.text_content().strip()[:_LOOKED_AT])
    return told >= max(_ENOUGH_SIGNS if eastern else _ENOUGH, _MOST * _paragraphs(tree))


def _is_named_rightly(part: HtmlElement) -> bool:
    """Tell a part marked as an article from readers' comments that are marked as articles."""
    return _of_name(f"{part.get('class', '')} {part.get('id', '')}") != "never"


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
    """Tell a box that is about other articles, or about nothing: by its tag, name and content.

    A name alone decides only where it never means the story: a part called "related" or "paywall"
    that tells something in paragraphs of its own is the story's.
    """
    named = _named_as(element)
    return named == "never" or (named == "perhaps" and not _tells(element))


def _named_as(element: HtmlElement) -> Literal["never", "perhaps", ""]:
    """Say what an element's tag, class and id alone make of it."""
    if element.tag in _MAIN_TAGS or not isinstance(element.tag, str):
        return ""
    if element.tag in _SIDE_TAGS:
        return "" if _stands_first(element) else "never"
    return _of_name(f"{element.get('class', '')} {element.get('id', '')}")


@lru_cache(maxsize=20_000)
def _of_name(name: str) -> Literal["never", "perhaps", ""]:
    if len(name) <= 1:
        return ""
    if _NEVER.search(name):
        return "never"
    return "perhaps" if _PERHAPS.search(name) else ""


def _stands_first(element: HtmlElement) -> bool:
    """Tell a footer above the text, where some content systems print byline and date."""
    is_first = element.getprevious() is None and element.getnext() is not None
    return element.tag == "footer" and is_first


def _tells(element: HtmlElement) -> bool:
    """Tell a box with sentences or data, few of them links, without fields or headlines."""
    if element.xpath(_FURNITURE):
        return False
    told = [_own_text(part) for part in (element, *element.iter("p", "li", "blockquote"))]
    size = sum(len(text) for text in told if len(text) >= _SENTENCE and text.endswith(_STOPS))
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    has_data = size < _TELLS and len(element.xpath(_DATA_ROWS)) >= _SEVERAL
    return (size >= _TELLS or has_data) and linked <= _LINKED * len(element.text_content())


def _own_text(part: HtmlElement) -> str:
    """Return a paragraph's text; of a box only what stands in no block of it."""
    if part.tag in {"p", "li", "blockquote"}:
        return str(part.text_content()).strip()
    words = [part.text or "", *(child.tail or "" for child in part)]
    return " ".join(words).strip()


# lxml makes an object of every element that Python looks at: what cannot be a box is passed over.
_FRAME = ".//nav | .//aside | .//footer | .//form | .//dialog"
_NAMED_PARTS = f".//*[@class or @id] | {_FRAME}"


def side_boxes(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the outermost side boxes under ``root``, but none that holds the article itself."""
    half = len(root.text_content()) / 2
    leading_away = [*teasers(root), *link_lists(root)]
    found: set[HtmlElement] = set()
    for element in leading_away:
        is_in_one = any(ancestor in found for ancestor in element.iterancestors())
        if element not in found and not is_in_one:
            found.add(element)
            yield element
    for element in root.xpath(_NAMED_PARTS):
        named = _named_as(element)
        if not named or any(up in found for up in (element, *element.iterancestors())):
            continue
        if (named == "never" or not _tells(element)) and not _holds_article(element, half):
            found.add(element)
            yield element


def teasers(root: HtmlElement) -> list[HtmlElement]:
    """Return the articles under ``root`` that only lead to others: several, short, and linked.

    The posts of a live blog are none: they link to themselves, or tell their news in full.
    """
    articles = [node for node in root.iter("article") if node is not root]
    linked = [node for node in articles if _leads_away(node) and not node.xpath(".//h1")]
    if len(linked) < _SEVERAL:
        return []
    limit = min(_TEASER, _SOME * _paragraphs(root))
    short = [node for node in linked if _paragraphs(node) <= limit]
    return [node for node in short if not any(up in short for up in node.iterancestors("article"))]


def _leads_away(article: HtmlElement) -> bool:
    names = (
        f"{article.get('class', '')} {article.get('itemprop', '')} {article.get('itemtype', '')}"
    )
    if _LIVE.search(names) or "BlogPosting" in names:
        return False
    links = article.xpath(_LINKED_HEADING)
    return bool(links) and not any("#" in link.get("href", "") for link in links if link.tag == "a")


def link_lists(root: HtmlElement) -> list[HtmlElement]:
    """Return lists of several headlines that link to other pages, and the words above them.

    Which words stand above does not matter, so it works in every language.
    """
    lists = [box for box in root.iter("ul", "ol") if _is_link_list(box)]
    titles = [above for box in lists if (above := _title_above(box)) is not None]
    return [*lists, *titles]


def _is_link_list(box: HtmlElement) -> bool:
    links = [link for link in box.iter("a") if len(link.text_content().strip()) >= _HEADLINE]
    if len(links) < _SEVERAL:
        return False
    linked = sum(len(link.text_content().strip()) for link in links)
    return linked >= _LEADS_AWAY * len(" ".join(box.text_content().split()))


def _title_above(box: HtmlElement) -> HtmlElement | None:
    above = box.getprevious()
    if above is None or above.tag not in {"h2", "h3", "h4", "h5", "h6", "p", "strong", "b", "div"}:
        return None
    text = str(above.text_content()).strip()
    is_title = above.tag.startswith("h") or text.endswith((":", ":"))
    return above if is_title and len(text) <= _TITLE and not (above.tail or "").strip() else None


def drop_frame(root: HtmlElement) -> None:
    """Take menus, footers and forms out of a tree, but none that holds the article itself."""
    half = len(root.text_content()) / 2
    for element in root.xpath(_FRAME):
        is_frame = element.getparent() is not None and not _stands_first(element)
        if is_frame and not _holds_article(element, half):
            element.drop_tree()


def in_side_box(element: HtmlElement, root: HtmlElement) -> bool:
    """Tell whether the element, which is under ``root``, stands in a side box there."""
    for ancestor in element.iterancestors():
        if ancestor is root:
            return False
        if is_own_side_box(ancestor, root):
            return True
    return False


def is_own_side_box(element: HtmlElement, root: HtmlElement) -> bool:
    """Tell a side box under ``root`` that does not hold the article itself."""
    if not is_side_box(element):
        return False
    return not _holds_article(element, len(root.text_content()) / 2)


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
