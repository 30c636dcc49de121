"""Reads the company's name that stands directly before its exchange bracket.

"Google Cloud di Alphabet (NASDAQ:GOOG)" gives Alphabet, "Clorox Company (NYSE:CLX)" gives Clorox
Company and Clorox. The word lists are ``names.toml``.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.tagging.tickers.exchanges import alias_key

DATA = Path(__file__).parent / "names.toml"
_WINDOW = 120  # characters before the bracket that may hold the name
_MOST_WORDS = 8
_LITTLE = 2  # letters of what is no legal form when printed small: "a", "as", "se" are words
_SHORTEST_WORD = 4  # letters of a first word that may stand for the whole name
_CONNECTORS = frozenset(
    {"of", "and", "&", "y", "e", "et", "und", "di", "de", "del", "della", "dei", "du", "do", "da"}
    | {"the", "van", "von", "la", "le"}
)
_CUTS = ("\n", "--", "—")  # no name reaches across: "Texas--(BUSINESS WIRE)--Acme, Inc."
_TOKEN = re.compile(r"\S+")
_ELISION = re.compile(r"^(?:l|d|dell|all|dall|nell|sull|un|qu)['’](?=\w)")
_POSSESSIVE = re.compile(r"['’]s?$")
_OPENING = "\"“”«‘'([*_"
_CLOSING = "\"“”»’'*_"


@dataclass(frozen=True, slots=True)
class NameBook:
    """Words that end, follow or spoil a company's name; all as ``alias_key`` writes them."""

    legal_forms: frozenset[str]
    boundaries: frozenset[str]
    generic: frozenset[str]
    heads: frozenset[str]
    not_bare_symbols: frozenset[str]
    sure_forms: frozenset[str]  # legal forms that only companies have
    not_defined: frozenset[str]  # what a definition calls the company without being its name
    places: frozenset[str]  # a company may stand after them
    persons: frozenset[str]  # first names and titles: what follows them is a person's name


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        return alias_key(self.text)


@dataclass(frozen=True, slots=True)
class LearntName:
    """A name as printed, and the shorter spellings that may stand for it, the longest first."""

    spellings: tuple[str, ...]
    first_word: str  # stands for the name only when the article gives no reason against; or ""
    start: int  # where the name stands in the text
    is_company: bool  # its legal form says so: Inc, S.p.A.


@cache
def load_names(path: Path = DATA) -> NameBook:
    """Read the word lists. Raises OSError or tomllib.TOMLDecodeError for an unusable file."""
    data: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    legal, boundaries, generic, heads, sure, not_defined, places, persons = (
        frozenset(map(alias_key, data[key].split()))
        for key in (
            *("legal_forms", "boundaries", "generic", "heads"),
            *("sure_forms", "not_defined", "places", "persons"),
        )
    )
    bare = frozenset(data["not_bare_symbols"].split())
    return NameBook(legal, boundaries, generic, heads, bare, sure, not_defined, places, persons)


def name_before(text: str, bracket_start: int, symbol: str, book: NameBook) -> LearntName | None:
    """Return the name that ends right before this offset, or None when no name stands there."""
    words = _name_words(text, bracket_start, book)
    short = _without_legal_forms(words, book)
    if not short:
        return None
    by_initial = [word for word in short if alias_key(word.text)[:1] == symbol[:1].casefold()]
    core = short[short.index(by_initial[0]) :] if by_initial else short
    spellings = dict.fromkeys(
        text[some[0].start : some[-1].end] for some in (words, short, core) if some
    )
    return LearntName(
        spellings=tuple(name for name in spellings if _may_stand(name, book)),
        first_word=_first_word(core, book),
        start=words[0].start,
        is_company=words[-1].key in book.sure_forms,
    )


def _may_stand(name: str, book: NameBook) -> bool:
    if alias_key(name) in book.not_defined:
        return False  # "the ETF (ARCA:SCHD)" does not make ETF its name
    letters = sum(character.isalnum() for character in name)
    return letters >= _SHORTEST_WORD or (letters > 1 and name.isupper())


