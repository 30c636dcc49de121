"""Sentences, and lines: sentences in which amounts, companies and the like stand as one letter.

A line has exactly the offsets of its sentence, so that what a pattern finds can be shown in place.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tasks.tagging.facts.patterns import PatternSet, fold

LONGEST = 1_200  # characters of a sentence that is read; a longer one is no sentence
_END = re.compile(r"[.!?…]{1,3}[\"”’»)\]]{0,3}(?=\s+[^a-zà-ÿ\s])|\n+")
_LONGEST_ABBREVIATION = 10
_CLOSED = "X"  # the letter of what an aside has closed
_APPOSITION = re.compile(
    r"(?:\s[a-zà-ÿ]{4,12})?,\s(?![A-ZÀ-Þ])([^\W\d_]+)(?:[^,;:\n]|,(?=\d)){1,160},\s+(?=([^\W\d_]+))"
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


class Entity(NamedTuple):  # there are dozens in an article: a dataclass takes longer to make
    """What one letter of a line stands for, at its place in the field."""

    letter: str  # see ``patterns.SLOTS``
    start: int
    end: int
    value: object  # Amount, TickerTag, a day or period, or a normal form
    printed: str = ""  # a company's name, without its bracket


@dataclass(frozen=True)
class Line:
    """A sentence with its entities; offsets in ``text`` are those in the field less ``start``."""

    start: int
    text: str
    entities: Mapping[int, Entity]  # by offset in ``text``

    @cached_property
    def words(self) -> frozenset[str]:
        """The words and letters of the line."""
        return frozenset(self.text.split())

    def without_asides(self, asides: PatternSet) -> "Line":
        """Return the line with what these patterns find closed, one pattern after the other."""
        line = self
        for aside in asides.worth_trying(self.words | {_CLOSED}):
            spans = [match.span() for match in aside.regex.finditer(line.text)]
            line = line.without(spans) if spans else line
        return line

    def without(self, spans: Iterable[tuple[int, int]], *, trace: str = _CLOSED) -> "Line":
        """Return the line without these spans: closed to all patterns, or blank for them."""
        text = self.text
        for start, end in spans:
            text = f"{text[:start]}{trace.ljust(end - start)}{text[end:]}"
        kept = {place: e for place, e in self.entities.items() if text[place] == e.letter}
        return Line(self.start, text, kept)


def appositions(
    line: Line, text: str, verbs: frozenset[str], times: frozenset[str]
) -> list[tuple[int, int]]:
    """Return what stands between commas after a company, before its verb, as places of the line.

    ``text`` is the field: "Exor, which controls it, rose" says that Exor rose. What begins with one
    of ``times`` is no such thing: "Exor, since January, rose".
    """
    found = []
    for entity in line.entities.values():
        if entity.letter in "CBW":
            between = _APPOSITION.match(text, entity.end, line.start + len(line.text))
            if between and fold(between[2]) in verbs and fold(between[1]) not in times:
                found.append((between.start() - line.start, between.end() - line.start))
    return found


def sentence_ends(text: str, abbreviations: frozenset[str]) -> list[int]:
    """Return where sentences end, in order; the text's end is the last."""
    ends = [
        match.end()
        for match in _END.finditer(text)
        if text[match.start()] != "." or not _is_abbreviated(text, match.start(), abbreviations)
    ]
    return [*ends, len(text)]


def _is_abbreviated(text: str, stop: int, abbreviations: frozenset[str]) -> bool:
    floor = max(0, stop - _LONGEST_ABBREVIATION)
    start = max(text.rfind(" ", floor, stop) + 1, floor)
    word = text[start:stop].lstrip('("“«\n').casefold()
    return word in abbreviations or _INITIALS.fullmatch(word) is not None


def sentence_at(ends: Sequence[int], place: int) -> tuple[int, int]:
    """Return (start, end) of the sentence that holds a place."""
    number = bisect_left(ends, place + 1)
    return (ends[number - 1] if number else 0), ends[number]


def mark(folded: str, start: int, entities: Iterable[Entity]) -> Line:
    """Return the line of a folded sentence; of entities that overlap the first given stays."""
    kept: list[Entity] = []
    for entity in entities:
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    kept.sort(key=lambda entity: entity.start)
    pieces, place = [], start
    for entity in kept:
        pieces.append(folded[place - start : entity.start - start])
        pieces.append(entity.letter.ljust(entity.end - entity.start))
        place = entity.end
    marked = "".join([*pieces, folded[place - start :], " "])
    return Line(start, marked, {entity.start - start: entity for entity in kept})
