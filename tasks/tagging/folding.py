"""Folds text so that phrases match whatever their case, accents and punctuation.

The result is lower-case words without accents, one blank apart, with one at either end; the end of
a sentence, line or cell is a ``.`` of its own, so that no phrase reaches across it.
"""

import unicodedata

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


class _Table(dict[int, str]):
    """Says what becomes of each character; worked out once, when it first occurs."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if unicodedata.combining(character):
            folded = ""
        elif character in _SENTENCE_ENDS:
            folded = " . "
        elif character.isalnum() or character in _WORD_SIGNS:
            folded = character
        else:
            folded = " "
        self[code] = folded
        return folded


_TABLE = _Table()


def fold(text: str) -> str:
    """Return the text as phrases are matched against it; " " for one without words."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKD", text.casefold())
    if "." in plain:
        for printed, word in _ABBREVIATIONS:
            plain = plain.replace(printed, word)
    return f" {' '.join(plain.translate(_TABLE).split())} "
