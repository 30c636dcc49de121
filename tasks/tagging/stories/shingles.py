"""Shingles: the overlapping bits that a text is made of, as 64-bit hashes.

Three words in a row; four characters in a row where a text is written without blanks between words
(Japanese, Chinese) or with endings grown onto them (Korean). Case, accents and punctuation do not
count. The hashes are stored beneath every article: they must never change, so nothing here follows
the folding that phrases are matched by.
"""

import re
import unicodedata
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

MOST_READ = 100_000  # characters of a text: what comes later tells no copies apart
_WORDS, _CHARACTERS = 3, 4  # of a shingle
_SAMPLE = 2_000  # characters that show the script
# Kana, CJK ideographs and Hangul, Unicode blocks.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_UNSPACED_SHARE = 0.2
_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, without pattern: 2**64 by the golden ratio
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def shingles(text: str) -> Hashes:
    """Return the distinct shingles of a text, sorted; none for a text shorter than one."""
    read = text[:MOST_READ]
    if is_unspaced(read):
        codes, width = _characters(read), _CHARACTERS
    else:
        codes, width = _words(read), _WORDS
    if len(codes) < width:
        return np.empty(0, np.uint64)
    count = len(codes) - width + 1
    joined = np.zeros(count, np.uint64)
    for place in range(width):
        joined = joined * _BASE + codes[place : place + count]
    return np.unique(mixed(joined))


def is_unspaced(text: str) -> bool:
    """Say whether a text is Japanese, Chinese or Korean, by its characters."""
    sample = text[:_SAMPLE]
    return len(_UNSPACED.findall(sample)) > _UNSPACED_SHARE * len(sample)


def mixed(values: Hashes) -> Hashes:
    """Spread values evenly over 64 bits, each bit of one over all (splitmix64's last step)."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def plain(text: str) -> str:
    """Return a text in lower case, without accents, all characters in their usual width."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


def _words(text: str) -> Hashes:
    words = _WORD.findall(plain(text))
    codes = (crc32(word.encode("utf-8", "surrogatepass")) for word in words)
    return np.fromiter(codes, np.uint64, len(words))


def _characters(text: str) -> Hashes:
    joined = "".join(_WORD.findall(plain(text)))
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
