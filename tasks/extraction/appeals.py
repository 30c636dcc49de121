"""Tells a line that appeals to the reader ("Try our new digest!") from a line of the story."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from tasks.extraction.phrases import plain

DATA_FILE = Path(__file__).parent / "appeals.toml"
_LONGEST = 320  # characters of a line that is an appeal
# What somebody said, as a sentence or at the start; the title of a guide has fewer words.
_QUOTED = re.compile(r'^\W*["“„«「]|["“„«][^"“”„«»]*\s(?:\S+\s+){5,}[^"“”„«»]*["”“»]|[」』]と')
_MONEY = re.compile(
    r"\d[.,]\d{1,2}(?!\d)|\d\s?%|\b(?:million|billion|mln|mld|millones|milioni|miliardi)\b"
)
_EASTERN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
# A call stands at a sentence's start, or after the clause that leads up to it.
# The first word of each clause, "and" left out.
_CLAUSE = re.compile(r"(?:^\W*|[.!?:;,-]\s+)(?:(?:and|e|y|et|und)\s+)?(\w+)")
_START = r"(?:^|[.!?:;]\s+|,\s+(?:and |e |y |et |und )?|\s-\s)"


def is_appeal(line: str) -> bool:
    """Tell a short line with a call to the reader and what only a publisher offers.

    A line with a quotation, or with the figures of a story, is none.
    """
    if len(line) > _LONGEST or _QUOTED.search(line) or _MONEY.search(line):
        return False
    text = plain(line)
    if _EASTERN.search(text):
        return any(ends.search(text) and things.search(text) for ends, things in _endings())
    if _first_words().isdisjoint(_CLAUSE.findall(text.casefold())):
        return False
    return any(
        calls.search(text) is not None and things.search(text) is not None
        for calls, things in _appeals()
    )


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    """Return the words that calls start with: few clauses do, and only those are looked into."""
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    calls = (call for said in data.values() for call in said.get("calls", ()))
    return frozenset(_CLAUSE.findall(plain(call).casefold())[0] for call in calls)


@lru_cache(maxsize=1)
def _appeals() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return [
        (
            re.compile(rf"{_START}(?:{_any(said['calls'])})\b", re.IGNORECASE),
            re.compile(rf"\b(?:{_any(said['things'])})\w*", re.IGNORECASE),
        )
        for said in data.values()
        if "calls" in said
    ]


@lru_cache(maxsize=1)
def _endings() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return calls and things of languages that write without blanks or call at the end."""
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return [
        (
            re.compile(rf"(?:{_any(said['ends'])})[^\w」』]*$", re.IGNORECASE),
            re.compile(_any(said["things"]), re.IGNORECASE),
        )
        for said in data.values()
        if "ends" in said
    ]


def _any(words: list[str]) -> str:
    longest_first = sorted(map(plain, words), key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\.\.\.", ".{0,40}") for word in longest_first)
