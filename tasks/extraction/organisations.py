"""Tells who signs but is no person: an agency, a company, a ministry."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from tasks.extraction.phrases import plain

DATA_FILE = Path(__file__).parent / "organisations.toml"
# "S.p.A." and "N.V." are one word; so are "Inc." and "Inc".
_DOTS = re.compile(r"(?<=\b\w)\.(?=\w\b)|\.(?=\s|$)")
_COMPANY_COMMA = re.compile(
    r",\s+(?=(?:inc|corp|co|ltd|limited|llc|llp|lp|plc|s\.?p\.?a|s\.?a|n\.?v|gmbh|ag|se)\.?\s*"
    r"(?:$|[,;|]))",
    re.IGNORECASE,
)
_SHORT = re.compile(r"[A-Z]{2,6}$")  # AFP, EFE, ANSA: no person signs so
_SITE = re.compile(r"^[\w.-]+\.[a-z]{2,6}$", re.IGNORECASE)


def is_organisation(name: str) -> bool:
    """Tell an organisation's name, as a byline prints it, from a person's."""
    small = _DOTS.sub("", plain(name).casefold()).strip()
    *rest, last = small.split() or [""]
    data = _data()
    if _SHORT.match(name) or _SITE.match(name) or plain(name).casefold().strip() in data["names"]:
        return True
    ends_so = last in data["endings"] and (
        len(last) > len("SA") or _is_form(name.rpartition(" ")[2])
    )
    if rest and (ends_so or small.startswith("the ")):
        return True
    return _words().search(small) is not None


def _is_form(word: str) -> bool:
    """Tell "SA", "S.A." and "Co." from the surnames Sá and Co."""
    return word.isascii() and (word.isupper() or word.endswith("."))


def is_weekday(text: str) -> bool:
    """Tell a day of the week, which stands beside names in bylines."""
    return plain(text).casefold() in _data()["weekdays"]


def without_company_comma(text: str) -> str:
    """Return a byline in which "Harborline Instruments, Inc." is one name, without the comma."""
    return _COMPANY_COMMA.sub(" ", text)


@lru_cache(maxsize=1)
def _data() -> dict[str, frozenset[str]]:
    said: dict[str, Any] = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return {key: frozenset(value) for key, value in said.items() if key != "examples"}


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    words = "|".join(map(re.escape, _data()["words"]))
    signs = "|".join(map(re.escape, _data()["signs"]))
    return re.compile(rf"\b(?:{words})\b|{signs}")
