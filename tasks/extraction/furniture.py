"""Tells the words of a site's own buttons and headings: lines made of nothing but such words.

What they are in each language is in ``furniture.toml``.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tasks.extraction.characters import is_eastern
from tasks.extraction.phrases import plain

DATA_FILE = Path(__file__).parent / "furniture.toml"
_LONGEST = 90  # characters of such a line
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NO_WORD = re.compile(
    r"\d|[|%$€£¥\"“”«»„「」]|:\s*\S"
)  # figures, cells, quotations and what is told
_COUNT = re.compile(r"[\s(]*\d{1,4}[\s)]*$")  # "Comments (12)"
_BETWEEN = r"[\s・、,.!?。!?:>→▶]*+"


@dataclass(frozen=True, slots=True)
class _Words:
    """One language's words, as the data file explains them."""

    every: frozenset[str]
    calls: frozenset[str]
    ours: frozenset[str]
    things: frozenset[str]
    sorts: frozenset[str]
    listed: frozenset[str]

    def say(self, words: list[str]) -> bool:
        """Tell words that only a button or heading says."""
        if not self.every.issuperset(words):
            return False
        if words[0] in self.sorts and not self.listed.isdisjoint(words[1:]):
            return True
        is_call = words[0] in self.calls or not self.ours.isdisjoint(words)
        return is_call and not self.things.isdisjoint(words)


def is_furniture(line: str) -> bool:
    """Tell a short line of which each word is one of buttons and headings, and some are no other.

    "Save this story for later" is one. A line with figures or a quotation is none.
    """
    if len(line) > _LONGEST:
        return False
    text = plain(_COUNT.sub("", line)).casefold().strip()
    if _NO_WORD.search(text):
        return False
    if is_eastern(text):
        return any(said.match(text) for said in _eastern())
    words = _WORD.findall(text)
    return len(words) > 1 and any(said.say(words) for said in _latin())


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _latin() -> tuple[_Words, ...]:
    found = []
    for said in _data().values():
        if "calls" not in said:
            continue
        kinds = {kind: frozenset(said[kind]) for kind in _Words.__slots__ if kind != "every"}
        found.append(_Words(every=frozenset(said["fill"]).union(*kinds.values()), **kinds))
    return tuple(found)


@lru_cache(maxsize=1)
def _eastern() -> tuple[re.Pattern[str], ...]:
    """Return for each language without blanks: its words, one or more, and a last one that calls.

    No word is given back once it is read, so that a line is read once.
    """
    return tuple(
        re.compile(rf"(?:{_any(said['words'])}{_BETWEEN}){{1,14}}?{_any(said['ends'])}{_BETWEEN}$")
        for said in _data().values()
        if "ends" in said
    )


def _any(words: Iterable[str]) -> str:
    return rf"(?>{'|'.join(map(re.escape, sorted(map(plain, words), key=len, reverse=True)))})"
