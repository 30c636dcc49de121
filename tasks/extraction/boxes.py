"""Tells the boxes on a page that are about other things: by tag, name and content.

What publishers call such boxes is in ``boxes.toml``.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lxml.html import HtmlElement

DATA_FILE = Path(__file__).parent / "boxes.toml"
Named = Literal["never", "perhaps", "offer", ""]

_SIDE_TAGS = frozenset(
    {"aside", "nav", "footer", "form", "dialog", "amp-ad", "amp-consent", "amp-embed", "amp-list"}
    | {"amp-sidebar", "amp-social-share", "amp-user-notification"}
)
_MAIN_TAGS = frozenset({"html", "body", "main", "article"})
_SHORT_WORD = 3  # letters; a scrambled name has such parts by chance
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FURNITURE = ".//form | .//input | .//button | .//h2//a | .//h3//a | .//h4//a | .//a//h3 | .//a//h4"
_DATA_ROWS = ".//tr[count(td) > 1]"
_NOT_OF_FACTS = ".//a | .//form | .//input | .//button | .//article"
_SENTENCE = 60  # characters of a paragraph that tells something
_TELLS = 100  # characters of such paragraphs in a box that is part of the story
_TELLS_MORE = 300  # of them in a box that is called an offer
_LINKED = 0.3  # of a story's text, at most
_LEADS_AWAY = 0.85  # of a box's text, where it is a list of links to other stories
_SOURCE = 40  # characters of the name of the site that a link leads to
_HEADLINE = 20  # characters of a link that is a headline
_TITLE = 80  # characters of the words above such a list
_STOPS = tuple('.!?”"»。')
_LIVE = re.compile(r"(?:^|[\s_-])live", re.IGNORECASE)
_TEASER = 300  # characters of a teaser's own words, at most
_LINKED_HEADING = ".//h2//a | .//h3//a | .//h4//a | .//a//h2 | .//a//h3 | .//a//h4"
_LINK_BOXES = frozenset({"div", "section", "td", "center", "font"})
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})  # their ids are what they are linked by
_TITLES = ("h2", "h3", "h4", "h5", "h6", "b", "strong", "span")
_SEVERAL = 2  # a page links to more than one other story
_SOME = 0.3  # of a page's paragraphs: teasers have less


def is_side_box(element: HtmlElement) -> bool:
    """Tell a box that is about other articles, or about nothing: by its tag, name and content.

    A name alone decides only where it never means the story: a part called "related" or "paywall"
    that tells something in paragraphs of its own is the story's.
    """
    return _is_box(element, _named_as(element))


def _is_box(element: HtmlElement, kind: Named) -> bool:
    if kind == "offer":
        return not _tells(element, _TELLS_MORE)
    return kind == "never" or (kind == "perhaps" and not _tells(element, _TELLS))


def _named_as(element: HtmlElement) -> Named:
    """Say what an element's tag, class and id alone make of it."""
    if element.tag in _MAIN_TAGS or not isinstance(element.tag, str):
        return ""
    if element.tag in _SIDE_TAGS:
        return "" if _stands_first(element) else "never"
    anchor = "" if element.tag in _HEADINGS else element.get("id", "")
    own = element.tag if "-" in element.tag else ""  # <x-related> says by its tag what it is
    return named(f"{own} {element.get('class', '')} {anchor}".lstrip())


@lru_cache(maxsize=20_000)
def named(name: str) -> Named:
    """Say what a class and id, parted by a blank, make of their element."""
    if len(name) <= 1:
        return ""
    small, parted = name.lower(), _CAMEL.sub("-", name).lower()
    for kind, (short, long) in _words().items():
        if short.search(small) or long.search(parted):
            return "" if kind == "story" else kind
    return ""


