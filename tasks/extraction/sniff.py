"""Tells HTML from what only claims to be: the bytes decide, never the header."""

import json
import re

from tasks.articles.errors import Reason, Rejected

_MAGIC = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"\xff\xd8\xff": "a JPEG image",
    b"RIFF": "an image or a sound",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "gzip data",
    b"\x28\xb5\x2f\xfd": "zstd data",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"OggS": "a sound",
    b"ID3": "a sound",
}
_FEEDS = frozenset({"rss", "feed", "rdf:rdf", "urlset", "sitemapindex", "opml", "svg"})
_PROLOGUE = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype[^>]*>|\s+)", re.IGNORECASE | re.DOTALL
)
_ROOT = re.compile(r"<([a-z][\w:-]*)", re.IGNORECASE)
_JSON_START = re.compile(r"""\s*[{\[]\s*(?:["{}\[\]\d-]|true|false|null)""")
_TAG = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_HEAD = 1024


def refuse_binary(body: bytes) -> None:
    """Raise Rejected(EMPTY) for nothing and Rejected(NOT_HTML) for bytes that are no text."""
    start = body[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00")
    if not start and not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise Rejected(Reason.EMPTY, "The page is empty; look at it in a browser.")
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise Rejected(Reason.NOT_HTML, f"The page is {what}, not HTML.")
    controls = sum(1 for byte in start if byte < 32 and byte not in b"\t\n\r\x0c\x1b\x00")  # noqa: PLR2004
    if start and controls > len(start) / 20:
        raise Rejected(Reason.NOT_HTML, "The page is binary data, not HTML.")


def refuse_other_text(text: str) -> None:
    """Raise Rejected(NOT_HTML) for text that is JSON, a feed, an SVG image, or has no markup."""
    if _JSON_START.match(text) and _is_json(text):
        raise Rejected(Reason.NOT_HTML, "The page is JSON, not HTML.")
    position = 0
    while match := _PROLOGUE.match(text, position):
        position = match.end()
    root = _ROOT.match(text, position)
    if root and root.group(1).lower() in _FEEDS:
        raise Rejected(
            Reason.NOT_HTML,
            f"The page is XML with the root <{root.group(1)}>, not an article; "
            "if it is a feed, declare it among the source's lists.",
        )
    if not _TAG.search(text):
        raise Rejected(Reason.NOT_HTML, "The page has no markup at all: it is not HTML.")


def _is_json(text: str) -> bool:
    """Tell JSON, whole or cut off, from HTML that only starts with a bracket."""
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return not re.search(r"<(?:html|body|div|p|head)\b", text[:_HEAD], re.IGNORECASE)
    return True
