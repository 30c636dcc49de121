"""The numbers of an article in a form that all languages share: their significant digits.

"1,234.50", "1.234,50", "1234.5" and "12億3450万" are ``12345``; "1.2 billion" and "1,2 miliardi"
are ``12``. What power of ten is meant is left open: that two articles agree is judged by many
numbers. A year is kept apart as ``y2026``: sharing it says little.
"""

import re

MOST_NUMBERS = 60  # of an article, the first
# What may not stand before is asked after the first digit: digits alone are found far quicker.
_NUMBER = re.compile(r"\d(?<![A-Za-z\d]\d)\d*(?:[.,'’\u00a0\u202f]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)}  # full-width ASCII
# East Asian counting goes by ten thousands: trillion (cho), 100 million (oku), 10,000 (man).
_MYRIADS = re.compile(r"(?<=\d)[兆億조억] ?(\d{1,4})(?=[億万억만])")


def numbers(*texts: str) -> tuple[str, ...]:
    """Return the distinct numbers of these texts in the order of their first places, at most 60."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _NUMBER.finditer(text if text.isascii() else _plain(text)):
            if digits := _significant(match.group()):
                found[digits] = None
            if len(found) == MOST_NUMBERS:
                return tuple(found)
    return tuple(found)


def _plain(text: str) -> str:
    return _MYRIADS.sub(lambda match: match[1].zfill(4), text.translate(_WIDE))


def _significant(printed: str) -> str:
    if _YEAR.fullmatch(printed):
        return f"y{printed}"
    return "".join(str(int(c)) for c in printed if c.isdecimal()).strip("0")
