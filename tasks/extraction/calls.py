"""Finds the calls to readers in a story by how they are set: a button, or bold words and a link.

"Want to know more? [Get the guide]" is set off as no sentence is, in any language: a paragraph that
is bold or slanted as a whole and ends with a link of a few words, or the one above a button.
"""

import re
from collections import Counter

from lxml.html import HtmlElement

from tasks.extraction.characters import folded
from tasks.extraction.markup import is_ticker_link
from tasks.extraction.telling import tells

_MARKED = frozenset({"a", "b", "strong", "em", "i", "u", "mark", "big"})
_CALL = 40  # characters of a link that calls; so in the path below
_PITCH = 320  # characters of a paragraph that pitches, at most
_LEAST = 4  # words of a sentence that may be glued to the next
_BUTTONS = (
    ".//button | .//a[@role='button' or contains(@class, 'btn') or contains(@class, 'button')"
    " or contains(@class, 'Button') or contains(@class, 'cta')]"
)
_AT_THE_END = ".//p//a[string-length(normalize-space()) < 41]"
_BLOCKS = ("p", "div", "center", "figure")
_LINES = frozenset({"p", "div", "font", "span", "center", "small"})
_SEVERAL = 2
_INLINE = ("span", "b", "strong", "em", "i", "small", "font")
_CLOSED = re.compile(r"[.!?…][”»\"')*]*\s*$")
_ASKS = re.compile(r"[!?:…][”»\"')*]*$")
_ARROW = re.compile(r"[\s»›>→▶►]+$")


def drop_calls(root: HtmlElement) -> None:
    """Take calls out of a story: pitches with a link or button, and links that end a paragraph.

    So go rows of links and nothing else: "Print", "Send to a friend".
    """
    for row in _rows(root):
        row.drop_tree()
    for button in root.xpath(_BUTTONS):
        _drop_with_pitch(button)
    for link in root.xpath(_AT_THE_END):
        block = next(link.iterancestors("p"), None)
        if block is None or block.getparent() is None or not _closes(link, block):
            continue
        if _is_marked(block) and not tells(_words_above(link, block)):
            block.drop_tree()
        else:
            link.drop_tree()


def _rows(root: HtmlElement) -> list[HtmlElement]:
    """Return the lines of several short links with no word between them."""
    holders = Counter(link.getparent() for link in root.iter("a"))
    return [
        holder
        for holder, count in holders.items()
        if count >= _SEVERAL and holder is not root and holder.tag in _LINES and _is_row(holder)
    ]


def _is_row(holder: HtmlElement) -> bool:
    links = list(holder.iter("a"))
    if any(is_ticker_link(link) or len(link.text_content()) > _CALL for link in links):
        return False
    return folded(holder.text_content()) == "".join(folded(link.text_content()) for link in links)


def part_glued(root: HtmlElement) -> None:
    """Set words apart that a style shows as a line of its own; a call with a link goes.

    "Join our channel" in a ``span`` stands right before "Shares rose", without a blank.
    """
    for part in list(root.iter(*_INLINE)):
        tail, before, parent = part.tail or "", part.getprevious(), part.getparent()
        if not tail[:1].isupper() or parent is None or parent.tag in {"p", *_INLINE}:
            continue
        above = (parent.text if before is None else before.tail) or ""
        starts = not above.strip() and (before is None or before.tag in {"br", "div", "p"})
        text = part.text_content()
        if not starts or len(text.split()) < _LEAST or not text[-1:].isalpha():
            continue
        if part.find(".//a") is None:
            part.tag = "div"
        else:
            part.drop_tree()


def _drop_with_pitch(button: HtmlElement) -> None:
    """Take a button that has a block of its own out, with the words right above that lead to it."""
    block = next(button.iterancestors(*_BLOCKS), None)
    words = folded(button.text_content())
    if block is None or not words or folded(block.text_content()) != words:
        return
    above = block.getprevious()
    if above is not None and above.tag == "p" and not (above.tail or "").strip():
        text = above.text_content().strip()
        if 0 < len(text) <= _PITCH and (_is_marked(above) and _ASKS.search(text)):
            above.drop_tree()
    if block.getparent() is not None and len(words) <= _CALL:
        block.drop_tree()


def _closes(link: HtmlElement, block: HtmlElement) -> bool:
    """Tell a link of few words that stands after a paragraph's last sentence and ends with none."""
    called = " ".join(link.text_content().split())
    if not 0 < len(called) <= _CALL or len(called.split()) < _SEVERAL or is_ticker_link(link):
        return False
    text = " ".join(block.text_content().split())
    if not text.endswith(called) or _CLOSED.search(_ARROW.sub("", called)):
        return False
    return _CLOSED.search(text.removesuffix(called)) is not None


def _words_above(link: HtmlElement, block: HtmlElement) -> str:
    """Return a paragraph's words without the link that ends it."""
    called = " ".join(link.text_content().split())
    return " ".join(block.text_content().split()).removesuffix(called).rstrip()


def _is_marked(block: HtmlElement) -> bool:
    """Tell a short paragraph all of whose words are bold, slanted or linked."""
    if len(block.text_content()) > _PITCH or not len(block):
        return False
    own = [block.text or "", *(child.tail or "" for child in block)]
    if any(any(map(str.isalnum, text)) for text in own):
        return False
    return any(child.tag in _MARKED - {"a"} for child in block) and all(
        child.tag in {*_MARKED, "br"} for child in block
    )
