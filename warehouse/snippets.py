"""Shows where words stand in a text: the most telling stretch of it, and the places in that."""

import re
import unicodedata
from dataclasses import dataclass

_LENGTH = 200  # characters of a stretch: two or three lines of a terminal
_LEAD = 40  # of them before the first word found


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and the places in it (start, end) to be highlighted, in order."""

    text: str
    spans: tuple[tuple[int, int], ...]


def words_of(text: str) -> list[str]:
    """Return the words of a text, lower case and without accents, each once, in order."""
    return list(dict.fromkeys(re.findall(r"[^\W_]+", _folded(text))))


def marked(text: str, words: list[str]) -> Marked:
    """Return the whole text with the places where one of the words (of ``words_of``) begins one."""
    found = _pattern(words).finditer(_folded(text)) if words else ()
    return Marked(text, tuple(match.span() for match in found))


def snippet(text: str, words: list[str]) -> Marked:
    """Return the stretch of a text, on one line, that has most of the words, the first of equals.

    About 200 characters, cut between words, with dots where it is cut; its beginning where none
    of the words is there.
    """
    line = " ".join(text.split())
    start, end = _window(line, marked(line, words))
    stretch = ("... " if start else "") + line[start:end] + (" ..." if end < len(line) else "")
    return marked(stretch, words)


def _window(line: str, found: Marked) -> tuple[int, int]:
    folded = _folded(line)
    best, start = 0, 0
    for first, _ in found.spans:
        inside = {
            folded[a:b] for a, b in found.spans if first <= a and b <= first + _LENGTH - _LEAD
        }
        if len(inside) > best:
            best, start = len(inside), first
    start = _word_start(line, start - _LEAD) if start > _LEAD else 0
    end = line.rfind(" ", start, start + _LENGTH) if start + _LENGTH < len(line) else len(line)
    return start, end if end > start else start + _LENGTH


def _word_start(line: str, place: int) -> int:
    space = line.find(" ", place, place + _LEAD)
    return space + 1 if space >= 0 else place


def _pattern(words: list[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    each = (word if _is_unspaced(word) else rf"(?<![^\W_]){word}" for word in longest_first)
    return re.compile("|".join(each))


def _is_unspaced(word: str) -> bool:
    """Whether the word is of a script without spaces between words: Chinese, Japanese, Thai."""
    scripts = ("CJK", "HIRAGANA", "KATAKANA", "THAI")
    return any(unicodedata.name(character, "").startswith(scripts) for character in word)


def _folded(text: str) -> str:
    """Return the text in lower case without accents, character for character."""
    return "".join(unicodedata.normalize("NFKD", character)[0].lower()[0] for character in text)
