"""Tells a paragraph that only begins like a promotion from one that is nothing else."""

import re
import tomllib
from functools import lru_cache

from tasks.extraction.appeals import DATA_FILE
from tasks.extraction.phrases import plain
from tasks.extraction.reporting import reports
from tasks.extraction.rules import is_boilerplate

_WHO = ("address", "us")  # keys of words for the reader and for the publisher
_LEAST = 30  # characters of a sentence that tells something
_STOPS = tuple('.…"”»')
_WORD = re.compile(r"[^\W\d_]+")
_FIGURE = re.compile(r"(?<![\w@/-])[$€£¥]?\d(?!\d*/7)")
_NOT_TOLD = re.compile(r"[©®™]|@|https?:|www\.|\b24/7\b", re.IGNORECASE)


def tells_later(sentences: list[str]) -> bool:
    """Tell whether a paragraph's later sentences tell something and none of them advertises.

    A sentence tells that reports what somebody said, or gives a figure or date, and speaks neither
    to the reader nor for the publisher.
    """
    later = sentences[1:]
    if not any(map(tells, later)):
        return False
    return not any(is_boilerplate(said) or is_boilerplate(said, "sentence") for said in later)


def tells(sentence: str) -> bool:
    """Tell a sentence that reports or gives a figure, and speaks neither to readers nor for us."""
    if len(sentence) < _LEAST or not sentence.endswith(_STOPS) or _NOT_TOLD.search(sentence):
        return False
    if reports(sentence):
        return True
    words = set(_WORD.findall(plain(sentence).casefold()))
    return _FIGURE.search(sentence) is not None and words.isdisjoint(_to_readers())


@lru_cache(maxsize=1)
def _to_readers() -> frozenset[str]:
    """Return the words that speak to readers, of any language, and those for the publisher."""
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return frozenset(
        plain(word)
        for said in data.values()
        for key in ("address", "us")
        for word in said.get(key, ())
    )
