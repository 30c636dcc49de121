"""Finds the days and periods that a sentence names; the words are in ``periods.toml``.

Periods read as ``2026-Q3``, ``2026-H1`` and ``2026``; without a printed year as ``Q3``, ``9M`` for
nine months and ``FY`` for a year: a company's fiscal year is not to be guessed. A day without a
year is the next such day after publication.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from tasks.tagging.facts.patterns import fold

DATA = Path(__file__).parent / "periods.toml"
_LOOK_BACK = timedelta(days=60)  # a day without a year may be this long before publication
_CENTURY = 2000
NINE_MONTHS, WHOLE_YEAR, THIS_YEAR = "9M", "FY", "this year"
_SPANS = {NINE_MONTHS: "nine_months", WHOLE_YEAR: "whole_year", THIS_YEAR: "this_year"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day or a period named at a place of a text."""

    start: int
    end: int
    kind: Literal["day", "period"]
    value: str  # 2026-12-15, 2026-Q3, 2026-H1, 2026, Q3


@dataclass(frozen=True, slots=True)
class PeriodBook:
    """One language's pattern for days and periods, and what its words mean."""

    pattern: re.Pattern[str]
    quarters: Mapping[str, int]
    halves: Mapping[str, int]
    months: Mapping[str, int]
    hints: frozenset[str]  # folded words, one of which stands in every match
    spans: Mapping[str, re.Pattern[str]]  # what a span is named -> the folded words that say so


@cache
def load_periods(language: str, path: Path = DATA) -> PeriodBook:
    """Read one language's words. Raises KeyError for a language that has none."""
    words: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    quarters, halves, months = (_ordered(words[key]) for key in ("quarters", "halves", "months"))
    quarter, half = words["quarter"], words["half"]
    link = rf"(?:[\s'’-]+(?:{_any(words['link'].split('|'))})\b)"
    year = rf"(?:{link}{{0,3}}[\s'’,-]*(?P<YEAR>20\d\d|(?<=fy)\d\d)(?!\d|[.,]\d|%))"
    alone = [word for word in quarters if any(c.isdigit() for c in word) and len(word) > 1]
    month = rf"(?P<month>{_any(months)})\b\.?"
    named = month.replace("month", "named")
    year_after = r"(?:\s(?:de\s|del\s)?(?P<y6>20\d\d)(?!\d))?"
    y1, y2, y3, y4 = (year.replace("YEAR", f"y{number}") for number in range(1, 5))
    pattern = "|".join(
        (
            rf"(?P<quarter>{_any(quarters)})(?:\s+fiscal)?[\s-](?:{quarter}){y1}?",
            rf"(?P<bare>{_any(alone)})\b{y2}?",
            rf"(?P<half>{_any(halves)})[\s-](?:{half}){y3}?",
            rf"(?:{_any(words['year'].split('|'))})\s?{y4}",
            rf"{month}\s(?P<d1>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?(?:,?\s(?P<y5>20\d\d)(?!\d))?",
            rf"(?P<d2>\d{{1,2}})(?:°|º|\.|er|st|nd|rd|th)?\s(?:de\s|of\s)?{named}{year_after}",
        )
    )
    compiled = re.compile(rf"(?<![\w.,$€£])(?:{pattern})", re.IGNORECASE)
    years = [word.split()[-1] for word in words["year"].split("|")]
    short_years = [f"fy{century}{number:02}" for century in ("", "20") for number in range(100)]
    units = f"{quarter}|{half}".split("|")
    hints = [fold(word) for word in (*units, *years, *short_years, *alone, *months)]
    spans = {name: _phrases(words[key]) for name, key in _SPANS.items()}
    return PeriodBook(compiled, quarters, halves, months, frozenset(hints), spans)


def _phrases(line: str) -> re.Pattern[str]:
    words = "|".join(word.replace(" ", " +") for word in line.split("|"))
    return re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])")


def spans_of(folded: str, book: PeriodBook, year: int | None) -> frozenset[str]:
    """Return the periods a folded text names without a number: ``9M``, ``FY``, this year's."""
    told = {name for name, words in book.spans.items() if words.search(folded)}
    if THIS_YEAR in told:
        told -= {THIS_YEAR, WHOLE_YEAR}
        told.add(WHOLE_YEAR if year is None else str(year))
    return frozenset(told)


def _ordered(line: str) -> dict[str, int]:
    return {
        word: number
        for number, words in enumerate(line.split(", "), 1)
        for word in words.split("|")
    }


def _any(words: object) -> str:
    """Return a pattern for any of the words, the longest first; a blank stands for a hyphen too."""
    ranked = sorted(words, key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(re.escape(word).replace(r"\ ", r"[\s-]") for word in ranked)


def find_stretches(text: str, book: PeriodBook, published: date | None) -> Iterator[Stretch]:
    """Yield the days and periods of a text in order; a day that cannot be dated is left out."""
    for match in book.pattern.finditer(text):
        year = next((int(match[f"y{n}"]) for n in range(1, 7) if match[f"y{n}"]), None)
        if year is not None and year < _CENTURY:
            year += _CENTURY
        name = match["month"] or match["named"]
        if name:
            day = _day(int(match["d1"] or match["d2"]), book.months[name.lower()], year, published)
            if day:
                yield Stretch(*match.span(), "day", day.isoformat())
        else:
            yield Stretch(*match.span(), "period", _period(match, year, book))


def _period(match: re.Match[str], year: int | None, book: PeriodBook) -> str:
    quarter, half = match["quarter"] or match["bare"], match["half"]
    part = f"Q{book.quarters[quarter.lower()]}" if quarter else ""
    part = f"H{book.halves[half.lower()]}" if half else part
    return "-".join(filter(None, (str(year or ""), part)))


def _day(day: int, month: int, year: int | None, published: date | None) -> date | None:
    if year is None and published is None:
        return None
    try:
        if year is not None or published is None:
            return date(year or 0, month, day)
        this_year = date(published.year, month, day)
        is_past = this_year < published - _LOOK_BACK
        return date(published.year + 1, month, day) if is_past else this_year
    except ValueError:  # the 31st of June
        return None
