"""Tells a line that appeals to the reader ("Try our new digest!") from a line of the story."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tasks.extraction.needed import needed_words
from tasks.extraction.phrases import expression, plain

DATA_FILE = Path(__file__).parent / "appeals.toml"
_LONGEST = 320  # characters of a line that is an appeal
_LEAD = 60  # characters of statements before a call; what is longer is the story's own
_MARKS = re.compile(r'["„«»]')
_STATEMENT = 200  # characters of a statement about the page's own services
_ENDED = re.compile(r"\.(?:\s|$)")
# What somebody said, as a sentence or at the start; the title of a guide has fewer words.
_QUOTED = re.compile(
    r'^\W*["“„«「]|^»[^»]*«|["“„«][^"“”„«»]*\s(?:\S+\s+){5,}[^"“”„«»]*["”“»]|[」』]と'
)
_MONEY = re.compile(
    r"\d[.,]\d{1,2}(?!\d)|\d\s?%|\b(?:million|billion|mln|mld|millones|milioni|miliardi)\b"
)
# The price of an offer, and what is taken off it, are no figures of a story.
_PRICE = re.compile(
    r"[€£$]\s?\d{1,3}(?:[.,]\d\d)?(?!\d|[.,]\d|\s?(?:m|bn|k|mi|b|tr)\b|\s?[a-z]*ll?i)"
    r"|(?<![\d.,])\d{1,3}(?:[.,]\d\d)?\s?(?:€|euros?\b)|\b\d\d?\s?%\s(?:off|discount|di sconto|de "
    r"descuento|de remise|de reduction|rabatt|de desconto)\b",
    re.IGNORECASE,
)
_EASTERN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"\w+")
# What follows a noun, not a call: "Support from the fund", "Download speeds".
_NO_NOUN = (
    r"(?!\s+(?:from|of|is|are|was|were|has|had|will|grew|fell|rose|speeds?|marketing|the course)\b)"
)
# A call stands at a sentence's start, or after the clause or the word that leads up to it.
_START = (
    r"(?:^|[.!?:;…]\s+|,\s+(?:and |e |y |et |und )?|\s-\s)"
    r"(?:(?:please|bitte|jetzt|dann|also|puis|alors|agora|entao)\s+)?"
)


@dataclass(frozen=True, slots=True)
class _Appeals:
    """How one language appeals: the words of which each appeal has one, and its expressions."""

    words: frozenset[str]
    calls: re.Pattern[str]
    things: re.Pattern[str]
    offers: re.Pattern[str]
    orders: re.Pattern[str]
    ours: re.Pattern[str]
    acts: re.Pattern[str]
    wares: re.Pattern[str]
    yours: re.Pattern[str]
    services: re.Pattern[str]
    we: re.Pattern[str]
    house: re.Pattern[str]

    def call(self, text: str) -> bool:
        """Tell a call to the reader in a plain text, with what only a publisher offers."""
        return (
            _stands_early(self.offers, text)
            or (_stands_early(self.calls, text) and self.things.search(text) is not None)
            or (_stands_early(self.orders, text) and self.ours.search(text) is not None)
            or (_stands_early(self.acts, text) and self.wares.search(text) is not None)
        )

    def is_between_us(self, text: str) -> bool:
        """Tell a short statement that speaks of the page's own services, to "you" or as "we".

        A question is none: it may be an interviewer's; nor is a line with words in quotation marks.
        """
        if len(text) > _STATEMENT or text.endswith("?") or _MARKS.search(text):
            return False
        to_you = self.yours.search(text) is not None and _stands_early(self.services, text)
        return to_you or (self.we.search(text) is not None and _stands_early(self.house, text))


def is_appeal(line: str) -> bool:
    """Tell a short line with a call to the reader and what only a publisher offers.

    A line that speaks to the reader ("you", "your") of an offer with its terms is one too, and an
    order in a form that only orders have, with a word for what is the publisher's own ("our"), or a
    short statement of the page's own services. A line with a quotation, or with the figures of a
    story, is none.
    """
    if len(line) > _LONGEST or _QUOTED.search(line):
        return False
    text = plain(line)
    if _EASTERN.search(text):
        return not _MONEY.search(text) and any(
            ends.search(text) and things.search(text) for ends, things in _endings()
        )
    words = set(_WORD.findall(text.casefold()))
    if words.isdisjoint(_words()) or _MONEY.search(_PRICE.sub("", text)):
        return False
    return any(
        not words.isdisjoint(said.words) and (said.call(text) or said.is_between_us(text))
        for said in _appeals()
    )


def _stands_early(said: re.Pattern[str], text: str) -> bool:
    """Tell a line with such words, unless a whole paragraph of statements stands before them."""
    match = said.search(text)
    if match is None:
        return False
    return match.start() < _LEAD or _ENDED.search(text, 0, match.start() + 1) is None


def _needed(call: str) -> frozenset[str]:
    """Return words of which each line with this call has one: not "no" of "no te pierdas"."""
    small = plain(call).casefold()
    words = needed_words(small) or {small}
    return frozenset(max(_WORD.findall(word), key=len) for word in words)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    """Return the words of which a line has one that may appeal, in any language."""
    return frozenset(word for said in _appeals() for word in said.words)


@lru_cache(maxsize=1)
def _appeals() -> list[_Appeals]:
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return [
        _Appeals(
            words=frozenset(
                word
                for key in ("calls", "address", "orders", "wares", "yours", "we")
                for said_so in said.get(key, ())
                for word in _needed(said_so)
            ),
            calls=_start(said["calls"]),
            things=re.compile(rf"\b(?:{_any(said['things'])})\w*", re.IGNORECASE),
            offers=re.compile(
                rf"(?<!\w)(?:{_with_capital(_any(said['offers']))})(?!\w)", re.IGNORECASE
            ),
            orders=_start(said.get("orders", ())),
            ours=_whole(said.get("ours", ())),
            acts=_start([*said.get("acts", ()), *said["calls"]]),
            wares=_whole(said.get("wares", ())),
            yours=_exactly(said.get("yours", ())),
            services=_within_words(said.get("services", ())),
            we=_whole(said.get("we", ())),
            house=_within_words(said.get("house", ())),
        )
        for said in data.values()
        if "calls" in said
    ]


def _start(calls: Sequence[str]) -> re.Pattern[str]:
    """Return what tells a call at a sentence's start."""
    return re.compile(rf"{_START}(?:{_with_capital(_any(calls))})\b{_NO_NOUN}", re.IGNORECASE)


