"""Finds the amounts of a sentence: money, percentages and bare numbers, each with its value.

The words for currencies and large numbers are in ``units.toml``, one table a language.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tasks.tagging.facts.numerals import Convention, parse_number

DATA = Path(__file__).parent / "units.toml"
_MINUS = "−–-"  # the hyphen last: it stands in a character class
_DIGITS = re.compile(r"\d+")
_LONGEST_HEAD = 8  # characters of a sign and a currency
YEARS = range(1990, 2040)  # bare numbers that are years
_INITIALS = 2  # letters of a scale that means money only beside a currency: 5 m, 3 k


class Amount(NamedTuple):  # there are ten in an article: a dataclass takes longer to make
    """A number in a sentence, with its unit; ``value`` is None when it cannot be told."""

    start: int
    end: int
    kind: Literal["money", "percent", "number"]
    value: float | None
    currency: str  # ISO 4217; "" when it has none
    scale: float  # 1e9 for billions; 1 without such a word
    has_sign: bool  # a plus or minus is printed


@dataclass(frozen=True, slots=True)
class Units:
    """One language's words for units, and the patterns that find an amount."""

    head: re.Pattern[str]  # what stands before the digits: a sign, a currency
    tail: re.Pattern[str]  # the digits, and what follows: quick to find, for it begins with one
    signs: Mapping[str, str]
    currencies: Mapping[str, str]
    scales: Mapping[str, float]
    cents: frozenset[str]
    range_joint: re.Pattern[str]
    money: tuple[str, ...]  # one of which stands, in small letters, wherever money is printed

    def has_money(self, lowered: str) -> bool:
        """Tell whether a sentence in small letters may speak of money: quicker than looking."""
        return any(map(lowered.__contains__, self.money))


@cache
def load_units(language: str, path: Path = DATA) -> Units:
    """Read one language's units. Raises KeyError for a language that has none."""
    data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    own, signs = data[language], data["signs"]
    codes = data["codes"]["all"].split("|")
    words = _spelled(own["words"]) | {code.lower(): code for code in codes}
    scales = _spelled(own["scales"])
    cents, percent = own["cents"].split("|"), own["percent"].split("|")
    of = f"(?:(?:{_any(own['of'].split('|'))})\\s?)?" if own["of"] else ""
    before = f"(?P<sign>{_any(signs)})|(?P<code>\\b(?:{'|'.join(codes)}))"
    symbols = [sign for sign in signs if not sign[-1:].isalpha()]  # Rs stands before its number
    word = rf"[\s-]?{of}(?P<unit>{_any([*words, *cents])})(?!\w|\.m\b)"  # 9 p.m. is no money
    head = rf"(?<![\w.,])(?P<minus>[(+{_MINUS}]?)(?:(?:{before})\.?\s?)?(?P<inner>[({_MINUS}]?)\Z"
    tail = (
        r"(?<![.,]\d)(?<!\d[.,])(?<!\d)(?P<number>\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})+(?!\d)|\d+(?:[.,'’]\d+)*)(?P<close>\)?)"
        rf"(?:\s?(?P<percent>{_any(percent)})(?!\w)"
        rf"|(?:[\s-]?(?P<scale>{_any(scales)})(?!\w))?(?:\s?(?P<after>{_any(symbols)})(?!\s?\d)|{word})?)"
    )
    return Units(
        head=re.compile(head, re.IGNORECASE),
        tail=re.compile(tail, re.IGNORECASE),
        signs={sign.lower(): code for sign, code in signs.items()},
        currencies=words,
        scales=scales,
        cents=frozenset(cents),
        money=_hints(signs, (*words, *cents, *scales)),
        range_joint=re.compile(rf"\s?(?:{_any(own['to'].split('|'))})\s?", re.IGNORECASE),
    )


def _hints(signs: Mapping[str, str], words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands in any sentence with money; short words only right behind a digit."""
    letters = [sign.lower() for sign in signs if sign.isalpha()]
    return (
        *(sign[-1:] for sign in signs if not sign.isalpha()),
        *(f"{before}{sign}" for sign in letters for before in " (\n"),
        *(word for word in words if len(word) > _INITIALS),
        *(f"{digit}p" for digit in range(10) if "p" in words),
    )


def _spelled(table: Mapping[str, Any]) -> dict[str, Any]:
    return {word: meaning for words, meaning in table.items() for word in words.split("|")}


def _any(words: Any) -> str:
    """Return a pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def find_amounts(text: str, units: Units, convention: Convention) -> list[Amount]:
    """Return the amounts of a text in order. ``210 to 220 dollars`` gives two, both of money."""
    found, end = [], 0
    for digits in _DIGITS.finditer(text):  # a tail begins with one, and is found far quicker there
        tail = units.tail.match(text, digits.start()) if digits.start() >= end else None
        if tail is None:
            continue
        end = tail.end()
        head = units.head.search(text, max(0, tail.start() - _LONGEST_HEAD), tail.start())
        if head is not None:
            found.append(_amount(head, tail, units, convention))
    return list(_ranges(found, text, units))


def _amount(
    head: re.Match[str], tail: re.Match[str], units: Units, convention: Convention
) -> Amount:
    minus, start, end = head["minus"] + head["inner"], head.start(), tail.end()
    whole = not tail["close"] or "(" in minus  # else the bracket that closes is not its own
    if not whole:
        end = tail.end("number")
    if minus.startswith("(") and not tail["close"]:
        start, minus = start + 1, minus[1:]
    is_negative = any(sign in minus for sign in f"({_MINUS}")
    unit = (tail["after"] or tail["unit"] or "").lower() if whole else ""
    scale_word = (tail["scale"] or "").lower() if whole else ""
    printed = (head["sign"] or head["code"] or unit).lower()
    currency = units.signs.get(printed) or units.currencies.get(printed, "")
    scale = units.scales.get(scale_word, 1.0)
    value = parse_number(tail["number"], convention)
    if tail.string[end : end + 1].isalnum():  # 5G, 10K
        value = None
    if value is not None:
        value *= scale / 100 if unit in units.cents and not head["sign"] else scale
        value = round(-value if is_negative else value, 6)
    if whole and tail["percent"]:
        return Amount(start, end, "percent", value, "", 1.0, has_sign=bool(minus))
    is_money = currency or unit or len(scale_word) > _INITIALS  # pesos: nobody says which
    kind: Literal["money", "number"] = "money" if is_money else "number"
    return Amount(start, end, kind, value, currency, scale, has_sign=bool(minus))


def _ranges(found: list[Amount], text: str, units: Units) -> Iterator[Amount]:
    """Give the first end of a range what only its second end says: the unit and the millions."""
    for amount, following in pairwise([*found, None]):
        if amount is None:
            return
        is_range = following and units.range_joint.fullmatch(text, amount.end, following.start)
        if (
            not following
            or not is_range
            or amount.kind not in {"number", following.kind}
            or _is_year(amount, following)
        ):
            yield amount
            continue
        scale = following.scale if amount.scale == 1.0 else 1.0
        yield amount._replace(
            kind=following.kind,
            value=None if amount.value is None else round(amount.value * scale, 6),
            currency=amount.currency or following.currency,
            scale=following.scale,
        )


def _is_year(amount: Amount, following: Amount) -> bool:
    """Tell whether a bare number is a year before another amount: utile 2026 a 11 miliardi."""
    beside = (following.value or 0) / following.scale
    return amount.kind == "number" and amount.value in YEARS and beside not in YEARS