@lru_cache(maxsize=1)
def _words() -> dict[Named | Literal["story"], tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return for each kind of box what its short and its long words match."""
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    kinds: tuple[Named | Literal["story"], ...] = ("story", "never", "perhaps", "offer")
    return {
        kind: (
            _any_of(word for word in data[kind]["words"] if len(word) <= _SHORT_WORD),
            _any_of(word for word in data[kind]["words"] if len(word) > _SHORT_WORD),
        )
        for kind in kinds
    }


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    whole: list[str] = []
    parts: list[str] = []
    for word in words:
        bare = word.removeprefix("=").replace("-", "[_-]{0,2}").replace("*", r"[^\W_]*")
        (whole if word.startswith("=") else parts).append(bare)
    either = [rf"(?<![^\s_-])(?:{'|'.join(parts)})(?![^\s_-])"] if parts else []
    either += [rf"(?<!\S)(?:{'|'.join(whole)})(?!\S)"] if whole else []
    return re.compile("|".join(either) or r"(?!)")


def _stands_first(element: HtmlElement) -> bool:
    """Tell a footer above the text, where some content systems print byline and date."""
    is_first = element.getprevious() is None and element.getnext() is not None
    return element.tag == "footer" and is_first


def keep_facts(root: HtmlElement) -> None:
    """Make plain parts of the asides that tell facts, lest they be taken for side boxes."""
    for aside in [part for part in root.iter("aside") if _is_of_facts(part)]:
        aside.tag = "div"


def _is_of_facts(element: HtmlElement) -> bool:
    """Tell a box with figures in a list or table and no link: "The company in numbers"."""
    if element.xpath(_NOT_OF_FACTS):
        return False
    facts = [str(part.text_content()) for part in element.iter("li", "tr")]
    told = sum(any(map(str.isdigit, fact)) for fact in facts)
    return told >= _SEVERAL and told > len(facts) / 2


def _tells(element: HtmlElement, enough: int) -> bool:
    """Tell a box with sentences or data, few of them links, without fields or headlines."""
    if element.xpath(_FURNITURE):
        return False
    told = [_own_text(part) for part in (element, *element.iter("p", "li", "blockquote"))]
    size = sum(len(text) for text in told if len(text) >= _SENTENCE and text.endswith(_STOPS))
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    has_data = size < enough and len(element.xpath(_DATA_ROWS)) >= _SEVERAL
    return (size >= enough or has_data) and linked <= _LINKED * len(element.text_content())


def _own_text(part: HtmlElement) -> str:
    """Return a paragraph's text; of a box only what stands in no block of it."""
    if part.tag in {"p", "li", "blockquote"}:
        return str(part.text_content()).strip()
    words = [part.text or "", *(child.tail or "" for child in part)]
    return " ".join(words).strip()


# lxml makes an object of every element that Python looks at: what cannot be a box is passed over.
_FRAME = ".//nav | .//aside | .//footer | .//form | .//dialog"
_NAMED_PARTS = f".//*[@class or @id] | {_FRAME} | .//*[contains(name(), '-')]"


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
        kind = _named_as(element)
        if not kind or any(up in found for up in (element, *element.iterancestors())):
            continue
        if _is_box(element, kind) and not _holds_article(element, half):
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
    limit = min(_TEASER, _SOME * paragraphs(root))
    short = [node for node in linked if paragraphs(node) <= limit]
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
    """Return boxes of several headlines that link to other pages, and the words above them.

    Which words stand above does not matter, so it works in every language.
    """
    lists = [box for box in root.iter("ul", "ol") if _is_link_list(box, 0)]
    boxes = Counter(_holder(link) for link in root.iter("a") if _is_headline(link))
    lists += [
        box
        for box, count in boxes.items()
        if box is not None and count >= _SEVERAL and _is_link_list(box, _TITLE)
    ]
    titles = [above for box in lists if (above := _title_above(box)) is not None]
    return [*lists, *titles]


def _holder(link: HtmlElement) -> HtmlElement | None:
    """Return the box that a link stands in, with nothing between but its own line."""
    up = link.getparent()
    if up is not None and up.tag in {"p", "div"} and len(up) == 1 and not (up.text or "").strip():
        up = up.getparent()
    return up if up is not None and up.tag in _LINK_BOXES else None


def _is_headline(link: HtmlElement) -> bool:
    return len(link.text_content().strip()) >= _HEADLINE


def _is_link_list(box: HtmlElement, spare: int) -> bool:
    """Tell a box with nothing but headlines; ``spare`` characters may be a title of their own."""
    links = [link for link in box.iter("a") if _is_headline(link)]
    if len(links) < _SEVERAL:
        return False
    linked = sum(len(f"{link.text_content().strip()}{_source(link)}") for link in links)
    size = len(" ".join(box.text_content().split()))
    title = next((len(head.text_content()) for head in box.iter(*_TITLES)), 0)
    return linked >= _LEADS_AWAY * (size - min(title, spare))


def _source(link: HtmlElement) -> str:
    """Return the name of the site in brackets behind a link to it: "(Daily Fathom)"."""
    tail = (link.tail or "").strip()
    return tail if len(tail) <= _SOURCE and tail[:1] == "(" and tail[-1:] == ")" else ""


def _title_above(box: HtmlElement) -> HtmlElement | None:
    above = box.getprevious()
    if above is None or above.tag not in {"h2", "h3", "h4", "h5", "h6", "p", "strong", "b", "div"}:
        return None
    text = str(above.text_content()).strip()
    is_bold = len(above) == 1 and above[0].tag in {"b", "strong"}
    is_title = above.tag.startswith("h") or is_bold or text.endswith((":", "\uff1a"))
    return above if is_title and len(text) <= _TITLE and not (above.tail or "").strip() else None


def drop_frame(root: HtmlElement) -> None:
    """Take menus, footers and forms out of a tree, but none that holds the article itself."""
    half = len(root.text_content()) / 2
    for element in root.xpath(_FRAME):
        is_frame = element.getparent() is not None and not _stands_first(element)
        if is_frame and not _holds_article(element, half):
            element.drop_tree()


def in_side_box(element: HtmlElement, root: HtmlElement) -> bool:
    """Tell whether the element, which is under ``root``, stands in a side box there.

    Of boxes that are called offers none counts: "Follow" stands beside the author's name.
    """
    for ancestor in element.iterancestors():
        if ancestor is root:
            return False
        kind = _named_as(ancestor)
        if kind and kind != "offer" and is_own_side_box(ancestor, root):
            return True
    return False


def is_own_side_box(element: HtmlElement, root: HtmlElement) -> bool:
    """Tell a side box under ``root`` that does not hold the article itself."""
    if not is_side_box(element):
        return False
    return not _holds_article(element, len(root.text_content()) / 2)


def _holds_article(element: HtmlElement, half: float) -> bool:
    return element.find(".//h1") is not None or len(element.text_content()) > half


def paragraphs(element: HtmlElement) -> int:
    """Return how many characters stand in an element's paragraphs."""
    return sum(len(paragraph.text_content().strip()) for paragraph in element.iter("p"))
