"""Puts back what trafilatura left out in the middle of a story: subheads, short and linked lines.

It judges each block by itself and so loses a subhead after a link, the paragraphs of languages
that write without blanks, and the points in brief above the story. What stands between lines that
it kept, in the same part of the page, and reads like a line of the story, is the story's.
"""

from collections.abc import Iterable
from itertools import pairwise

from lxml.html import HtmlElement

from tasks.extraction.blocks import block_text, lines_of
from tasks.extraction.characters import clean_line, folded, is_eastern
from tasks.extraction.headline import headline

_LEAVES = ("p", "li", "blockquote", "h2", "h3", "h4", "h5", "td", "div", "section")
_INNER = frozenset({"p", "div", "ul", "ol", "table", "section", "article"})
_NOT_A_PART = frozenset(
    {"p", "li", "ul", "ol", "blockquote", "h2", "h3", "h4", "h5", "td", "tr", "tbody", "table"}
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_STOPS = tuple('.!?。”"»」')
_CUT = ("...", "…")  # how teasers of other stories end
_LETTERS = 20  # letters of a line that stands once on a page, and of one that tells something
_SIGNS = 8  # of them in Chinese, Japanese or Korean, which say more each
_COMPARED = 400  # characters looked at for a line's beginning: mark-up is full of blanks
_BEGINNING = 60  # of them without blanks
_POINT = 35  # characters of a point in brief
_MATCHED = 0.5  # of trafilatura's lines that must be found again on the page
_WIDE = 1.8  # times the text found: a part of the page with more is not the story alone
_SPARE = 600  # characters more that a short story's part may have


def filled(
    found: list[str], root: HtmlElement, story: HtmlElement | None, linked: frozenset[str]
) -> list[str]:
    """Return the lines found with those put back that belong between and around them.

    ``root`` is the tree they were found in, without side boxes, ``story`` its part that tells the
    story, where that is known; ``linked`` are its lines (folded) that are links alone.
    """
    part = _part_of(found, root)
    if story is not None and (part is None or story in part.iterancestors()):
        part = story
    if part is None:
        return found
    every = lines_of(part)
    known = set(map(folded, every))
    inside = [line for line in found if folded(line) in known]
    above = found[: found.index(inside[0])] if inside else []
    if not inside or sum(map(len, every)) > _WIDE * sum(map(len, inside)) + _SPARE:
        return found
    if len(inside) + len(above if part is story else ()) < len(found):
        return found  # a line reads otherwise in the tree: all stays as is
    kept = set(map(folded, inside))
    places = [place for place, line in enumerate(every) if folded(line) in kept]
    items = _items(part if story is None else story)
    start = 0 if part is story else places[0]
    told = [
        folded(line) in kept
        or (place >= start and _tells(line, linked))
        or (start <= place <= places[-1] and folded(line) in items)
        for place, line in enumerate(every)
    ]
    lines = [*above, *_with_headings(every, told, _headings(part) - linked)]
    return [*_points_above(root, part, lines), *lines]


def _headings(part: HtmlElement) -> set[str]:
    found = {folded(block_text(node)) for node in part.iter(*_HEADINGS)}
    return found | {folded(block_text(node)) for node in part.iter("p", "div") if _is_bold(node)}


def _items(part: HtmlElement) -> set[str]:
    """Return the items of a story's lists, which need no full stop, but no link either."""
    return {
        folded(block_text(item))
        for box in part.iter("ul", "ol")
        if box.find(".//a") is None and len(box) > 1
        for item in box.iter("li")
    }


def _part_of(found: list[str], root: HtmlElement) -> HtmlElement | None:
    """Return the smallest part of the page that holds the lines found."""
    wanted = {start for line in found if len(start := _start(line)) >= _LETTERS}
    leaves = (leaf for leaf in root.iter(*_LEAVES) if not _has_blocks(leaf))
    paths = [
        [*reversed(list(leaf.iterancestors())), leaf]
        for leaf in leaves
        if _start(leaf.text_content()) in wanted
    ]
    if not paths or len(paths) < _MATCHED * len(wanted):
        return None
    common = paths[0]
    for path in paths[1:]:
        common = [one for one, other in zip(common, path, strict=False) if one is other]
    while common and common[-1].tag in _NOT_A_PART:
        common.pop()
    return common[-1] if common else None


def _start(text: str) -> str:
    """Return what a line starts with, without blanks: enough to find it again."""
    return "".join(text[:_COMPARED].split())[:_BEGINNING]


def _has_blocks(leaf: HtmlElement) -> bool:
    return leaf.tag in {"div", "section", "td"} and any(child.tag in _INNER for child in leaf)


def _is_bold(node: HtmlElement) -> bool:
    """Tell a paragraph all of which is bold: a subhead by another name."""
    if len(node) != 1 or node[0].tag not in {"b", "strong"}:
        return False
    return not clean_line(node.text or "") and not clean_line(node[0].tail or "")


def _tells(line: str, linked: frozenset[str]) -> bool:
    if folded(line) in linked:
        return False
    is_sentence = line.endswith(_STOPS) and not line.endswith(_CUT)
    enough = _SIGNS if is_eastern(line) else _LETTERS
    return " | " in line or (len(folded(line)) >= enough and is_sentence)


def _with_headings(every: list[str], told: list[bool], headings: set[str]) -> list[str]:
    """Return the lines that are told, and each heading right above one."""
    lines: list[str] = []
    for (line, is_told), (_, next_told) in pairwise([*zip(every, told, strict=True), ("", False)]):
        if is_told or (lines and next_told and folded(line) in headings):
            lines.append(line)
    return lines


def _points_above(root: HtmlElement, part: HtmlElement, lines: Iterable[str]) -> list[str]:
    """Return the points in brief that stand between the headline and the story's own part."""
    title = headline(root)
    if title is None or title in part.iterdescendants(title.tag):
        return []
    inside = set(part.iterancestors())
    known = set(map(folded, lines))
    for node in title.xpath("following::*[self::ul or self::ol or self::p]"):
        if part in node.iterancestors():
            return []
        if node.tag == "p" or node in inside:
            continue
        points = [block_text(item) for item in node.iter("li")]
        if len(points) > 1 and not node.xpath(".//a") and all(map(_is_point, points)):
            return [point for point in points if folded(point) not in known]
    return []


def _is_point(text: str) -> bool:
    return len(text) >= _POINT and text.endswith(_STOPS)
