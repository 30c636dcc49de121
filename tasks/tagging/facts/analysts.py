"""Finds firms that rate, and words for ratings: ``firms.toml`` and ``ratings.toml``."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.tagging.facts.patterns import fold

_FOLDER = Path(__file__).parent
FIRMS, RATINGS = _FOLDER / "firms.toml", _FOLDER / "ratings.toml"


@dataclass(frozen=True, slots=True)
class AnalystBook:
    """Patterns for firms and ratings, and the normal form of each spelling."""

    firm: re.Pattern[str]
    names: Mapping[str, str]  # as printed -> normal form
    rating: re.Pattern[str]
    ratings: Mapping[str, str]  # folded -> normal form
    everyday: frozenset[str]  # ratings that are also common words
    capitals: frozenset[str]  # those of them that any sentence writes with a capital
    nouns: frozenset[str]  # words beside which they are ratings
    grades: Mapping[str, int]  # normal form -> how good; two names of one grade are no change

    def firms(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, normal form) of the firms between two places of a text."""
        for match in self.firm.finditer(text, start, end):
            yield *match.span(), self.names.get(match.group(), match.group())

    def found_ratings(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, normal form) of the ratings between two places of a text."""
        folded = fold(text[start:end])
        has_noun = not self.nouns.isdisjoint(folded.split())
        for match in self.rating.finditer(folded):
            word = re.sub(" +", " ", match.group())
            place = start + match.start()
            stands_out = self._is_quoted(text, place) or (
                text[place].isupper() and word not in self.capitals
            )
            if has_noun or word not in self.everyday or stands_out:
                yield place, start + match.end(), self.ratings[word]

    def _is_quoted(self, text: str, place: int) -> bool:
        before = text[max(0, place - 2) : place].rstrip()
        return before[-1:] in {'"', "“", "«", "„", "'", "‘"}


@cache
def load_analysts() -> AnalystBook:
    """Read both files. Raises OSError, TOMLDecodeError or KeyError for unusable ones."""
    firms = tomllib.loads(FIRMS.read_text(encoding="utf-8"))
    names = {name: firm for firm, names in firms["firms"].items() for name in names.split("|")}
    data = tomllib.loads(RATINGS.read_text(encoding="utf-8"))
    ratings = {
        _normal(word): rating
        for rating, words in data["ratings"].items()
        for word in words.split("|")
    }
    known = _by_first_letter(names)
    no_article = rf"(?!(?:{firms['articles']})\s)"
    named = rf"{no_article}(?:[A-ZÀ-Þ][\w&’'.-]{{1,30}}\s){{1,3}}(?:{firms['suffixes']})"
    words = "|".join(word.replace(" ", " +") for word in sorted(ratings, key=len, reverse=True))
    return AnalystBook(
        firm=re.compile(rf"(?<!\w)(?:{known}|{named})(?![\w&])"),
        names=names,
        rating=re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])"),
        ratings=ratings,
        everyday=frozenset(map(_normal, data["everyday"].split("|"))),
        capitals=frozenset(map(_normal, data["capitals"].split("|"))),
        nouns=frozenset(map(_normal, data["nouns"].split("|"))),
        grades={
            rating: grade
            for grade, ratings in enumerate(data["grades"].split("\n"))
            for rating in ratings.split("|")
        },
    )


def _by_first_letter(names: Iterable[str]) -> str:
    """Return a pattern for any of the names, the longest first: tried far quicker than in a row."""
    rests: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        rests[name[0]].append(re.escape(name[1:]))
    return "|".join(f"{first}(?:{'|'.join(some)})" for first, some in rests.items())


def _normal(word: str) -> str:
    return " ".join(fold(word).split())
