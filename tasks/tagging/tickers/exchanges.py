"""The exchanges as the press prints them, and what a symbol looks like on each.

The knowledge is ``exchanges.toml``; this reads it once and answers questions about it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

DATA = Path(__file__).parent / "exchanges.toml"
_HONG_KONG_DIGITS = 4  # HKEX pads to at least four: 700 is 0700


@dataclass(frozen=True, slots=True)
class Exchange:
    """A place where securities trade, under one shape of symbols."""

    code: str
    mic: str  # ISO 10383; "" for coins
    country: str  # ISO 3166-1; "" for coins
    places: tuple[str, ...]  # words of an English article that is about this market
    language: str  # ISO 639-1, in which a symbol alone means this exchange; "" for none
    kind: str  # stock, otc or crypto
    market: str  # symbols are unique within it
    shape: re.Pattern[str]
    aliases: tuple[str, ...]
    suffixes: tuple[str, ...]
    examples: Mapping[str, str]  # printed -> normalised

    def normalise(self, printed: str) -> str:
        """Return the symbol as stored, or "" when nothing here is called so.

        Capitals; a class after a dash (``BRK.B`` is ``BRK-B``); Hong Kong numbers of four digits.
        """
        symbol = unicodedata.normalize("NFKC", printed).upper().strip()
        if not self.shape.fullmatch(symbol):
            return ""
        symbol = re.sub(r"[./ ]+", "-", symbol.rstrip("."))
        if self.code == "HKEX":
            symbol = symbol.lstrip("0").zfill(_HONG_KONG_DIGITS)
        return symbol


@dataclass(frozen=True, slots=True)
class ExchangeBook:
    """Every exchange, by printed alias and by printed suffix."""

    exchanges: tuple[Exchange, ...]
    by_alias: Mapping[str, tuple[Exchange, ...]]
    by_suffix: Mapping[str, Exchange]
    by_code: Mapping[str, Exchange]
    market_talk: frozenset[str]  # casefolded words that small print never means as symbols
    words_too: frozenset[str]  # aliases that are no exchange in small letters
    never: frozenset[str]  # capitals that are never symbols
    _places: AhoCorasick
    _codes: tuple[str, ...]  # by number of the place

    def named(self, printed: str) -> tuple[Exchange, ...]:
        """Return the exchanges that this alias may mean, the likelier first; () for none."""
        if printed.strip() in self.words_too:
            return ()
        return self.by_alias.get(alias_key(printed), ())

    def symbol(self, exchanges: Sequence[Exchange], printed: str) -> tuple[str, str]:
        """Return (symbol, exchange code) on the first of these whose shape fits, or ("", "")."""
        if printed.upper() in self.never:
            return "", ""
        for exchange in exchanges:
            if symbol := exchange.normalise(printed):
                return symbol, exchange.code
        return "", ""

    def spoken_of(self, text: str) -> frozenset[str]:
        """Return the codes of the exchanges whose places an English text names."""
        found = self._places.find_matches_as_indexes(text, overlapping=True)
        return frozenset(self._codes[number] for number, _, _ in found)

    def market(self, code: str) -> str:
        """Return the market of an exchange's code; the code itself for one we do not know."""
        exchange = self.by_code.get(code)
        return exchange.market if exchange else code


@lru_cache(maxsize=8192)  # the same few words and exchanges, over and over
def alias_key(printed: str) -> str:
    """Return an alias without case, accents, spaces and punctuation: ``TSX-V`` is ``tsxv``."""
    plain = unicodedata.normalize("NFKD", printed).casefold()
    return "".join(character for character in plain if character.isalnum())


@cache
def load_exchanges(path: Path = DATA) -> ExchangeBook:
    """Read the exchanges. Raises OSError or tomllib.TOMLDecodeError for an unusable file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    shapes = {name: re.compile(shape) for name, shape in data["shapes"].items()}
    exchanges = tuple(
        Exchange(
            code=entry["code"],
            mic=entry["mic"],
            country=entry["country"],
            places=tuple(entry.get("places", ())),
            language=entry.get("language", ""),
            kind=entry["kind"],
            market=entry["market"],
            shape=shapes[entry["shape"]],
            aliases=tuple(entry["aliases"]),
            suffixes=tuple(entry["suffixes"]),
            examples=entry["examples"],
        )
        for entry in data["exchange"]
    )
    return _indexed(exchanges, data["words"])


def _indexed(exchanges: tuple[Exchange, ...], words: Mapping[str, str]) -> ExchangeBook:
    by_alias: dict[str, tuple[Exchange, ...]] = {}
    for exchange in exchanges:
        for key in dict.fromkeys(map(alias_key, exchange.aliases)):
            by_alias[key] = (*by_alias.get(key, ()), exchange)
    places = [(place, exchange.code) for exchange in exchanges for place in exchange.places]
    return ExchangeBook(
        exchanges=exchanges,
        by_alias=by_alias,
        by_suffix={suffix: ex for ex in reversed(exchanges) for suffix in ex.suffixes},
        by_code={exchange.code: exchange for exchange in exchanges},
        market_talk=frozenset(words["market_talk"].split()),
        words_too=frozenset(words["words_too"].split()),
        never=frozenset(words["never"].split()),
        _places=AhoCorasick([place for place, _ in places]),
        _codes=tuple(code for _, code in places),
    )
