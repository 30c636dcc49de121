"""Bytes become characters: the declared charset where it is true, else the most plausible one."""

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from tasks.articles.records import CharsetFrom

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""", re.IGNORECASE
)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""", re.IGNORECASE)
# What pages mean by these names (the WHATWG encoding standard): wider sets than the names say.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "utf-16": "utf-8",  # said inside an ASCII-readable page, it cannot be true
}
_WESTERN = frozenset({"cp1252", "cp1254", "iso8859-15"})  # decode nearly any bytes without a fault
_PLAUSIBLE = [
    "cp1252",
    "cp932",
    "euc_jp",
    "cp949",
    "gb18030",
    "cp950",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
]
_HEAD = 4096  # bytes in which a declaration counts; the standard says 1,024, pages need more
_SAMPLE = 50_000  # bytes that are enough to tell one charset from another
_TAGS = re.compile(rb"<[^<>]*>")
_SCRIPTS = re.compile(rb"<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_FEW = 0.01  # share of non-ASCII bytes that may be wrong in a charset that is right
_MANY = 0.8  # non-ASCII bytes to each ASCII letter above which a text is not Western


def _cp1252_byte(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as Windows-1252: the usual paste from a word processor."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("newsledger-cp1252", _cp1252_byte)


def decode(body: bytes, content_type: str = "") -> str:
    """Return the characters of ``body``; never fails, never gives lone surrogates."""
    charset, charset_from = charset_of(body, content_type)
    if charset_from == "bom":
        mark = next(mark for mark, marked in _BOMS if marked == charset)
        return body[len(mark) :].decode(charset, "replace")
    return body.decode(charset, "newsledger-cp1252" if charset == "utf-8" else "replace")


def charset_of(body: bytes, content_type: str = "") -> tuple[str, CharsetFrom]:
    """Return Python's name of the charset that ``body`` is in, and what said so.

    A byte order mark decides, then UTF-8 wherever the bytes are UTF-8 (no other charset gives
    that by chance), then the first declaration that is true of the bytes: the page's own, since
    servers add a default to what they know nothing about, then ``content_type``'s. Failing all,
    charset_normalizer chooses.
    """
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return charset, "bom"
    if wide := _utf16_without_mark(body):
        return wide, "bytes"
    declared: dict[str, CharsetFrom] = {}
    for charset, declared_in in _declared(body, content_type):
        declared.setdefault(charset, declared_in)
    if b"\x1b$" in body and "iso2022_jp" in declared:
        return "iso2022_jp", declared["iso2022_jp"]
    if _is_utf8(body, says_so="utf-8" in declared):
        return "utf-8", "bytes"
    for charset, declared_in in declared.items():
        if _is_true(charset, body):
            return charset, declared_in
    return _most_plausible(body), "guessed"


def _declared(body: bytes, content_type: str) -> Iterator[tuple[str, CharsetFrom]]:
    """Yield the declared charsets, in Python's names, and where they stand: the page's first."""
    named: list[tuple[str, CharsetFrom]] = [
        (match.decode("ascii"), "page") for match in _DECLARED.findall(body[:_HEAD])
    ]
    named += [(name, "header") for name in _HEADER.findall(content_type)]
    for name, declared_in in named:
        try:
            known = codecs.lookup(name).name
        except LookupError:
            continue
        if codecs.lookup(known)._is_text_encoding:  # noqa: SLF001
            yield _MEANT.get(known, known), declared_in


def _utf16_without_mark(body: bytes) -> str:
    head = body[:200]
    if len(head) < 8 or head.count(0) < len(head) * 0.4:  # noqa: PLR2004 - too short to tell
        return ""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _is_utf8(body: bytes, *, says_so: bool) -> bool:
    """Tell UTF-8, cut at the end or with a few foreign bytes in it, from everything else."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        high = sum(map(len, re.findall(rb"[\x80-\xff]+", body)))
        wrong = sum(1 for char in body.decode("utf-8", "replace") if char == "\ufffd")
        return wrong <= max(1, high * (_FEW * 10 if says_so else _FEW)) and high > 3 * wrong
    return True


def _is_true(charset: str, body: bytes) -> bool:
    """Tell whether the bytes can have been written in this declared charset."""
    if charset == "utf-8":
        return False
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", body)))
    text = body.decode(charset, "replace")
    if text.count("\ufffd") > max(1, high * _FEW):
        return False
    if charset not in _WESTERN:
        return True
    return _looks_western(body)


def _looks_western(body: bytes) -> bool:
    """Tell text in which most letters are ASCII from scripts written in other bytes."""
    words = _TAGS.sub(b"", _SCRIPTS.sub(b"", body))[:_SAMPLE]
    if any(byte in words for byte in _NOT_IN_CP1252):
        return False
    high, letters = (len(re.findall(kind, words)) for kind in (rb"[\x80-\xff]", rb"[A-Za-z]"))
    return high <= _MANY * (letters + 1)


def _most_plausible(body: bytes) -> str:
    if _looks_western(body):
        return "cp1252"  # what browsers assume; guessing among its neighbours does worse
    sample = b" ".join(_TAGS.sub(b" ", _SCRIPTS.sub(b" ", body)).split())[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_PLAUSIBLE, enable_fallback=False).best()
    return best.encoding if best else "cp1252"
