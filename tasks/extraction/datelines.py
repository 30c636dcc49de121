"""Tells a line that is a date and little else from a sentence with a date in it."""

import re
from itertools import pairwise

from lxml.html import HtmlElement

from tasks.extraction.byline_words import without_jobs
from tasks.extraction.characters import clean_line
from tasks.extraction.times import DATE_WORDS, PUBLISHED_LABELS, UPDATED_LABELS, without_dates

_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "mark", "q", "s", "small"}
    | {"span", "strong", "sub", "sup", "time", "u"}
)
PARAGRAPHS = frozenset({"blockquote", "dd", "li", "p", "td"})
_DATED = re.compile(
    r"date|time|publish|byline|author|posted|meta|data|fecha|datum|autor|firma|日時", re.IGNORECASE
)
_HEAD = 120  # characters at a story's start among which its dateline ends
# What parts a dateline from the first sentence.
_CLOSED = re.compile(r"\s*(?:[–—:/]|--|\s-\s|\.\s?-)")
_MOST_NAMES = 8  # capitalised words around a date: a byline's, a place's, a section's
_MOST_SIGNS = 12  # characters around a date, in a script without capitals
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


def _any_of(words: tuple[str, ...]) -> str:
    """Return an expression for any of these, whole words where they are written in Latin."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(
        rf"\b{re.escape(word)}\b" if word.isascii() or word[0] < "\u2e80" else re.escape(word)
        for word in longest_first
    )


_LABEL = re.compile(
    f"(?P<updated>{_any_of(UPDATED_LABELS)})|(?P<published>{_any_of(PUBLISHED_LABELS)})",
    re.IGNORECASE,
)
_KNOWN = re.compile(_any_of((*UPDATED_LABELS, *PUBLISHED_LABELS, *DATE_WORDS)), re.IGNORECASE)


def is_dateline(text: str) -> bool:
    """Tell a date with labels, names and the like around it from a sentence, in any language."""
    words = _WORD.findall(without_jobs(_KNOWN.sub(" ", without_dates(text))))
    if any(word.islower() for word in words):
        return False
    signs = sum(len(word) for word in words if not word[:1].isupper())
    return signs <= _MOST_SIGNS and len(words) <= _MOST_NAMES


def leading_dateline(line: str) -> str:
    """Return the place and date that a story starts with ("MILAN, Nov. 12, 2026 — "), or ""."""
    for mark in _CLOSED.finditer(line[:_HEAD]):
        head = line[: mark.start()].lstrip("([（【")
        if _has_date(head):
            has_place = _WORD.search(without_dates(head)) is not None  # else it may be a list's
            return head if has_place and is_dateline(head) else ""
    return ""


def says_updated(text: str) -> bool:
    """Tell whether a label in the text says that a date of it is that of a change."""
    return any(label["updated"] for label in _LABEL.finditer(text))


def published_parts(text: str) -> list[str]:
    """Return the parts of a dateline that may name the published date, labelled ones first.

    Labels stand before their date ("Updated Nov 17, 2026; Published Nov 16, 2026"), or after it
    where the line ends with one.
    """
    labels = list(_LABEL.finditer(text))
    if not labels:
        return [text]
    first, last = labels[0].start(), labels[-1].start()
    unlabelled = text[:first]
    if _has_date(unlabelled) and not _has_date(text[last:]):
        bounds = [0, *(label.end() for label in labels)]
        unlabelled = ""
    else:
        bounds = [*(label.start() for label in labels), len(text)]
    parts = [text[start:end] for start, end in pairwise(bounds)]
    published = [part for part, label in zip(parts, labels, strict=True) if label["published"]]
    return [*published, unlabelled]


def _has_date(text: str) -> bool:
    return without_dates(text) != text


def stands_in_prose(node: HtmlElement) -> bool:
    """Tell whether an element stands among the words of a sentence, as inline ``<time>`` may."""
    if _has_line_of_its_own(node):
        return False
    block = node
    while block.tag in _INLINE and block.getparent() is not None:
        block = block.getparent()
        if _is_dated(block):
            return False
    return not is_dateline(_own_words(block))


def _has_line_of_its_own(node: HtmlElement) -> bool:
    """Tell an element before a break or block, and after one or first in its block.

    So old pages set their datelines.
    """
    before, after, parent = node.getprevious(), node.getnext(), node.getparent()
    if after is None or parent is None or (node.tail or "").strip() or after.tag in _INLINE:
        return False
    if before is None:
        return parent.tag not in _INLINE and not (parent.text or "").strip()
    return before.tag not in _INLINE and not (before.tail or "").strip()


def _is_dated(element: HtmlElement) -> bool:
    return bool(_DATED.search(f"{element.get('class', '')} {element.get('id', '')}"))


def _own_words(block: HtmlElement) -> str:
    """Return a block's own words: of a paragraph those of inline elements too, but for bylines."""
    parts = [block.text or ""]
    for child in block:
        is_byline = child.tag != "time" and _is_dated(child)
        if block.tag in PARAGRAPHS and child.tag in _INLINE and not is_byline:
            parts.append(child.text_content())
        parts.append(child.tail or "")
    return clean_line(" ".join(parts))
