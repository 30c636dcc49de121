"""Tells pages that answer 200 and are no article: "Page not found", walls against robots."""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.extraction.phrases import Matcher, matcher, plain

DATA_FILE = Path(__file__).parent / "missing.toml"
_PARTS = re.compile(r"\s+[|–—·•-]\s+|\s*\|\s*")
_STORY = 1_200  # characters of text that a page without an article does not have


def refuse_missing(titles: Iterable[str], text: str, where: str) -> None:
    """Raise Rejected(NO_TEXT) for "not found", Deferred(REFUSED) for a wall; by title and size."""
    if len(text) >= _STORY:
        return
    for title in titles:
        if kind := missing_kind(title):
            said = f"{where} answers 200 and says {title!r}"
            if kind == "walled":
                raise Deferred(Reason.REFUSED, f"{said}: it is shut to us for now.")
            raise Rejected(Reason.NO_TEXT, f"{said}: the article is not there.")


def missing_kind(title: str) -> str:
    """Return "not_found" or "walled" for a title that says so, else ""."""
    parts = [title, *_PARTS.split(title)]
    for kind, phrases in _matchers().items():
        if any(phrases.matches(plain(part.strip())) for part in parts):
            return kind
    return ""


@lru_cache(maxsize=1)
def _matchers() -> dict[str, Matcher]:
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return {kind: matcher(said["phrases"]) for kind, said in data.items()}
