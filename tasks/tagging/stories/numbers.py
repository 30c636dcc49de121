"""The numbers of an article in a form that all languages share: their significant digits.

"1,234.50", "1.234,50" and "1234.5" are ``12345``; "1.2 billion", "1,2 miliardi" and "12億" are
``12``. What power of ten is meant is left open: that two articles agree is judged by many numbers.
A year is kept apart as ``y2026``: sharing it says little.
"""

import re
import unicodedata

MOST_NUMBERS = 60  # of an article, the first
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,'’\u00a0\u202f]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def numbers(*texts: str) -> tuple[str, ...]:
    """Return the distinct numbers of these texts in the order of their first places, at most 60."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _NUMBER.finditer(unicodedata.normalize("NFKC", text)):
            if digits := _significant(match.group()):
                found[digits] = None
            if len(found) == MOST_NUMBERS:
                return tuple(found)
    return tuple(found)


def _significant(printed: str) -> str:
    if _YEAR.fullmatch(printed):
        return f"y{printed}"
    return "".join(c for c in printed if c.isdecimal()).strip("0")
