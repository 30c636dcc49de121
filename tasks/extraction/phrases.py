"""Phrases as a person writes them in the boilerplate files, turned into expressions.

``*`` stands for anything up to 200 characters, ``**`` up to 800, and no word runs from it into
what follows; ``(a|b)`` for either, ``(a|)`` for an optional part, ``#`` for a number, ``{Name}``
for one to four words with capitals, ``{Person}`` for two to four, ``{author}`` for one of the
article's authors. A sign that is meant itself has a backslash before it. Capitals, accents and the
kind of quotation mark do not count. A phrase is a whole line; what closes it (a full stop, an
arrow, a bracket) may follow.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tasks.extraction.characters import clean_line, is_eastern
from tasks.extraction.needed import needed_words

AUTHOR = "\x02"  # what stands for an author's name in a line that is compared
_NAME = r"(?-i:[A-Z0-9][\w.&'-]*(?: (?:(?:of|de|di|del|della|and|e|y) )?[A-Z0-9][\w.&'-]*){0,3})"
_PERSON = r"(?-i:[A-Z][\w.'-]*(?: (?:(?:of|de|di|del|della|von|van) )?[A-Z][\w.'-]*){1,3})"
_BLANK = "\x04"
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9]) (?=[a-z0-9])", re.IGNORECASE)
_PARTS = {
    "**": r".{0,800}",
    "*": r".{0,200}",
    "#": r"\d[\d.,]*(?: ?[km]\b)?",
    "(": "(?:",
    "|": "|",
    ")": ")",
    # No blank is needed, but no word goes on; without IGNORECASE it is compiled twice as fast.
    " ": r"(?-i:\s*(?!(?<=[A-Za-z0-9])[A-Za-z0-9]))",
    _BLANK: r"\s+",  # the same between two words, and sooner compiled
    ":": r"\s*:",
    "?": r"\s*\?",
    "{Name}": _NAME,
    "{Person}": _PERSON,
    "{author}": AUTHOR,
}
_WILD = frozenset({"*", "**"})
_LATIN = frozenset(string.ascii_letters)
_NEW_WORD = r"(?a:\b)"  # beside a letter of another script a word begins, too
_ANYTHING = re.compile(r"^(?:\*+|\{name\}|\{person\}|#|\s)+")
_WORD = re.compile(r"[a-z0-9']+")
_PART = "\x03"  # after the beginning of a word that goes on in several ways
_FIRST_WORD = re.compile(r"(?:[^*#{()| :?\\]|\\.)+")
_TOKEN = re.compile(
    r"\*\*|\{Name\}|\{Person\}|\{author\}|\\[()|#*]|[*#()| :?\x04]|[^*#()| :?{\\\x04]+|."
)
_CLOSE = (  # its signs have no capitals: to look for them takes milliseconds for each expression
    r"(?-i:[\s.!?:…<>»›\])'\"“”。」』)】*~=|-"
    r"\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]*$)"
)
_LATIN_END = 0x250  # beyond, marks are letters of their own script and stay
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', ":": ":", "!": "!", "–": "-",
                         "—": "-", "\uff1a": ":", "\uff01": "!", "\u00a0": " "})  # fmt: skip


class _Plain(dict[int, str]):
    """What ``str.translate`` asks for each character: Latin letters lose their accents."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code < _LATIN_END:
            letter = unicodedata.normalize("NFD", letter)[0]
        self[code] = letter
        return letter


_PLAIN = _Plain(_QUOTES)


@lru_cache(maxsize=1024)
def plain(text: str) -> str:
    """Return a text as phrases are compared: no accents, one kind of quotation mark and dash."""
    return text.translate(_PLAIN)


class Choice:
    """Phrases that are tried together, as one expression: made when a line first needs it.

    There are thousands, and a run meets few of them; their expressions are ten times as long.
    """

    __slots__ = ("_pattern", "_phrases")

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = tuple(phrases)
        self._pattern: re.Pattern[str] | None = None

    def matches(self, line: str) -> bool:
        """Tell whether one of them matches the line, which is ``plain`` already."""
        if self._pattern is None:
            either = "|".join(map(expression, self._phrases))
            self._pattern = re.compile(f"(?:{either}){_CLOSE}", re.IGNORECASE)
        return self._pattern.match(line) is not None


@dataclass(frozen=True, slots=True)
class Matcher:
    """Many phrases, of which few are tried on a line.

    Those that start with a whole word, by that word; with a part of one, by its letter; with a
    number, by ``#``; and each of these by the words of which the line needs one, "" where there
    are none. Those that start with anything, by these words alone, and where a word may go on, by
    the letters that it must have; ``eastern`` are those with Japanese or Korean letters.
    """

    by_start: dict[str, dict[str, Choice]]
    by_word: dict[str, Choice]
    anywhere: tuple[tuple[tuple[str, ...], Choice], ...]
    eastern: tuple[tuple[tuple[str, ...], Choice], ...]

    def matches(self, line: str) -> bool:
        """Tell whether a phrase matches the line, which is ``plain`` already, from its start."""
        small, words, is_eastern = _in_words(line)
        for start in (words[0] if words else "", small[:1], "#" if small[:1].isdigit() else ""):
            own = self.by_start.get(start)
            if own is not None and _any_matches(own, words, line):
                return True
        if any(self.by_word[word].matches(line) for word in self.by_word.keys() & words):
            return True
        for parts, choice in self.anywhere + self.eastern if is_eastern else self.anywhere:
            for part in parts:  # one by one: this runs for each line, and generators take longer
                if part in small and choice.matches(line):
                    return True
        return False


