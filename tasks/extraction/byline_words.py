"""The words around names in bylines, from ``bylines.toml``.

Words are compared without capitals and accents, as ``phrases.py`` writes them.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from tasks.extraction.phrases import expression, plain

DATA_FILE = Path(__file__).parent / "bylines.toml"
_COLON = r"[:\uff1a]"
_SIGN = r"[\s:=/\uff1a\uff1d\uff0f]"
_NAME = r"(?=(?-i:[A-ZÀ-Þ]))"  # begins with a capital


def without_by(text: str) -> str:
    """Return a byline without "By", "a cura di", "文:" and their like at its start."""
    return _without_start(_by(), text)


def without_small_by(text: str, *, is_byline: bool = False) -> str:
    """Return a name without the small "di" before it; in a visible byline without "De", too."""
    return _without_start(_small_by(is_byline=is_byline), text)


def without_agencies(text: str) -> str:
    """Return a byline without the agency that it ends with: "Claire Roux avec AFP"."""
    match = _agencies().search(plain(text))
    return text[: match.start()] if match else text


def without_place(text: str) -> str:
    """Return a name without what follows "in", "for", "of": a town or a paper."""
    match = _place().search(plain(text))
    return text[: match.start()] if match else text


def joined_names(text: str) -> list[str]:
    """Return the names that "and" and its like join; the same text alone where there are none."""
    text = _without_start(_joined_to(), text)
    ends = [0, *(place for match in _and().finditer(plain(text)) for place in match.span())]
    return [text[start:end] for start, end in zip(ends[::2], [*ends[1::2], len(text)], strict=True)]


def has_job(text: str) -> bool:
    """Tell a text with a job or a desk in it: "Senior Reporter", "Redazione"."""
    return _jobs().search(plain(text)) is not None


def without_jobs(text: str) -> str:
    """Return a text, without accents, with a blank for each job in it."""
    return _jobs().sub(" ", plain(text))


def is_of_pictures(text: str) -> bool:
    """Tell the credit of a picture from that of a text."""
    return _pictures().match(plain(text)) is not None


def names_nobody(text: str) -> bool:
    """Tell what stands where a name would and is none: "admin", "updated", "3 min read"."""
    small = plain(text).casefold()
    if small in _nobody() or _beside().search(small) is not None:
        return True
    return _about().fullmatch(small) is not None or _tells().search(small) is not None


@lru_cache(maxsize=1)
def _said() -> dict[str, dict[str, list[str]]]:
    said: dict[str, Any] = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return said


def any_of(part: str, *keys: str) -> str:
    """Return an expression for any of the words under these keys of a part of the file."""
    words = [word for key in keys for word in _said()[part][key]]
    return f"(?:{'|'.join(map(expression, words))})"


def _without_start(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(plain(text))
    return text[match.end() :] if match else text


@lru_cache(maxsize=1)
def _by() -> re.Pattern[str]:
    signed, labels = any_of("before", "signed"), any_of("before", "labels")
    signs, glued = any_of("before", "signs"), any_of("before", "glued")
    return re.compile(
        rf"{signed}[\s:]+|{labels}\s*{_COLON}\s*|{signs}{_SIGN}+|{glued}{_SIGN}*", re.IGNORECASE
    )


@lru_cache(maxsize=2)
def _small_by(*, is_byline: bool) -> re.Pattern[str]:
    if is_byline:
        return re.compile(rf"{any_of('before', 'in_bylines')}\s+{_NAME}", re.IGNORECASE)
    return re.compile(rf"{any_of('before', 'small')}\s+{_NAME}")


@lru_cache(maxsize=1)
def _joined_to() -> re.Pattern[str]:
    return re.compile(rf"{any_of('between', 'joined')}\s+{_NAME}", re.IGNORECASE)


@lru_cache(maxsize=1)
def _and() -> re.Pattern[str]:
    return re.compile(rf"\s+{any_of('between', 'joined', 'beside')}\s+", re.IGNORECASE)


@lru_cache(maxsize=1)
def _place() -> re.Pattern[str]:
    return re.compile(rf"\s+{any_of('after', 'places')}\s+(?:the\s+)?{_NAME}.*$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _agencies() -> re.Pattern[str]:
    joined, names = any_of("after", "agencies_joined"), any_of("after", "agencies")
    return re.compile(rf"\s+{joined}\s+{names}$", re.IGNORECASE)


@lru_cache(maxsize=1)
def _jobs() -> re.Pattern[str]:
    return re.compile(
        rf"\b{any_of('instead', 'jobs')}(?!\w)|{any_of('instead', 'job_signs')}", re.IGNORECASE
    )


@lru_cache(maxsize=1)
def _pictures() -> re.Pattern[str]:
    whole, begun = any_of("instead", "pictures"), any_of("instead", "picture_beginnings")
    return re.compile(rf"(?:{whole}|{begun}\w*)\s*(?:by\b|[:=/\uff1a])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _about() -> re.Pattern[str]:
    return re.compile(any_of("instead", "about"))


@lru_cache(maxsize=1)
def _tells() -> re.Pattern[str]:
    """Return an expression for a verb behind a name of two words or more."""
    return re.compile(rf"^\S+ \S+.* {any_of('instead', 'tells')} ")


@lru_cache(maxsize=1)
def _beside() -> re.Pattern[str]:
    return re.compile(rf"\b{any_of('instead', 'reading_time')}\b|^{any_of('instead', 'comments')}$")


@lru_cache(maxsize=1)
def _nobody() -> frozenset[str]:
    return frozenset(_said()["instead"]["nobody"] + _said()["instead"]["joints"])
