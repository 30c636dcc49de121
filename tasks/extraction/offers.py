"""Finds the boxes inside a story that offer or ask something, by what is in them.

No name tells them on a site that nobody has seen. But a small box of its own kind between the
paragraphs, with a button, a field or a paid link in it, is no paragraph; nor is one of which a part
is known to be boilerplate, or that says of itself that a machine wrote it.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lxml.html import HtmlElement

from tasks.extraction.blocks import lines_of
from tasks.extraction.boxes import DATA_FILE
from tasks.extraction.characters import folded
from tasks.extraction.markup import is_ticker_link
from tasks.extraction.phrases import plain
from tasks.extraction.rules import is_boilerplate

_BOXES = ("div", "section", "details", "fieldset", "table", "center", "ins", "figure")
_HOLDERS = frozenset({*_BOXES, "td", "font"})
_INLINE_HOLDERS = frozenset({"p", "li", "td", "th", "h1", "h2", "h3", "h4", "a", "span", "b", "em"})
_PAID = ".//a[contains(@rel, 'sponsored')]"
_CONTROLS = (
    ".//button | .//input[not(@type='hidden')] | .//form | .//label | .//a[@role='button']"
    " | .//a[contains(@class, 'btn') or contains(@class, 'button')]"
)
_DATA_ROWS = ".//tr[count(td) > 1]"
_CUSTOM = ".//*[contains(name(), '-')]"  # elements of the site's own: <x-related>
_QUOTES = ".//blockquote | .//q | .//cite"
_OWN_DATA = ".//li[not(.//a)] | .//pre | .//math | .//code"
_SMALL = 400  # characters of an offer, at most
_SUMMARY = 1_200  # and of a summary by a machine
_SHARE = 0.4  # of the story's own length, at most
_SENTENCE = 60  # characters of a sentence in it that may be one of the story
_TOLD = 200  # of them; an offer says less
_ALIKE = 3  # boxes of one kind: these are how the story is built
_ITEMS = 3  # points of a list that tell facts
_CALL = 40  # characters of a link that is a button
_LABEL = 120  # characters of the words that call a summary machine-made
_SEVERAL = 2
_ABOVE = 300  # characters of the story above a summary, at most
_CLOSED = 40  # characters of the longest line of a pitch, at least
_DECK = 64  # letters of a heading that sums a story up, at least
_VALUE = 20  # characters of a line that is a value beside its label
# What boxes of a story are called that have words and no sentence.
_STORYS = re.compile(
    r"quot|pull|zitat|cita\b|citat|verse|poem|head|title|zwischen|kpi|figure|fact|faq|defin|chart|"
    r"table|ticker|contact|dateline|byline",
    re.IGNORECASE,
)
_PART = 0.3  # of its lines that must be boilerplate, for the others to be so, too
_DIGITS = re.compile(r"\d+")
_STOPS = tuple('.!?。”"»」')
_STOP_WITHIN = re.compile(r"[^\W\d_]{3}\. [^\W\d_]")  # a lede may end with a question
_QUOTED = re.compile(r"^[“„\"«「][^”»“\"」]{40}|[”»“\"」]$")


def offers(root: HtmlElement, story: HtmlElement) -> list[HtmlElement]:
    """Return the outermost boxes that offer something or were made by a machine.

    ``story`` is the part under ``root`` that tells the story; it is none, nor what it stands in.
    """
    holders = {root, story, *story.iterancestors()}
    found: set[HtmlElement] = set()
    kinds = Counter(_kind(box) for box in root.iter(*_BOXES) if box not in holders)
    size = len(" ".join(story.text_content().split()))
    for box in [*root.iter(*_BOXES), *_own_elements(story)]:
        if box in holders or kinds[_kind(box)] >= _ALIKE or found.intersection(box.iterancestors()):
            continue
        text = " ".join(box.text_content().split())
        if not 0 < len(text) <= min(_SUMMARY, _SHARE * size) or box.find(".//h1") is not None:
            continue
        lines = lines_of(box)
        if (
            (len(text) <= _SMALL and (_tells_nothing(box, lines) or _offers(box, lines)))
            or _is_sponsored(box, lines)
            or _is_summary(box, lines, story)
        ):
            found.add(box)
    told = sum(map(_told, map(lines_of, found)))
    return list(found) if told <= _SHARE * size else []


def _kind(box: HtmlElement) -> tuple[object, str]:
    """Return a box's tag and class; of one without, what it is made of."""
    return box.tag, _DIGITS.sub("", box.get("class", "")) or " ".join(
        str(child.tag) for child in box
    )


