"""Finds tickers in brackets without an exchange: ``Apple (AAPL)``, ``Tesla (TSLA -3%)``.

``Apple (AAPL Stock)`` is one, too. A capitalised name must stand directly before the bracket, and
what is in it must not be a known abbreviation nor the initials of what stands before. The knowledge
is ``abbreviations.toml``.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from tasks.tagging.tickers.citations import Citation, Cited, without_links
from tasks.tagging.tickers.coins import CoinBook
from tasks.tagging.tickers.exchanges import alias_key
from tasks.tagging.tickers.names import LearntName, NameBook, name_before

DATA = Path(__file__).parent / "abbreviations.toml"
OF_A_COMPANY = 0.9  # confidence when a legal form stands in the name: Walmart Inc. (WMT)
_BRACKET = re.compile(r"[(\[（](\s*\$?[A-Z][^()\[\]（）]{0,60})[)\]）]")
_CHANGE = r"(?:,?\s*[+−–▲▼-]?\s?\d{1,4}(?:[.,]\d{1,3})?\s?%)"
_ITEM = rf"\s*\$?[A-Z]{{1,5}}(?:[.-][A-Z])?(?:\s(?:[Ss]tock|[Ss]hares))?{_CHANGE}?\s*"
_ITEMS = re.compile(rf"{_ITEM}(?:[,;/]{_ITEM}){{0,4}}")
_SYMBOL = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z])?(?![^\W_])")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_BRACKETS = 3_000  # read of one text
_WINDOW = 120  # characters before the bracket in which its initials may stand
_MOST_WORDS = 10
_SMALL_WORD = 3  # letters of a word that initials may pass over: "of", "and", "Per"


@dataclass(frozen=True, slots=True)
class AbbreviationBook:
    """Capitals that are no tickers, and companies whose ticker is made of their initials."""

    words: frozenset[str]
    local: Mapping[str, frozenset[str]]  # by language: provinces and states
    companies: Mapping[str, str]  # name, as ``alias_key`` writes it -> ticker


@cache
def load_abbreviations(path: Path = DATA) -> AbbreviationBook:
    """Read the abbreviations. Raises OSError or tomllib.TOMLDecodeError for an unusable file."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    words = frozenset(word for kind in data["words"].values() for word in kind.split())
    local = {language: frozenset(kind.split()) for language, kind in data["local"].items()}
    return AbbreviationBook(words, local, {alias_key(k): v for k, v in data["companies"].items()})


@dataclass(frozen=True, slots=True)
class PlainBrackets:
    """Reads brackets without an exchange."""

    names: NameBook
    abbreviations: AbbreviationBook
    coins: CoinBook

    def find(self, text: str, supported: frozenset[str], language: str = "") -> list[Citation]:
        """Return the citations of a text; ``supported`` symbols are known from other evidence."""
        places = self.abbreviations.local.get(language, frozenset())
        if text.isupper():
            return []
        plain = without_links(text)
        likely = (b for b in _BRACKET.finditer(plain) if _ITEMS.fullmatch(b.group(1)))
        return [
            Citation(bracket.start(), bracket.end(), cited)
            for bracket in islice(likely, _MOST_BRACKETS)
            if bracket.group(1).strip() not in places - supported
            and (cited := self._cited(plain, bracket, supported))
        ]

    def _cited(
        self, text: str, bracket: re.Match[str], supported: frozenset[str]
    ) -> tuple[Cited, ...]:
        start, end = bracket.span(1)
        printed = list(_SYMBOL.finditer(text, start, end))
        name = name_before(text, bracket.start(), printed[0].group(), self.names)
        if name is None:
            return ()
        has_change = "%" in bracket.group(1)
        before = text[max(0, bracket.start() - _WINDOW) : bracket.start()]
        for match in printed:
            symbol = match.group().replace(".", "-")
            if symbol not in supported and not self._may_be(
                symbol, name, before, has_change=has_change
            ):
                return ()
        return tuple(self._one(match, name) for match in printed)

    def _one(self, match: re.Match[str], name: LearntName) -> Cited:
        symbol = match.group().replace(".", "-")
        is_coin = symbol in self.coins.coins and not name.is_company
        return Cited(
            symbol=symbol,
            exchange="CRYPTO" if is_coin else "",
            start=match.start(),
            end=match.end(),
            kind="plain_bracket",
            confidence=OF_A_COMPANY if name.is_company else None,
        )

    def _may_be(self, symbol: str, name: LearntName, before: str, *, has_change: bool) -> bool:
        if self.abbreviations.companies.get(self._key(name)) == symbol:
            return True
        if len(symbol) == 1:
            likely = symbol not in self.abbreviations.words and symbol in "".join(name.spellings)
            return likely or has_change or name.is_company
        if symbol in self.abbreviations.words:
            return False
        return has_change or not is_initials(symbol, before)

    def _key(self, name: LearntName) -> str:
        return alias_key(name.spellings[-1]) if name.spellings else ""


def is_initials(symbol: str, before: str) -> bool:
    """Tell whether the text before ends in words that begin with the symbol's letters.

    Small words count or are passed over: "Ministero dell'Economia e delle Finanze" is MEF.
    """
    words = _WORD.findall(before)[-_MOST_WORDS:]
    return len(symbol) > 1 and _spelt(symbol.replace("-", "").casefold(), words)


def _spelt(letters: str, words: Sequence[str]) -> bool:
    if not letters:
        return True
    if not words:
        return False
    last = words[-1]
    if last[0].casefold() == letters[-1] and _spelt(letters[:-1], words[:-1]):
        return True
    return (last.islower() or len(last) <= _SMALL_WORD) and _spelt(letters, words[:-1])