def _with_capital(source: str) -> str:
    """Let "Sie" and "Ihnen" be the reader only: without the capital they are others."""
    return source.replace("Sie", "(?-i:Sie)").replace("Ihnen", "(?-i:Ihnen)")


def _exactly(words: Sequence[str]) -> re.Pattern[str]:
    """Return an expression for whole words as they are written; a capital starts no sentence."""
    capital = "|".join(word for word in words if word[0].isupper())
    small = "|".join(word for word in words if word[0].islower())
    return re.compile(rf"(?<=[a-z0-9,] )(?:{capital or '(?!)'})\b|\b(?:{small or '(?!)'})\b")


def _within_words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any(words)})", re.IGNORECASE)


def _whole(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any(words)})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _endings() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return calls and things of languages that write without blanks or call at the end."""
    data = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
    return [
        (
            re.compile(rf"(?:{_any(said['ends'])})[^\w」』]*$", re.IGNORECASE),
            re.compile(_any(said["things"]), re.IGNORECASE),
        )
        for said in data.values()
        if "ends" in said
    ]


def _any(words: Sequence[str]) -> str:
    """Return an expression for any of these phrases, the longest first; of none, for nothing."""
    longest_first = sorted(map(plain, words), key=len, reverse=True)
    either = "|".join(expression(word).replace(r"\.\.\.", ".{0,40}") for word in longest_first)
    return either or r"(?!)"
