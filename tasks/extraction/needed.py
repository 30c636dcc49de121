"""Finds the words of which a line needs one to match a phrase, so that few phrases are tried."""

import re

_WORD = re.compile(r"[a-z0-9']+")
_SIGN = re.compile(r"\\.|\{\w+\}|\*+|[(|)#]|(?:\\(?![()|#*])|[^\\*#(|){])+")
_WILD = re.compile(r"^(?:\*+|#|\{\w+\}|\\.)$")
Part = str | list["Sequence"]  # a text, or the choices of a bracket
Sequence = list[Part]


def needed_words(phrase: str) -> frozenset[str]:
    """Return whole words of which each line that matches has one, the rarest; none where unsure.

    ``phrase`` is written as ``phrases.py`` explains, in small letters without accents.
    """
    choices, _ = _choices(_SIGN.findall(phrase), 0)
    return _of_choices(choices, closed=True)


def _choices(signs: list[str], place: int) -> tuple[list[Sequence], int]:
    """Return what stands between two brackets, choice by choice, and where it ends."""
    choices: list[Sequence] = [[]]
    while place < len(signs):
        sign = signs[place]
        place += 1
        if sign == ")":
            break
        if sign == "(":
            inner, place = _choices(signs, place)
            choices[-1].append(inner)
        elif sign == "|":
            choices.append([])
        else:
            choices[-1].append(sign)
    return choices, place


def _of_choices(choices: list[Sequence], *, closed: bool) -> frozenset[str]:
    """Return words for every choice, or none. ``closed``: no word goes on behind the bracket."""
    found = [_of_sequence(choice, closed=closed) for choice in choices]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_sequence(parts: Sequence, *, closed: bool) -> frozenset[str]:
    """Return the words of that part whose shortest word is the longest: the rarest, most likely."""
    found = []
    for place, part in enumerate(parts):
        after = parts[place + 1] if place + 1 < len(parts) else None
        if isinstance(part, list):
            is_closed = closed if after is None else isinstance(after, str) and after[0] == " "
            found.append(_of_choices(part, closed=is_closed))
        elif not _WILD.match(part):
            before = parts[place - 1] if place else None
            found.append(_whole_words(part, before, is_closed=closed and after is None))
    return max(found, key=lambda words: min(map(len, words), default=0), default=frozenset())


def _whole_words(text: str, before: Part | None, *, is_closed: bool) -> frozenset[str]:
    """Return the longest word of a text that goes on neither before nor after it."""
    goes_on = before is not None and not (isinstance(before, str) and before.startswith("*"))
    words = [
        match.group()
        for match in _WORD.finditer(text)
        if (match.end() < len(text) or is_closed) and (match.start() or not goes_on)
    ]
    return frozenset([max(words, key=len)]) if words else frozenset()