def _first_word(core: Sequence[_Word], book: NameBook) -> str:
    first = core[0]
    long_enough = sum(character.isalpha() for character in first.text) >= _SHORTEST_WORD
    alone = len(core) == 1
    unfit = book.not_defined if alone else book.generic
    return first.text if long_enough and first.key not in unfit else ""


def _name_words(text: str, end: int, book: NameBook) -> list[_Word]:
    floor = max(0, end - _WINDOW)
    cuts = [(text.rfind(sign, floor, end), len(sign)) for sign in _CUTS]
    window_start = max((place + size for place, size in cuts if place >= 0), default=floor)
    window = text[window_start:end].rstrip().rstrip(_CLOSING + ",").rstrip()
    parts = window.rsplit(None, _MOST_WORDS + 1)
    skipped = len(parts[0]) if len(parts) > _MOST_WORDS + 1 else 0
    tokens = [
        _Word(match.group(), match.start() + window_start, match.end() + window_start)
        for match in _TOKEN.finditer(window, skipped)
    ]
    if not skipped and window_start == floor > 0 and not text[floor - 1].isspace():
        tokens = tokens[1:]  # the window cut it
    name = list(_backwards(tokens, book))[::-1]
    while name and (name[0].key in _CONNECTORS or name[0].text == "&"):
        del name[0]
    return name


def _backwards(tokens: Sequence[_Word], book: NameBook) -> Iterator[_Word]:
    """Yield the name's words from its last to its first."""
    following = ""
    for place in range(len(tokens) - 1, max(-1, len(tokens) - 1 - _MOST_WORDS), -1):
        word, ends_here = _trimmed(
            tokens[place], last=place == len(tokens) - 1, following=following
        )
        if word is None or not _belongs(word, tokens, place, book):
            return
        if following == "" and word.text[-1:] in ".,;:" and word.key not in book.legal_forms:
            return
        yield word
        if ends_here:
            return
        following = word.key if word.key in book.legal_forms else "-"


def _trimmed(token: _Word, *, last: bool, following: str) -> tuple[_Word | None, bool]:
    """Return the word without quotes and elided articles, and whether the name starts with it."""
    text, start, end = token.text, token.start, token.end
    if not last and (_POSSESSIVE.search(text) or text[-1] in ';:)]}!?"”»'):
        return None, True
    if not last and text[-1] == "," and following in {"", "-"}:
        return None, True
    if not last and text[-1] == "." and len(text) > len("Corp.") and text[:-1].isalpha():
        return None, True  # the end of a sentence
    lead = len(text) - len(text.lstrip(_OPENING))
    if elided := _ELISION.match(text[lead:]):
        lead += elided.end()
    tail = len(text) - len(text.rstrip(",")) if not last else 0
    word = _Word(text[lead : len(text) - tail], start + lead, end - tail)
    return (word if word.text else None), lead > 0


def _belongs(word: _Word, tokens: Sequence[_Word], place: int, book: NameBook) -> bool:
    if word.text == "&":
        return place > 0
    if word.text in _CONNECTORS:
        return place > 0 and alias_key(tokens[place - 1].text) in book.heads
    if word.key in book.boundaries and word.key not in book.legal_forms:
        return False
    has_capital = any(character.isupper() for character in word.text)
    return has_capital or (word.key in book.legal_forms and len(word.text) > _LITTLE)


def _without_legal_forms(words: Sequence[_Word], book: NameBook) -> list[_Word]:
    short = list(words)
    while short and (short[-1].key in book.legal_forms or short[-1].text in {"&", "and", "And"}):
        short.pop()
    if short and short[-1].text.endswith(","):
        last = short.pop()
        short.append(_Word(last.text.rstrip(","), last.start, last.end - 1))
    return short
