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
    return _of_choices(choices, opened=True, closed=True)


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


def _of_choices(choices: list[Sequence], *, opened: bool, closed: bool) -> frozenset[str]:
    """Return words for every choice, or none.

    ``opened``: no word runs into the bracket. ``closed``: none goes on behind it.
    """
    found = [_of_sequence(choice, opened=opened, closed=closed) for choice in choices]
    return frozenset().union(*found) if all(found) else frozenset()


def _of_sequence(parts: Sequence, *, opened: bool, closed: bool) -> frozenset[str]:
    """Return the words of that part whose shortest word is the longest: the rarest, most likely."""
    found = []
    for place, part in enumerate(parts):
        after = parts[place + 1] if place + 1 < len(parts) else None
        if isinstance(part, list):
            is_closed = closed if after is None else isinstance(after, str) and after[0] == " "
            before = parts[place - 1] if place else None
            is_opened = opened if before is None else _ends_word(before)
            found.append(_of_choices(part, opened=is_opened, closed=is_closed))
        elif not _WILD.match(part):
            before = parts[place - 1] if place else None
            is_opened = opened if before is None else _ends_word(before)
            found.append(_whole_words(part, opened=is_opened, closed=closed and after is None))
    return max(found, key=lambda words: min(map(len, words), default=0), default=frozenset())


def _ends_word(before: Part) -> bool:
    """Tell that no word of what stands before can run into what follows."""
    if not isinstance(before, str):
        return False
    return before.startswith("*") or not (before[-1].isalnum() or before[-1] in "#}")


def _whole_words(text: str, *, opened: bool, closed: bool) -> frozenset[str]:
    """Return the longest word of a text that goes on neither before nor after it."""
    words = [
        match.group()
        for match in _WORD.finditer(text)
        if (match.end() < len(text) or closed) and (match.start() or opened)
    ]
    return frozenset([max(words, key=len)]) if words else frozenset()
