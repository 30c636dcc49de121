"""Reads printed numbers by the convention of the article: ``1.077,50`` or ``1,077.50``.

A separator before exactly three digits is ambiguous: 1.077 is a thousand in Italian and a bit more
than one in English. The language decides, unless other numbers of the same article contradict it;
then nobody can tell, and there is no number.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

# Decimal signs that each language's press prints, the usual one first. Spanish has two: Mexico's.
DECIMALS: Mapping[str, str] = {
    "en": ".",
    "it": ",",
    "es": ",.",
    "de": ",",
    "fr": ",",
    "pt": ",",
}
_MOST_READ = 20_000  # characters in which other numbers are looked for
_GROUP = 3
_MOST_TIMES = 4  # as many more tell one sign than the other: the other is of a time or a name
_TELLING = re.compile(
    r"(?<![\w.,:/-])(?!\d{1,2}\.\d\d\s?(?:h\b|hs\b|horas|uhr|am\b|pm\b))(?:"
    r"\d{1,3}(?:\.\d{3})*,(?:\d{1,2}|\d{4,6})(?![\w,]|\.\d)()"  # 12,5 and 1.077,50
    r"|\d{1,3}(?:,\d{3})*\.(?:\d{1,2}|\d{4,6})(?![\w.:]|,\d)()"  # 12.5 and 1,077.50
    r"|\d{1,3}(?:\.\d{3}){2,}(?![\w,])()"  # 1.000.000
    r"|\d{1,3}(?:,\d{3}){2,}(?![\w.])()"  # 1,000,000
    r")",
    re.IGNORECASE,
)
_COMMA_GROUPS = (2, 4)
_JOINTS = re.compile(r"(?<=\d)['’\u00a0\u202f\u2009](?=\d{3})")


@dataclass(frozen=True)
class Convention:
    """How an article writes numbers."""

    decimals: str  # what its language prints, the usual sign first; "" for an unknown language
    text: str  # where its other numbers stand

    @cached_property
    def seen(self) -> frozenset[str]:
        """The decimal signs of its unambiguous numbers; without one that is rare among them."""
        told = Counter(
            "." if match.lastindex in _COMMA_GROUPS else ","
            for match in _TELLING.finditer(self.text)
        )
        most = max(told.values(), default=0)
        return frozenset(sign for sign, count in told.items() if count * _MOST_TIMES > most)

    @cached_property
    def decimal(self) -> str:
        """The decimal sign of this article; "" when its numbers contradict one another."""
        if len(self.seen) > 1:
            return ""
        if self.seen:
            (sign,) = self.seen
            return sign if sign in self.decimals or not self.decimals else ""
        return self.decimals[:1]


def convention_of(text: str, language: str) -> Convention:
    """Return how a text in a language (ISO 639-1, or "") writes its numbers."""
    return Convention(DECIMALS.get(language, ""), text[:_MOST_READ])


def parse_number(printed: str, convention: Convention) -> float | None:
    """Return the value of a number printed without sign or unit; None when nobody can tell."""
    if printed.isdecimal():
        return float(printed)
    plain = _JOINTS.sub("", printed)
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return float(plain) if plain.isdecimal() else None
    decimal = _decimal_sign(plain, signs, convention)
    if decimal is None:
        return None
    whole, _, rest = plain.partition(decimal) if decimal else (plain, "", "")
    groups = whole.replace(",", ".").split(".")
    if any(len(group) != _GROUP for group in groups[1:]) or not 1 <= len(groups[0]) <= _most(
        groups
    ):
        return None
    return float(f"{''.join(groups)}.{rest or 0}") if (rest or "0").isdecimal() else None


def _most(groups: list[str]) -> int:
    return _GROUP if len(groups) > 1 else 15


def _decimal_sign(plain: str, signs: list[str], convention: Convention) -> str | None:
    """Return the decimal sign, "" when all signs separate thousands, None when it is unknown."""
    if len(set(signs)) > 1:
        return signs[-1] if signs.count(signs[-1]) == 1 else None
    if len(signs) > 1:
        return ""
    before, after = plain.split(signs[0])
    if len(after) != _GROUP or before.startswith("0") or len(before) > _GROUP:
        return signs[0]
    if not convention.decimal:
        return None
    return signs[0] if signs[0] == convention.decimal else ""
