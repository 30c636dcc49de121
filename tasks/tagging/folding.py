"""Folds text so that phrases match whatever their case, accents, punctuation and spacing.

The result is lower-case words without accents, one blank apart, with one at either end; the end of
a sentence, line or cell is a ``.`` of its own, so that no phrase reaches across it. A percentage is
a word of its own, ``%``, whatever its number and sign. Japanese, Chinese and Korean characters are
a word each: nothing but a dictionary could tell where their words end.
"""

import re
import unicodedata
from functools import lru_cache

_SENTENCE_ENDS = ".!?;:\n|…。！？：；"
_WORD_SIGNS = "&"  # S&P, M&A, R&D
# Full stops inside what is one word; the rest end something.
_ABBREVIATIONS = (
    ("u.s.", "us"),
    ("u.k.", "uk"),
    ("e.u.", "eu"),
    ("s.p.a.", "spa"),
    ("s.a.", "sa"),
    ("vs.", "vs"),
    ("ee.uu.", "eeuu"),
    ("ee. uu.", "eeuu"),
    ("inc.", "inc"),
    ("corp.", "corp"),
    ("co.", "co"),
    ("ltd.", "ltd"),
)
_SPELLED_OUT = re.compile(r" p(?:er ?cento?|or c(?:iento|ento)|rozent|our cent)\b")
_SPELLED_OUT_IN_SIGNS = tuple(
    unicodedata.normalize("NFKD", word) for word in ("パーセント", "퍼센트")
)
_NUMBER_SIGNS = "0123456789.,+-\N{MINUS SIGN}"
_VOICING = ("\u3099", "\u309a")  # marks that make another kana, not an accent
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3])")


_NOT_ASCII = re.compile(r"[^\x00-\x7f]{1,8}")


class _Table(dict[int, str]):
    """Says what becomes of each character; worked out once, when it first occurs."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.combining(character) and character not in _VOICING:
            folded = ""
        elif character in _SENTENCE_ENDS:
            folded = "."
        elif character.isalnum() or character in (*_WORD_SIGNS, *_VOICING, "ー", "%"):
            folded = character
        else:
            folded = " "
        self[code] = folded
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """Return the text as phrases are matched against it; " " for one without words."""
    plain = text.lower() if text.isascii() else _without_accents(text)
    if "." in plain:
        for printed, word in _ABBREVIATIONS:
            plain = plain.replace(printed, word)
    plain = _without_numbers_of_percentages(plain).translate(_TABLE)
    if not plain.isascii():
        plain = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", plain))
    plain = plain.replace(".", " . ").replace("%", " % ")
    return f" {' '.join(plain.split())} "


def _without_accents(text: str) -> str:
    """Fold what is not ASCII, and leave the rest, for which there is a faster way."""
    return _NOT_ASCII.sub(lambda run: _folded_run(run[0]), text.lower())


@lru_cache(maxsize=4_096)
def _folded_run(run: str) -> str:
    """Fold a few characters that are not ASCII; European texts have the same ones all the time."""
    return unicodedata.normalize("NFKD", run.casefold()).translate(_TABLE)


def _without_numbers_of_percentages(plain: str) -> str:
    """Turn ``-2,85 %`` and ``4 prozent`` into ``%``."""
    plain = _SPELLED_OUT.sub("%", plain)
    if not plain.isascii():
        for word in _SPELLED_OUT_IN_SIGNS:
            plain = plain.replace(word, "%")
    *before, last = plain.split("%")
    return "%".join([*(part.rstrip().rstrip(_NUMBER_SIGNS) for part in before), last])
