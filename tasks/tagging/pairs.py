"""Words near each other: ``(cuts|raises) ~ (outlook|forecast)`` in a phrase file.

Desks put anything between a verb and its object ("cuts for the second time this year its sales
outlook"), and in German and in headlines the verb may come last. So a line with `` ~ `` in it
stands for any of its left words and any of its right ones, in either order, in one sentence, with
at most six words between them, numbers aside. With `` > `` they stand in this order, and there may
be three or more. Each part is written as phrases are; ``SECURITY`` alone is any security that the
title names, so such a line is found there only.

An automaton of its own finds the words, so that they cost time only where pairs are sought: in the
title and the first sentences.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

IN_ORDER, EITHER_WAY = " > ", " ~ "
SECURITY = " security "  # folded
_BETWEEN = 6  # words at most
_WORDS = re.compile(r"[^\W\d]\w*")
_SENTENCE_ENDS = re.compile(r"(?<!\d) \.| \. (?!\d)")  # 1.000 has a point, too

Span = tuple[int, int]  # start and end


class Part(NamedTuple):
    """One side of a pair."""

    key: int  # of the part
    after: int  # key of the part that must stand before, -1 for none
    may_begin: bool
    pair: int  # number of the pair that it may end, -1 for none


class Word(NamedTuple):
    """What a word is part of; a bit for each pair that has it, first or last in it."""

    parts: tuple[Part, ...]
    pairs: int
    firsts: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of one language, and the automaton that finds their words."""

    automaton: AhoCorasick
    words: tuple[Word, ...]  # by number of the automaton's pattern
    security: Word

    def find(self, folded: str, securities: Sequence[Span] = ()) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, number of the pair), each word in one finding of a pair at most.

        ``securities`` is where securities are named in ``folded``.
        """
        found = self.automaton.find_matches_as_indexes(folded, overlapping=True)
        hits = [(end, start, self.words[pattern]) for pattern, start, end in found]
        if securities:
            hits = sorted(hits + [(end, start, self.security) for start, end in securities])
        firsts = lasts = 0
        for _, _, word in hits:
            firsts |= word.firsts
            lasts |= word.lasts
        if both := firsts & lasts:  # hardly any pair has its first and its last part there
            yield from _joined(folded, hits, both)


def _joined(
    folded: str, hits: Iterable[tuple[int, int, Word]], both: int
) -> Iterator[tuple[int, int, int]]:
    seen: dict[int, Span] = {}  # by key of the part
    for end, start, word in hits:
        if not word.pairs & both:
            continue
        for key, after, may_begin, pair in word.parts:
            before = seen.get(after)
            if before and start >= before[1] - 1 and _are_near(folded[before[1] - 1 : start + 1]):
                del seen[after]
                if pair >= 0:
                    yield before[0], end, pair
                else:
                    seen[key] = (before[0], end)
            elif may_begin:
                seen[key] = (start, end)


def _are_near(between: str) -> bool:
    return len(_WORDS.findall(between)) <= _BETWEEN and not _SENTENCE_ENDS.search(between)


def read_pairs(lines: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> Pairs:
    """Return the pairs, numbered as they come; of each its sign, and the spellings of its parts."""
    most = max((len(sides) for _, sides in lines), default=0)
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    pairs: defaultdict[str, int] = defaultdict(int)
    firsts: defaultdict[str, int] = defaultdict(int)
    lasts: defaultdict[str, int] = defaultdict(int)
    for number, (sign, sides) in enumerate(lines):
        first, last = number * most, len(sides) - 1
        for place, spelled in enumerate(sides):
            if sign == EITHER_WAY:
                part = Part(first + place, first + 1 - place, may_begin=True, pair=number)
            else:
                after = first + place - 1 if place else -1
                part = Part(first + place, after, not place, number if place == last else -1)
            for text in spelled:
                parts[text].append(part)
                pairs[text] |= 1 << number
                firsts[text] |= (place == 0) << number
                lasts[text] |= (place == last) << number
    words = {
        text: Word(tuple(its), pairs[text], firsts[text], lasts[text])
        for text, its in parts.items()
    }
    security = words.pop(SECURITY, Word((), 0, 0, 0))
    automaton = AhoCorasick(list(words), implementation=Implementation.ContiguousNFA)
    return Pairs(automaton, tuple(words.values()), security)
