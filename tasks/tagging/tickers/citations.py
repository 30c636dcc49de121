"""Finds exchange citations in a text: ``(NASDAQ:META)`` in all the forms the press prints.

Every bracket is read once and brackets do not nest, so the time is linear in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.tagging.tickers.exchanges import Exchange, ExchangeBook

_BRACKET = re.compile(r"[(\[（【]([^()\[\]（）【】]{3,2000})[)\]）】]")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{1,80})\]\((?:https?:/)?/[^()\s]{1,500}\)")
_COLON = re.compile(r"\s*[:：∶]")
_BLANKS = r"\s\u200b-\u200f\u2060\ufeff"
_SYMBOL = re.compile(
    rf"[{_BLANKS}\"“”«»'‘’$*#]*"
    r"(?P<symbol>[^\W_](?:[^\W_]|&(?=[^\W_])){0,19}"
    r"(?:[./-][^\W_]{1,4}(?![^\W_]))*(?:[ \u00a0][A-Z](?=[\s,;)]*$))?\.?)"
    rf"[{_BLANKS}\"“”«»'‘’*]*"
)
_SEPARATOR = re.compile(r"[,;/|&+、，；]|(?:and|or|e|ed|y|et|und)\s", re.IGNORECASE)
_EXCHANGE_LIST = re.compile(r"\s*(?:[/,&|]|\band\b|\be\b|\by\b|\bet\b|\bund\b)\s*", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_ALIAS_WORDS = 6  # "Nasdaq First North Growth Market" and a slash
_SUFFIXED = re.compile(r"\s*([A-Z0-9]{1,10}(?:-[A-Z])?)\.([A-Z]{1,3})\s*")
_BARE_PAIR = re.compile(r"\s*(?P<exchange>[^\W\d_]{3,8})\s+(?P<symbol>[A-Z]{2,5})\s*")
_NOT_A_LIST = re.compile(r"\s*[+-]?\d")
_SHORTEST_BEFORE_A_LETTER = 2  # (U.N) is not Unity Software


@dataclass(frozen=True, slots=True)
class Cited:
    """One symbol inside a bracket, with its place in the text."""

    symbol: str  # normalised
    exchange: str  # canonical code
    start: int
    end: int
    kind: str = "exchange_bracket"  # or exchange_suffix, exchange_prefix, plain_bracket
    confidence: float | None = None  # the kind's own when None


@dataclass(frozen=True, slots=True)
class Citation:
    """A bracket that cites securities: its span, brackets included, and what it cites."""

    start: int
    end: int
    cited: tuple[Cited, ...]


def find_citations(text: str, book: ExchangeBook) -> tuple[Citation, ...]:
    """Return the exchange citations of a text, in order; spans are character offsets into it."""
    plain = without_links(text)
    found = []
    for bracket in _BRACKET.finditer(plain):
        cited = tuple(_cited_in(bracket.group(1), book))
        if cited:
            offset = bracket.start(1)
            moved = tuple(
                Cited(c.symbol, c.exchange, c.start + offset, c.end + offset, c.kind) for c in cited
            )
            found.append(Citation(bracket.start(), bracket.end(), moved))
    return tuple(found)


def blank_citations(text: str, citations: Sequence[Citation]) -> str:
    """Return the text without its citations, so that their "NASDAQ" is not read as a word."""
    pieces, place = [], 0
    for citation in citations:
        pieces.append(text[place : citation.start])
        place = citation.end
    return " ".join([*pieces, text[place:]])


def without_links(text: str) -> str:
    """Return the text with Markdown links reduced to their words; no character moves."""
    if "](" not in text:
        return text
    return _MARKDOWN_LINK.sub(
        lambda link: f" {link.group(1)} ".ljust(link.end() - link.start()), text
    )


def _cited_in(inner: str, book: ExchangeBook) -> Iterator[Cited]:
    heads = list(_heads(inner, book))
    if not heads:
        yield from _without_colon(inner, book)
        return
    ends = [start for start, _, _ in heads[1:]] + [len(inner)]
    for (_, place, exchanges), end in zip(heads, ends, strict=True):
        yield from _symbols(inner, place, end, exchanges, book)


def _heads(
    inner: str, book: ExchangeBook
) -> Iterator[tuple[int, int, tuple[tuple[Exchange, ...], ...]]]:
    """Yield (start of the exchanges' names, end of the colon, the exchanges) for each colon."""
    floor = 0
    for colon in _COLON.finditer(inner):
        words = list(_WORD.finditer(inner, floor, colon.start()))[-_ALIAS_WORDS:]
        for word in words:
            start = word.start() + len(word.group()) - len(word.group().lstrip("\"'“‘,;/|+&"))
            exchanges = _exchanges(inner[start : colon.start()], book)
            if exchanges:
                yield start, colon.end(), exchanges
                break
        floor = colon.end()


def _exchanges(printed: str, book: ExchangeBook) -> tuple[tuple[Exchange, ...], ...]:
    whole = book.named(printed)
    if whole:
        return (whole,)
    parts = [book.named(part) for part in _EXCHANGE_LIST.split(printed)]
    return tuple(parts) if len(parts) > 1 and all(parts) else ()


def _symbols(
    inner: str,
    place: int,
    end: int,
    exchanges: tuple[tuple[Exchange, ...], ...],
    book: ExchangeBook,
) -> Iterator[Cited]:
    small_print = inner[:place].rstrip(" :：∶").islower() or not inner[place : place + 1].isspace()
    while match := _SYMBOL.match(inner, place, end):
        start, stop = match.span("symbol")
        printed = match.group("symbol")
        separator = _SEPARATOR.match(inner, match.end(), end)
        rest = "" if separator else inner[match.end() : end]
        if not _may_be_symbol(printed, rest, book, small_print=small_print):
            return
        fits = [book.symbol(names, printed) for names in exchanges]
        if "/" in printed and not any(symbol for symbol, _ in fits):
            # Not a class share but a list: (NASDAQ: GOOG/GOOGL).
            stop, printed = start + printed.index("/"), printed[: printed.index("/")]
            fits = [book.symbol(names, printed) for names in exchanges]
            separator = _SEPARATOR.match(inner, stop, end)
        if not any(symbol for symbol, _ in fits):
            return
        yield from (Cited(symbol, code, start, stop) for symbol, code in fits if symbol)
        if not separator:
            return
        place = separator.end()


def _may_be_symbol(printed: str, rest: str, book: ExchangeBook, *, small_print: bool) -> bool:
    """Tell "(Nasdaq: META, up 2%)" from "(Nasdaq: up 2%)" and "(NYSE: closed)"."""
    word = printed.casefold().rstrip(".")
    if word in book.market_talk and (printed.upper() != printed or _NOT_A_LIST.match(rest)):
        return False
    if len(printed) == 1 and rest.strip()[:1].islower():
        return False  # (NYSE: A record day)
    letters = [character for character in printed if character.isalpha()]
    if all(character.isupper() for character in letters) and (
        letters or not _is_a_figure(printed, rest)
    ):
        return True
    if letters[:1] and printed[:1].isupper() and printed[:-1].isupper():
        return True  # BRK.b, BRKb
    return small_print and printed.islower() and not rest.strip()


def _is_a_figure(printed: str, rest: str) -> bool:
    """Tell "(KRX: 1.2%)" and "(HKEX: 25,000 points)" from "(HKEX: 0700)"."""
    return "." in printed.rstrip(".") or rest.lstrip()[:1] in {"%", "$", "€"}


def _without_colon(inner: str, book: ExchangeBook) -> Iterator[Cited]:
    if match := _SUFFIXED.fullmatch(inner):
        symbol, suffix = match.groups()
        exchange = book.by_suffix.get(suffix)
        long_enough = len(symbol) >= _SHORTEST_BEFORE_A_LETTER or len(suffix) > 1
        if exchange and long_enough and (normalised := exchange.normalise(symbol)):
            yield Cited(normalised, exchange.code, match.start(1), match.end(2), "exchange_suffix")
    elif match := _BARE_PAIR.fullmatch(inner):
        exchanges = book.named(match.group("exchange"))
        printed = match.group("symbol")
        if match.group("exchange").isupper() and printed.casefold() not in book.market_talk:
            symbol, code = book.symbol(exchanges, printed)
            if symbol:
                yield Cited(symbol, code, *match.span("symbol"))
