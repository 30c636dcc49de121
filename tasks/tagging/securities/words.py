"""Reduces text to lower-case words and blanks, character for character.

Names are looked for between blanks, so every match is one of whole words, whatever the punctuation:
"L'Oréal" and "dell’Enel" are ``l oréal`` and ``dell enel``. Accents stay: "metà" is not Meta.
"""

import re

from tasks.articles.errors import KnowledgeError


class _Table(dict[int, str]):
    """Says what becomes of each character; worked out once, when it first occurs."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        lower = character.lower()
        kept = character.isalnum() or character == "&"
        self[code] = (lower if len(lower) == 1 else character) if kept else " "
        return self[code]


_TABLE = _Table()


def folded(text: str) -> str:
    """Return the text in small letters, with a blank for each other sign but ``&``; same length."""
    return text.translate(_TABLE)


def words_of(text: str) -> str:
    """Return the text's words, one blank apart and at both ends."""
    return f" {' '.join(folded(text).split())} "


def choices(line: str) -> list[str]:
    """Return every spelling of a phrase, as words: ``shares (of|in)``; choices may be nested."""
    return list(dict.fromkeys(map(words_of, _spelt(line))))


def _spelt(line: str) -> list[str]:
    head, bracket, rest = line.partition("(")
    if not bracket:
        return [line]
    options, tail = _options(rest)
    tails = _spelt(tail)
    return [head + word + end for option in options for word in _spelt(option) for end in tails]


def _options(rest: str) -> tuple[list[str], str]:
    """Split what follows a bracket into the choices in it and what comes after it."""
    depth, start, options = 1, 0, []
    for place, sign in enumerate(rest):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 or (sign == "|" and depth == 1):
            options.append(rest[start:place])
            start = place + 1
        if depth == 0:
            return options, rest[start:]
    raise KnowledgeError(f"{rest!r} has a bracket that is not closed.")


def split_phrases(written: str) -> list[str]:
    """Split a list of phrases at the commas and line ends outside brackets."""
    return [line for line in re.split(r"[,\n](?![^()]*\))", written) if line.strip()]