def _any_matches(by_word: dict[str, Choice], words: tuple[str, ...], line: str) -> bool:
    if any(by_word[word].matches(line) for word in by_word.keys() & words):
        return True
    return "" in by_word and by_word[""].matches(line)


@lru_cache(maxsize=1024)  # each kind of rule looks at the same lines
def _in_words(line: str) -> tuple[str, tuple[str, ...], bool]:
    """Return a line in small letters, its words, and whether it has an eastern letter.

    After the words stand the parts of those with an apostrophe: "l'articolo" needs no other phrase.
    """
    small = line.casefold()
    words = _WORD.findall(small)
    parts = [part for word in words if "'" in word for part in word.split("'")]
    return small, (*words, *parts), is_eastern(small)


def matcher(phrases: Iterable[str]) -> Matcher:
    """Sort phrases. Raises ValueError for a bracket that is not closed."""
    by_start: dict[str, dict[str, list[str]]] = {}
    by_word: dict[str, list[str]] = {}
    anywhere: list[tuple[tuple[str, ...], Choice]] = []
    eastern: list[tuple[tuple[str, ...], Choice]] = []
    for phrase in phrases:
        _check_brackets(phrase)
        starts = _first_words(phrase)
        words = needed_words(plain(phrase).casefold())
        if "" not in starts:
            for start in {_key(word) for word in starts}:
                for word in words or ("",):
                    by_start.setdefault(start, {}).setdefault(word, []).append(phrase)
        elif words:
            for word in words:
                by_word.setdefault(word, []).append(phrase)
        else:
            bare = _ANYTHING.sub("", plain(phrase).casefold())
            parts = (word.rstrip(_PART) for word in _first_words(bare))
            kind = eastern if is_eastern(phrase) else anywhere
            kind.append((tuple(parts), Choice([phrase])))
    return Matcher(
        {start: _choices(own) for start, own in by_start.items()},
        _choices(by_word),
        tuple(anywhere),
        tuple(eastern),
    )


def _choices(by_word: dict[str, list[str]]) -> dict[str, Choice]:
    return {word: Choice(phrases) for word, phrases in by_word.items()}


def _key(word: str) -> str:
    """Return under what a phrase is kept: its first word where that is whole, else its letter."""
    match = _WORD.match(word)
    return word if match and match.group() == word and len(word) > 1 else word[0]


def expression(phrase: str) -> str:
    """Return a phrase as an expression. Raises ValueError for a bracket that is not closed."""
    _check_brackets(phrase)
    text = _BETWEEN_WORDS.sub(_BLANK, clean_line(plain(phrase)))
    return "".join(_each_part(_TOKEN.findall(text)))


def _each_part(parts: list[str]) -> Iterator[str]:
    """Yield the expression of each part; what follows ``*`` begins a word, if it is one."""
    is_anything, before = False, ""
    opened: list[bool] = []  # for each bracket, whether it follows ``*``
    empty: list[bool] = []  # and whether it may be left out
    for part in parts:
        if part in {"|", ")"} and opened:
            empty[-1] |= before in {"(", "|"}
            is_anything = opened[-1] and (part == "|" or empty[-1])
            if part == ")":
                del opened[-1], empty[-1]
        elif part == "(":
            opened.append(is_anything)
            empty.append(False)
        else:
            if is_anything and part[0] in _LATIN:
                yield _NEW_WORD
            is_anything = part in _WILD
        before = part
        yield _PARTS.get(part) or re.escape(part.removeprefix("\\"))


def _check_brackets(phrase: str) -> None:
    if phrase.count("(") - phrase.count("\\(") != phrase.count(")") - phrase.count("\\)"):
        raise ValueError(f"{phrase!r} opens or closes a bracket too many.")


def _first_words(phrase: str) -> set[str]:
    """Return the words that a phrase may start with; an empty one stands for any."""
    text = plain(phrase).casefold().strip()
    if text.startswith("{author}"):
        return {AUTHOR}
    if text.startswith("#"):
        return {"#"}
    if text.startswith("("):
        choices, rest = _first_group(text)
        return {word for choice in choices for word in _first_words(choice + rest)}
    match = _FIRST_WORD.match(text)
    if not match:
        return {""}
    goes_on = text[match.end() : match.end() + 1] in {"(", "*", "{", "#"}
    return {match.group().replace("\\", "") + (_PART if goes_on else "")}


def _first_group(text: str) -> tuple[list[str], str]:
    """Return the choices of the bracket that a text starts with, and what follows it."""
    depth, choices = 0, [""]
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return choices, text[place + 1 :]
        if char == "|" and depth == 1:
            choices.append("")
        elif place:
            choices[-1] += char
    raise ValueError(f"{text!r} opens a bracket and does not close it.")
