"""Finds the paragraphs in a story that only point to another page: a label and a link at most."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from tasks.extraction.characters import folded, is_eastern
from tasks.extraction.markup import is_ticker_link

_BLOCKS = (
    "p",
    "div",
    "section",
    "li",
    "td",
    "th",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "figure",
)
_POINT = frozenset({"p", "div", "section", "figure"})  # others are lists, data, quotes and subheads
_INLINE = frozenset({"a", "b", "strong", "em", "i", "span", "u", "font", "small", "mark"})
_HEADLINE = 20  # letters of a link that is a headline
_SIGNS = 8  # of one in Chinese, Japanese or Korean
_IN_A_CARD = ".//div | .//p | .//h2 | .//h3 | .//h4 | .//h5 | .//section | .//ul"
_CARD = 400  # characters of a link that is a card: a headline, a picture, a line about it
_LABEL = 40  # characters of the words before it: "You may also like:"
_STOPS = tuple(".。")  # how a sentence ends, and a headline does not
_ENDS_LABEL = (":", "\uff1a", "|", ">", "»", "→", "▶", "►", "-", "–", "…", "...")
_ELSEWHERE = ("#", "mailto:", "tel:", "javascript:")
_MOST = 0.34  # of a story's paragraphs: with more, the links are what it tells


def drop_pointers(root: HtmlElement) -> None:
    """Take out the blocks under ``root``, and the lines between breaks, that only lead elsewhere.

    That is a headline's link, with a label before it at most. None goes where they are so many
    that the story is a round-up of links.
    """
    found = dict.fromkeys(_each(root))
    if len(found) > _MOST * sum(1 for _ in root.iter("p", "div", "br")):
        return
    for part in found:
        if part.tag == "a" and not _is_card(part):
            _drop_line(part)
        elif part.getparent() is not None:
            part.drop_tree()


def _each(root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the blocks that only lead elsewhere, and the links that do so on their own line."""
    seen: set[HtmlElement] = set()
    for link in root.iter("a"):
        if _is_card(link):
            yield link
            continue
        block = next(link.iterancestors(_BLOCKS), None)
        if block is None or block is root or block.tag not in _POINT or not _leads_away(link):
            continue
        if block not in seen and _only_points(block, link):
            yield block
        elif link.getparent() is block and _is_line(link):
            yield link
        seen.add(block)


def _leads_away(link: HtmlElement) -> bool:
    href = link.get("href", "")
    return _is_headline(link) and not href.startswith(_ELSEWHERE) and not is_ticker_link(link)


def _is_card(link: HtmlElement) -> bool:
    """Tell a link around blocks: the card of another story, whatever its label says."""
    if len(link) == 0 or link.get("href", "#").startswith(_ELSEWHERE) or not link.xpath(_IN_A_CARD):
        return False
    return len(link.text_content()) <= _CARD and not is_ticker_link(link)


def _is_line(link: HtmlElement) -> bool:
    """Tell a link that stands alone between two breaks, as old pages and blogs set them."""
    before, after = link.getprevious(), link.getnext()
    if before is None or before.tag != "br" or (after is not None and after.tag != "br"):
        return False
    return not any(char.isalnum() for char in f"{before.tail or ''}{link.tail or ''}")


def _drop_line(link: HtmlElement) -> None:
    """Take out a link and the signs around it: ">>> ... <<<"."""
    before = link.getprevious()
    if before is not None:
        before.tail = None
    link.tail = None
    link.drop_tree()


def _is_headline(link: HtmlElement) -> bool:
    text = link.text_content().strip()
    enough = _SIGNS if is_eastern(text) else _HEADLINE
    return len(folded(text)) >= enough and not text.endswith(_STOPS)


def _only_points(block: HtmlElement, link: HtmlElement) -> bool:
    """Tell a block that ends with its link, with nothing but a label before it."""
    text = " ".join(block.text_content().split())
    label, found, after = text.partition(" ".join(link.text_content().split()))
    if not found or any(char.isalnum() for char in after) or len(label) > _LABEL:
        return False
    label = label.strip()
    if not any(char.isalnum() for char in label) or label.endswith(_ENDS_LABEL):
        return True
    return not _words_before(
        link
    ).strip()  # the label stands in an element, or on a line, of its own


def _words_before(link: HtmlElement) -> str:
    """Return the words that run into a link on its own line, outside of bold or marked ones."""
    before = link.getprevious()
    if before is not None:
        return before.tail or ""
    parent = link.getparent()
    return (parent.text or "") if parent is not None else ""
