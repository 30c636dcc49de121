"""Finds ``NASDAQ:INTU`` and ``Amazon NASDAQ: AMZN`` outside brackets.

"NASDAQ: up 2%", "NYSE: Shares of ..." and "Nasdaq: IBM leads" name no security: what stands after a
blank must be a symbol where a sentence could not go on with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.tagging.tickers.citations import Citation, Cited
from tasks.tagging.tickers.exchanges import Exchange, ExchangeBook

_AFTER_COLON = re.compile(
    r":(?P<blank>[ \u00a0]?)(?P<symbol>[A-Z0-9]{1,6}(?:[.-][A-Z]{1,2})?)(?![\w%/&-]|[.,:]\d)"
)
_BEFORE_COLON = re.compile(
    r"(?:(?P<first>[^\W\d_]{3,10})[ \u00a0])?(?<![\w/.@#$&=-])(?P<last>[^\W\d_]{2,10})$"
)
_CELL_ENDS = re.compile(r"\s*(?:$|[|\n)\];]|\.(?:\s|$))")
_PHRASE_ENDS = re.compile(r"\s*(?:$|[|\n)\];,.’'])")
_SENTENCE_BEFORE = re.compile(r"(?:^|[.!?:;|\n•–—-])\s*$")
_LONGEST_EXCHANGE = 24
_BRACKET_REACH = 200  # how far before it an open bracket is looked for


@dataclass(frozen=True, slots=True)
class _Place:
    """An exchange as printed, where it starts, and whether a blank follows its colon."""

    printed: str
    start: int
    has_blank: bool


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Reads symbols after their exchange."""

    book: ExchangeBook
    abbreviations: frozenset[str]

    def find(self, text: str) -> list[Citation]:
        """Return the citations of a text, from the exchange to the symbol, in order."""
        return list(self._found(text)) if ":" in text else []

    def _found(self, text: str) -> Iterator[Citation]:
        for match in _AFTER_COLON.finditer(text):
            before = text[max(0, match.start() - _LONGEST_EXCHANGE) : match.start()]
            if not before[-1:].isalpha() or _in_bracket(text, match.start()):
                continue
            words = _BEFORE_COLON.search(before)
            if words is None:
                continue
            for name in ("first", "last"):
                if words.group(name) is None:
                    continue
                start = match.start() - len(before) + words.start(name)
                place = _Place(before[words.start(name) :], start, bool(match.group("blank")))
                symbol, code = self._symbol(text, place, match)
                if symbol:
                    cited = Cited(symbol, code, *match.span("symbol"), "exchange_prefix")
                    yield Citation(start, match.end(), (cited,))
                    break

    def _symbol(self, text: str, place: _Place, match: re.Match[str]) -> tuple[str, str]:
        printed = match.group("symbol")
        if printed in self.abbreviations and (place.has_blank or len(printed) > 1):
            return "", ""
        exchanges = self._exchanges(place)
        if not exchanges or printed.casefold() in self.book.market_talk:
            return "", ""
        if place.has_blank and not _stands_alone(text, place, match):
            return "", ""
        if printed.isdigit() and not _CELL_ENDS.match(text, match.end()):
            return "", ""
        return self.book.symbol(exchanges, printed)

    def _exchanges(self, place: _Place) -> tuple[Exchange, ...]:
        printed = place.printed
        if place.has_blank and printed.casefold() in self.book.words_too:
            return ()
        if not printed[:1].isupper():
            return ()
        named = self.book.named(printed)
        if not named and not place.has_blank and len(printed) > 1 and printed.isupper():
            suffixed = self.book.by_suffix.get(printed)
            named = (suffixed,) if suffixed else ()
        return tuple(ex for ex in named if ex.kind != "crypto" or printed == "CRYPTO")


def _stands_alone(text: str, place: _Place, match: re.Match[str]) -> bool:
    """Tell whether the symbol after a blank is one, and not the first word of what follows."""
    if _CELL_ENDS.match(text, match.end()):
        return True
    if not place.printed.isupper():
        return False
    if len(match.group("symbol")) == 1 and not _PHRASE_ENDS.match(text, match.end()):
        return False
    return not _SENTENCE_BEFORE.search(text[max(0, place.start - 5) : place.start])


def _in_bracket(text: str, start: int) -> bool:
    floor = max(0, start - _BRACKET_REACH)
    return any(text.rfind(a, floor, start) > text.rfind(b, floor, start) for a, b in ("()", "[]"))
