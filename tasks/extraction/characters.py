"""Characters as they may stand in an article: NFC, entities undone, nothing invisible."""

import re
import unicodedata
from functools import lru_cache
from html import unescape

EASTERN = "\u2e80"  # the first sign of Chinese, Japanese and Korean; letters before it have words
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKS = re.compile(r"[\W_]+")
_SPACES = re.compile(r"[^\S\n]+")
_NON_CHARACTERS = frozenset({0xFFFE, 0xFFFF})
# Invisible marks that split words for a reader of the text but not of the page: soft hyphen, zero
# width space, byte order mark, and the marks that only steer the direction of writing.
_INVISIBLE = frozenset({0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF})
_DIRECTION = range(0x202A, 0x202F), range(0x2066, 0x206A)
_TWICE = 2  # how often entities are found escaped once more than the page meant


def is_eastern(text: str) -> bool:
    """Tell whether a text has a sign of Chinese, Japanese or Korean, which say more each."""
    return max(text, default="") >= EASTERN


class _Table(dict[int, str | None]):
    """What ``str.translate`` asks for each character; answers are kept."""

    def __missing__(self, code: int) -> str | None:
        self[code] = answer = _replacement(code)
        return answer


def _replacement(code: int) -> str | None:
    if code in _INVISIBLE or code in _NON_CHARACTERS or any(code in marks for marks in _DIRECTION):
        return None
    if 0x80 <= code <= 0x9F:  # noqa: PLR2004 - the C1 block: Windows-1252 written as numbers
        return bytes([code]).decode("cp1252", "ignore") or None
    char = chr(code)
    if char in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n"
    category = unicodedata.category(char)
    if category == "Zs" or char == "\t":
        return " "
    return None if category in {"Cc", "Cs"} else char


_CLEANED = _Table()


def clean_text(text: str) -> str:
    r"""Return the text in NFC with entities undone, without control and invisible characters.

    Line breaks stay (as ``\n``); every other run of white space becomes one space. Entities are
    undone twice at most, since feeds escape them once too often (``&amp;#8217;``).
    """
    for _ in range(_TWICE):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = unescape(text)
    if text.isascii() and text.isprintable():  # most lines, and nothing else can be in them
        return _SPACES.sub(" ", text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_CLEANED))
    return _SPACES.sub(" ", text)


def clean_line(text: str) -> str:
    """Return the text on one line, cleaned as ``clean_text`` does."""
    line = " ".join(text.split())
    # Most lines need no more: nothing in them is invisible, escaped or not in NFC.
    if "&" not in line and line.isprintable() and unicodedata.is_normalized("NFC", line):
        return line
    return " ".join(clean_text(text).split())


@lru_cache(maxsize=4096)  # each step compares the same lines again
def folded(text: str) -> str:
    """Return only what counts when two lines are compared: letters and digits, case-folded."""
    return _MARKS.sub("", text.casefold())