def _offers(box: HtmlElement, lines: Sequence[str]) -> bool:
    own = " ".join([box.text or "", *(child.tail or "" for child in box)]).strip()
    if _told(lines) > _TOLD or len(own) >= _SENTENCE:
        return False
    if box.xpath(_PAID):
        return True
    if len(box.xpath(_DATA_ROWS)) > 1 or len(box.xpath(".//li")) >= _ITEMS:
        return False
    if box.xpath(_CONTROLS) or any(map(_is_call, box.iter("a"))):
        return True
    known = sum(is_boilerplate(line) for line in lines)
    return len(lines) > 1 and known >= max(1, _PART * len(lines))


def _own_elements(story: HtmlElement) -> list[HtmlElement]:
    """Return the elements of the site's own that stand as blocks; none stands amid a sentence.

    Of a kind that tells something somewhere, none: the story is built of it.
    """
    found = []
    for part in story.xpath(_CUSTOM):
        before, parent = part.getprevious(), part.getparent()
        above = ((parent.text if before is None else before.tail) or "") + (part.tail or "")
        if parent.tag not in _INLINE_HOLDERS and not above.strip():
            found.append(part)
    telling = {part.tag for part in found if any(map(_is_told, lines_of(part)))}
    return [part for part in found if part.tag not in telling]


def _tells_nothing(box: HtmlElement, lines: Sequence[str]) -> bool:
    """Tell a box of a few words and no sentence: "Course", "12 lessons with our experts, 30% off".

    Headings, quotations, lists and figures have no full stop either, and are the story's.
    """
    is_own = "-" in str(box.tag)
    if any(map(_is_told, lines)) or _STORYS.search(f"{box.tag} {box.get('class', '')}"):
        return False
    if len(lines) < _SEVERAL and (not is_own or max(map(len, lines), default=0) < _SENTENCE):
        return False
    figures = [len(line) for line in lines if any(map(str.isdigit, line))]
    if len(figures) >= _SEVERAL or min(figures, default=_VALUE) < _VALUE:
        return False
    if any(map(box.xpath, (_QUOTES, _OWN_DATA, _DATA_ROWS))):
        return False
    headings = [folded(str(part.text_content())) for part in box.iter("h2", "h3", "h4", "h5")]
    if max(map(len, headings), default=0) > _DECK:
        return False
    ends = folded(lines[-1])
    return ends not in headings and (is_own or max(map(len, lines)) >= _CLOSED)


def _is_told(line: str) -> bool:
    """Tell a sentence, or what somebody said."""
    return bool(line.endswith((".", "。")) or _QUOTED.search(line) or _STOP_WITHIN.search(line))


def _is_summary(box: HtmlElement, lines: Sequence[str], story: HtmlElement) -> bool:
    """Tell a summary by a machine: above the story, with a label that says so."""
    if len(lines) < _SEVERAL or not any(map(is_machine_made, lines)):
        return False
    above, part = 0, box
    while part is not None and part is not story:
        above += sum(len(before.text_content()) for before in part.itersiblings(preceding=True))
        part = part.getparent()
    return part is None or above <= _ABOVE


def _is_sponsored(box: HtmlElement, lines: Sequence[str]) -> bool:
    """Tell a box that begins by naming who pays for it, and links to them."""
    return len(lines) > 1 and is_sponsors_label(lines[0]) and box.find(".//a") is not None


def is_sponsors_label(line: str) -> bool:
    """Tell a line that names who pays for what stands below: "Together with Acme"."""
    if len(line) > _LABEL or line.endswith("."):
        return False
    return _sponsored().fullmatch(plain(line).strip(" :*-|")) is not None


def _told(lines: Iterable[str]) -> int:
    return sum(len(line) for line in lines if len(line) >= _SENTENCE and line.endswith(_STOPS))


def _is_call(link: HtmlElement) -> bool:
    """Tell a link of a few words on a line of its own, as a button has them: "Hop aboard"."""
    before, parent = link.getprevious(), link.getparent()
    if parent is None or is_ticker_link(link) or link.get("href", "/").startswith("#"):
        return False
    words = ((parent.text if before is None else before.tail) or "") + (link.tail or "")
    stands_alone = not words.strip() and parent.tag in _HOLDERS
    if parent.tag == "p":
        stands_alone = folded(parent.text_content()) == folded(link.text_content())
    return stands_alone and 0 < len(link.text_content().strip()) <= _CALL


def is_machine_made(line: str) -> bool:
    """Tell a label that says that a machine wrote what it stands beside."""
    return len(line) <= _LABEL and _machine_made().search(plain(line)) is not None


@lru_cache(maxsize=1)
def _sponsored() -> re.Pattern[str]:
    said = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))["sponsor"]["says"]
    return re.compile("|".join(plain(words) for words in said), re.IGNORECASE)


@lru_cache(maxsize=1)
def _machine_made() -> re.Pattern[str]:
    said = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))["machine"]["says"]
    return re.compile("|".join(plain(words) for words in said), re.IGNORECASE)
