"""Tells a sentence of the story, which reports, from one that advertises.

The words are in ``reporting.toml``.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tasks.extraction.polite import is_plain

DATA_FILE = Path(__file__).parent / "reporting.toml"
_LABEL = re.compile(r"[^.!?]{1,40}[:\uff1a]")
_STOPS = tuple(".!?…:;。」")
_FIGURES = re.compile(r"\d[.,]\d|\d\s?%|[$€£¥]\s?\d")
_AMOUNT = re.compile(
    rf"{_FIGURES.pattern}|\d\s(?:mil(?:a|ioni|iardi|lones|es)?|euros?|d[oó]l\w+)\b", re.IGNORECASE
)


def reports(line: str) -> bool:
    """Tell a whole sentence with a verb of reporting; a label in front ("Photo:") is stronger.

    So is one in the past that gives figures and does not speak to the reader. In Japanese and
    Korean any sentence in the plain form that is no notice of the publisher's: who speaks to
    readers is polite.
    """
    if not line.endswith(_STOPS) or _LABEL.match(line):
        return False
    told = _expression("writer").sub("", line)
    if _verbs().search(told) or (is_plain(line) and not _expression("notice").match(line)):
        return True
    if not _AMOUNT.search(line):
        return False
    return bool(_expression("past").search(told)) and not _expression("reader").search(line)


def has_figures(line: str) -> bool:
    """Tell a line with a decimal number, a percentage or an amount of money."""
    return _FIGURES.search(line) is not None


@lru_cache(maxsize=1)
def _said() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _expression(kind: str) -> re.Pattern[str]:
    """Return the expressions of one kind, of all languages, as one; of words as whole words."""
    said = [one for each in _said()[kind].values() for one in each]
    if kind == "notice":  # Japanese has no blanks between words
        return re.compile("|".join(said))
    return re.compile(rf"\b(?:{'|'.join(said)})\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _verbs() -> re.Pattern[str]:
    words = [word for each in _said()["verbs"].values() for word in each]
    latin = [word for word in words if word[0] < "\u2e80"]
    other = [word for word in words if word not in latin]
    return re.compile(rf"\b(?:{_any(latin)})\b|{_any(other)}", re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))
