"""Layer: crypto pairs in prose, ``BTC/USD``; and what is known about coins and money.

The knowledge is ``coins.toml``.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.tagging.tickers.evidence import Reading, Sighting, sighting

DATA = Path(__file__).parent / "coins.toml"
_PAIR = re.compile(
    r"(?<![\w/$.-])(?P<coin>[A-Z0-9]{2,10})(?P<mark>[/-]?)(?P<quote>[A-Z]{3,4})(?![\w/-])"
)


@dataclass(frozen=True, slots=True)
class CoinBook:
    """Coins, the money they are quoted in, and capitals that are money, not cashtags."""

    coins: frozenset[str]
    quotes: frozenset[str]
    not_cashtags: frozenset[str]

    def of_pair(self, printed: str) -> str:
        """Return the coin of ``BTC/USD``, ``BTC-USD`` or ``BTCUSD``, or ""."""
        for quote in self.quotes:
            coin = printed.removesuffix(quote)
            if coin != printed and coin.rstrip("/-") in self.coins:
                return coin.rstrip("/-")
        return ""

    def is_money_pair(self, printed: str) -> bool:
        """Tell whether this is a currency pair such as ``EUR/USD``."""
        first, slash, second = printed.partition("/")
        return bool(slash) and second in (self.quotes | self.not_cashtags) and len(first) > 1


@cache
def load_coins(path: Path = DATA) -> CoinBook:
    """Read the coins. Raises OSError or tomllib.TOMLDecodeError for an unusable file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    coins, quotes, others = (
        frozenset(data[key].split()) for key in ("coins", "quotes", "not_cashtags")
    )
    return CoinBook(coins, quotes, others)


def pairs(reading: Reading, _: Sequence[Sighting], coins: CoinBook) -> Iterator[Sighting]:
    """Yield a sighting on CRYPTO for each pair of a known coin and a quote, in title and text."""
    article = reading.article
    for field, body in (("title", article.title), ("text", article.text)):
        if not any(quote in body for quote in coins.quotes):
            continue
        for match in _PAIR.finditer(body):
            coin = coins.of_pair(match.group())
            if coin:
                span = (field, match.start(), match.start() + len(coin))
                yield sighting(coin, "CRYPTO", "crypto_pair", span, reading)
