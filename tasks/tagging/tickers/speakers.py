"""Persons who speak for a firm: "Jane Roe of UBS said", "UBS's Jane Roe lifted".

Their words are in the files under ``analysts/``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_SPEECH = 30  # characters before a person and after the firm that say that somebody speaks
_REACH = 80  # characters before a firm in which a person may be named
_NAME = r"[A-ZÀ-Þ][\w’'-]+"


@dataclass(frozen=True, slots=True)
class Speakers:
    """Expressions for who speaks, made of the words of all languages."""

    person: re.Pattern[str]  # "Jane Roe of", "Hans Roth von der": right before a firm
    says: re.Pattern[str]  # quotation marks, or a verb
    own: re.Pattern[str]  # "'s Jane Roe lifted": right after a firm
    second_half: re.Pattern[str]  # ", while": right before the firm of a sentence's second half
    unit: re.Pattern[str]  # " Global Wealth Management": belongs to a firm's name

    def speak_for(self, body: str, start: int, end: int) -> bool:
        """Tell whether a person speaks for the firm that is named at a place of a text."""
        person = self.person.search(body[max(0, start - _REACH) : start])
        if person is None:
            return self.own.match(body, self.whole_name(body, end)) is not None
        says = max(0, start - len(person.group()) - _SPEECH)
        return self.says.search(body, says, end + _SPEECH) is not None

    def begin_half(self, body: str, start: int, end: int) -> bool:
        """Tell the firm of a sentence's second half: ", while UBS went to 30"."""
        goes_on = body[end : end + 2].strip().islower()
        return goes_on and self.second_half.search(body[max(0, start - _REACH) : start]) is not None

    def whole_name(self, body: str, end: int) -> int:
        """Return where a firm's name ends with what belongs to it."""
        unit = self.unit.match(body, end)
        return unit.end() if unit else end


def read_speakers(files: Sequence[Mapping[str, str]]) -> Speakers:
    """Return what the files say of speakers. Words that a language's file leaves out are none."""

    def any_of(key: str) -> str:
        return "|".join(re.escape(word) for file in files for word in _listed(file.get(key, "")))

    return Speakers(
        person=re.compile(
            rf"(?<![^\W\d_]){_NAME}(?:\s[A-Z]\.)?\s(?:(?:de|van|von|di|da|dos|del)\s)?{_NAME}"
            rf",?\s(?:{any_of('person_of')})\s$"
        ),
        says=re.compile(rf"[\"“”„«»]|\b(?:{any_of('says')})\b", re.IGNORECASE),
        own=re.compile(
            rf"['’]s?\s(?:[a-z]+\s){{0,3}}{_NAME}\s{_NAME},?\s(?:{any_of('person_does')})\b"
        ),
        second_half=re.compile(
            rf",\s(?:{any_of('second_half')})\s?(?:(?:{any_of('articles')})\s|l['’])?$"
        ),
        unit=re.compile(rf"(?:\s(?:{any_of('units')}))+(?!\w)"),
    )


def _listed(words: str) -> Iterator[str]:
    return filter(None, map(str.strip, words.split(",")))
