"""Layer: what the publisher itself declares, as mark-up in the page or a field of its list."""

import re
from collections.abc import Iterator, Sequence

from tasks.articles.records import Mention
from tasks.tagging.tickers.coins import CoinBook
from tasks.tagging.tickers.evidence import CONFIDENCE, Reading, Sighting
from tasks.tagging.tickers.exchanges import ExchangeBook

_BARE = re.compile(r"[A-Z]{1,6}(?:[./-][A-Z]{1,2})?")
_SUFFIXED = re.compile(r"([A-Z0-9]{1,10}(?:-[A-Z])?)\.([A-Z]{1,3})")
_CLASS_LETTERS = frozenset("ABCDKU")  # BRK.A is a class, BP.L a place


def declared(
    reading: Reading, _: Sequence[Sighting], book: ExchangeBook, coins: CoinBook
) -> Iterator[Sighting]:
    """Yield a sighting for every declared ticker that can be one; others are left out.

    Currency pairs, indices and futures (``EUR/USD``, ``^GSPC``, ``CL=F``) are no securities.
    """
    for printed in dict.fromkeys(reading.article.publisher_tickers):
        symbol, exchange = read_declared(printed, book, coins)
        if symbol:
            mention = Mention(field="markup", start=0, end=0, text=printed, evidence="markup")
            yield Sighting(symbol, exchange, mention, CONFIDENCE["markup"])


def read_declared(printed: str, book: ExchangeBook, coins: CoinBook) -> tuple[str, str]:
    """Return (symbol, exchange code or "") of ``NASDAQ:META`` or ``META``, or ("", "")."""
    place, colon, symbol = printed.strip().rpartition(":")
    symbol = symbol.strip().lstrip("$").upper()
    coin = coins.of_pair(symbol)
    if coin:
        return coin, "CRYPTO"
    if colon and (exchanges := book.named(place)):
        return book.symbol(exchanges, symbol)
    if colon or symbol in book.never or coins.is_money_pair(symbol):
        return "", ""
    if (match := _SUFFIXED.fullmatch(symbol)) and match.group(2) not in _CLASS_LETTERS:
        place_of_suffix = book.by_suffix.get(match.group(2))
        if place_of_suffix and (normalised := place_of_suffix.normalise(match.group(1))):
            return normalised, place_of_suffix.code
    if _BARE.fullmatch(symbol):
        return re.sub(r"[./]", "-", symbol), ""
    return "", ""
