"""Turns a tree into lines: a paragraph, a subhead, a list item or a table row each.

Reads both HTML and the simplified elements that trafilatura gives back.
"""

import re
from collections.abc import Iterator

from lxml.etree import _Element

from tasks.extraction.characters import clean_line

_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl"}
    | {"dt", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr"}
    | {"html", "item", "li", "list", "main", "ol", "p", "pre", "quote", "section", "summary", "ul"}
)
_ITEMS = frozenset({"item", "li", "dd"})
_LISTS = frozenset({"list", "ul", "ol", "dl"})
_BREAKS = frozenset({"br", "lb"})
_ROWS = frozenset({"row", "tr"})
_CELLS = frozenset({"cell", "td", "th"})
_SKIPPED = frozenset(
    {"aside", "audio", "button", "canvas", "figcaption", "figure", "footer", "form", "graphic"}
    | {"iframe", "nav", "noscript", "object", "script", "select", "style", "svg", "template"}
    | {"textarea", "title", "video"}
)
_UNFINISHED = re.compile(r"[\w,–-]$")
_GOES_ON = re.compile(r"^[a-zà-öø-ÿ]")
_WRAPPED = 40  # characters of a line that was wrapped by hand; shorter ones are addresses
_LONG_CELL = 300  # characters of a cell above which the table only lays out the page


class _Writer:
    """Collects text until a block ends, then keeps it as one clean line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.items = 0  # list items we are in: their paragraphs stay on one line
        self._parts: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)

    def end_block(self) -> None:
        if self.items:
            self._parts.append(" ")
        else:
            self.end_line()

    def end_line(self) -> None:
        if not self._parts:
            return
        text = "".join(self._parts)
        self._parts.clear()
        if not text or text.isspace():
            return
        pieces = [clean_line(piece) for piece in text.split("\x1e")]
        self.lines.extend(_joined(piece for piece in pieces if piece))


def _joined(pieces: Iterator[str]) -> list[str]:
    """Put back together what a break cut in mid-sentence: old pages wrap by hand."""
    lines: list[str] = []
    for piece in pieces:
        if (
            lines
            and len(lines[-1]) >= _WRAPPED
            and _UNFINISHED.search(lines[-1])
            and _GOES_ON.match(piece)
        ):
            lines[-1] = f"{lines[-1]} {piece}"
        else:
            lines.append(piece)
    return lines


def lines_of(root: _Element) -> list[str]:
    """Return the lines of everything under ``root``, in the order in which they are read."""
    writer = _Writer()
    _walk(root, writer)
    writer.end_line()
    return writer.lines


def block_text(element: _Element) -> str:
    """Return all text of one element on one line, blocks and breaks parted by a space."""
    return " ".join(lines_of(element))


def _walk(element: _Element, writer: _Writer) -> None:
    tag = element.tag
    if not isinstance(tag, str) or (tag in _SKIPPED and not _is_wrapper(element)):
        return
    if tag in _BREAKS:
        writer.add(" " if writer.items else "\x1e")
    elif tag == "table" and not is_layout(element):
        writer.end_line()
        writer.lines.extend(_rows(element))
    elif tag in _ITEMS:
        _walk_item(element, writer)
    else:
        _walk_children(element, writer, is_block=tag in _BLOCKS or tag in _CELLS or tag in _ROWS)


def _is_wrapper(element: _Element) -> bool:
    """Tell a figure around a table, as WordPress sets them, and ASP.NET's form around a page."""
    inner = {"figure": ".//table", "form": ".//h1"}.get(str(element.tag))
    return inner is not None and element.find(inner) is not None


def _walk_children(element: _Element, writer: _Writer, *, is_block: bool) -> None:
    # A list inside an item starts lines of its own.
    end = writer.end_line if element.tag in _LISTS else writer.end_block
    if is_block:
        end()
    keeps_breaks = element.tag == "pre"
    writer.add(
        element.text.replace("\n", "\x1e") if keeps_breaks and element.text else element.text
    )
    for child in element:
        _walk(child, writer)
        writer.add(child.tail)
    if is_block:
        end()


def _walk_item(element: _Element, writer: _Writer) -> None:
    writer.end_line()
    writer.items += 1
    _walk_children(element, writer, is_block=False)
    writer.end_line()
    writer.items -= 1


def is_layout(table: _Element) -> bool:
    """Tell a table that only lays out the page from one that holds data."""
    if any(inner is not table for inner in table.iter("table")):
        return True
    return any(
        len("".join(map(str, cell.itertext()))) > _LONG_CELL for cell in table.iter(*sorted(_CELLS))
    )


def _rows(table: _Element) -> Iterator[str]:
    for caption in table.iter("caption"):
        if text := clean_line("".join(map(str, caption.itertext()))):
            yield text
    for row in table.iter(*sorted(_ROWS)):
        cells = [block_text(cell) for cell in row if cell.tag in _CELLS]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            yield clean_line(" | ".join(cells))
