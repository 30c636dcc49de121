"""Reduces text to lower-case words and blanks, character for character.

Names are looked for between blanks, so every match is one of whole words, whatever the punctuation:
"L'Oréal" and "dell’Enel" are ``l oréal`` and ``dell enel``. Accents stay: "metà" is not Meta.
"""

import re

from tasks.articles.errors import KnowledgeError


def _byte(code: int) -> int:
    lower = chr(code).lower()
    return ord(lower) if chr(code).isalnum() or lower == "&" else ord(" ")


_TABLE = bytes(map(_byte, range(256)))


def folded(text: str) -> str:
    """Return the text in small letters, with a blank for each other sign but ``&``; same length.

    Letters outside Latin-1, which no name here has, are blanks, too: a table of bytes is twenty
    times as fast as one of characters.
    """
    return text.encode("latin-1", "replace").translate(_TABLE).decode("latin-1")


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
