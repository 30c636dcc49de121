"""Phrases as a person writes them in the boilerplate files, turned into expressions.

``*`` stands for anything up to 200 characters, ``**`` up to 800, ``(a|b)`` for either, ``(a|)`` for
an optional part, ``#`` for a number, ``{Name}`` for one to four words with capitals, ``{Person}``
for two to four, ``{author}`` for one of the article's authors. A sign that is meant itself has a
backslash before it. Capitals, accents and the kind of quotation mark do not count. A phrase is a
whole line; what closes it (a full stop, an arrow, a bracket) may follow.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.extraction.characters import clean_line

_NAME = r"(?-i:[A-Z0-9][\w.&'-]*(?: (?:(?:of|de|di|del|della|and|e|y) )?[A-Z0-9][\w.&'-]*){0,3})"
_PERSON = r"(?-i:[A-Z][\w.'-]*(?: (?:(?:of|de|di|del|della|von|van) )?[A-Z][\w.'-]*){1,3})"
_PARTS = {
    "**": r".{0,800}",
    "*": r".{0,200}",
    "#": r"\d[\d.,]*(?: ?[km]\b)?",
    "(": "(?:",
    "|": "|",
    ")": ")",
    " ": r"\s*(?!(?<=[a-z0-9])[a-z0-9])",  # no blank is needed, but no word goes on
    ":": r"\s*:",
    "?": r"\s*\?",
    "{Name}": _NAME,
    "{Person}": _PERSON,
}
_TOKEN = re.compile(r"\*\*|\{Name\}|\{Person\}|\{author\}|\\[()|#*]|[*#()| :?]|[^*#()| :?{\\]+|.")
_CLOSE = r"[\s.!?:…>»›→\])'\"“”-]*$"
_AUTHORS = "{author}"
_LATIN_END = 0x250  # beyond, marks are letters of their own script and stay
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', ":": ":", "!": "!", "–": "-",
                         "—": "-", "\u00a0": " "})  # fmt: skip


class _Plain(dict[int, str]):
    """What ``str.translate`` asks for each character: Latin letters lose their accents."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code < _LATIN_END:
            letter = unicodedata.normalize("NFD", letter)[0]
        self[code] = letter
        return letter


_PLAIN = _Plain(_QUOTES)


def plain(text: str) -> str:
    """Return a text as phrases are compared: no accents, one kind of quotation mark and dash."""
    return text.translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Matcher:
    """Many phrases as one expression for each first letter, so that few are tried on a line."""

    by_letter: dict[str, re.Pattern[str]]
    anywhere: re.Pattern[str] | None  # phrases that start with anything

    def matches(self, line: str) -> bool:
        """Tell whether a phrase matches the line, which is ``plain`` already, from its start."""
        own = self.by_letter.get(line[:1].casefold())
        if own is not None and own.match(line):
            return True
        return self.anywhere is not None and self.anywhere.match(line) is not None


def matcher(phrases: Iterable[str], authors: Sequence[str] = ()) -> Matcher:
    """Compile phrases; those that name an author need one."""
    by_letter: dict[str, list[str]] = {}
    for phrase in phrases:
        if _AUTHORS in phrase and not authors:
            continue
        source = expression(phrase, authors)
        for letter in _first_letters(phrase):
            by_letter.setdefault(letter, []).append(source)
    compiled = {
        letter: re.compile(f"(?:{'|'.join(sources)}){_CLOSE}", re.IGNORECASE)
        for letter, sources in by_letter.items()
    }
    return Matcher(compiled, compiled.pop("", None))


def expression(phrase: str, authors: Sequence[str] = ()) -> str:
    """Return a phrase as an expression. Raises ValueError for a bracket that is not closed."""
    if phrase.count("(") - phrase.count("\\(") != phrase.count(")") - phrase.count("\\)"):
        raise ValueError(f"{phrase!r} opens or closes a bracket too many.")
    names = "|".join(re.escape(plain(name)) for name in authors)
    special = {**_PARTS, _AUTHORS: f"(?:{names})"}
    tokens = _TOKEN.findall(clean_line(plain(phrase)))
    return "".join(special.get(token) or re.escape(token.removeprefix("\\")) for token in tokens)


def _first_letters(phrase: str) -> set[str]:
    """Return the letters that a phrase may start with; an empty one stands for any."""
    text = plain(phrase).casefold().strip()
    if not text.startswith("("):
        return {"" if text[:1] in "*#{" else text.removeprefix("\\")[:1]}
    choices, rest = _first_group(text)
    return {letter for choice in choices for letter in _first_letters(choice + rest)}


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
