"""Reads XML as sites serve it: one entry at a time, forgiving, and never expanding an entity."""

import codecs
import gzip
import io
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from html.entities import html5
from typing import Any

from lxml import etree

MAX_INFLATED = 50_000_000  # bytes: the sitemap protocol's own limit for one document
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 65_536  # bytes read at once
_JUNK = 2_000  # bytes before the first tag that may be noise, such as a server's warning
# An ampersand that begins no reference, and a reference to what HTML knows and XML does not.
_STRAY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(?:(\w{1,32});)?")
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_UTF_16 = {
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF16_LE: "utf-16",
    b"\x00<": "utf-16-be",
    b"<\x00": "utf-16-le",
}
# What the prefixes of other vocabularies mean, by a piece of the address that names them: a feed
# may choose any prefix.
_VOCABULARIES = {
    "w3.org/2005/Atom": "atom",
    "purl.org/atom": "atom",
    "purl.org/dc/": "dc",
    "rss/1.0/modules/content": "content",
    "search.yahoo.com/mrss": "media",
    "feedburner": "feedburner",
    "nasdaq.com": "nasdaq",
    "sitemap-news": "news",
    "sitemap-image": "image",
    "sitemap-video": "video",
    "itunes.com": "itunes",
    "purl.org/rss/1.0/": "",
    "netscape.com/rdf": "",
    "backend.userland.com": "",
    "sitemaps.org": "",
    "google.com/schemas/sitemap/": "",
}


class Xml:
    """One document, read from start to end; ``root`` is the name of its root element.

    Raises ValueError for what holds no XML.
    """

    def __init__(self, body: bytes) -> None:
        self._body, encoding = _prepared(inflated(body))
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            encoding=encoding,
        )
        self._events = self._parsed()
        try:
            _, self.element = next(self._events)
        except (etree.XMLSyntaxError, StopIteration) as error:
            raise ValueError("it holds no XML") from error
        self.root = name_of(self.element)
        self.is_cut = True  # it ends before its last tag; known at the end

    def entries(self, names: Collection[str]) -> Iterator[etree._Element]:
        """Yield the whole elements with these names, in order; each is emptied after its turn.

        One that a document breaks off in is none of them: half an address is another address.
        What else the document holds stays in ``element`` and is complete at the end.
        """
        try:
            for event, element in self._events:
                if event == "end" and name_of(element) in names:
                    yield element
                    element.clear()
        except etree.XMLSyntaxError:
            return  # beyond repair from here on: what came before stands

    def _parsed(self) -> Iterator[tuple[str, etree._Element]]:
        for start in range(0, len(self._body), _PIECE):
            self._parser.feed(self._body[start : start + _PIECE])
            yield from self._read()
        root = self._parser.close()
        ended = list(self._read())  # only now: the document did not end them
        self.is_cut = bool(ended) and not re.search(_last_tag(root), self._body)
        if not self.is_cut:
            yield from ended  # tags inside are wrong, but nothing is missing

    def _read(self) -> Iterator[tuple[str, etree._Element]]:
        events: Iterator[Any] = self._parser.read_events()
        return events


def name_of(element: etree._Element) -> str:
    """Return an element's name with the usual prefix of its vocabulary: "title", "dc:creator"."""
    tag = element.tag
    return _name(tag, element.prefix) if isinstance(tag, str) else ""  # a comment, an entity


@lru_cache(maxsize=1_000)
def _name(tag: str, own_prefix: str | None) -> str:
    if not tag.startswith("{"):
        return tag.lower()
    uri, _, local = tag[1:].partition("}")
    for piece, prefix in _VOCABULARIES.items():
        if piece in uri:
            return f"{prefix}:{local}".lower().lstrip(":")
    return f"{own_prefix}:{local}".lower() if own_prefix else local.lower()


def _last_tag(root: etree._Element) -> bytes:
    return rf"</([\w.-]+:)?{re.escape(str(root.tag).rpartition('}')[2])}\s*>".encode()


def text_of(element: etree._Element) -> str:
    """Return all text in an element, stripped."""
    text = element.text or ""
    return (text if not len(element) else "".join(map(str, element.itertext()))).strip()


def inflated(body: bytes) -> bytes:
    """Return a gzipped document inflated, another as it is. Raises ValueError for a broken one."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_INFLATED + 1)
    except (OSError, EOFError) as error:
        raise ValueError(f"its gzip is broken ({error})") from error
    if len(plain) > MAX_INFLATED:
        raise ValueError(f"it is too large (it inflates to more than {MAX_INFLATED:,} bytes)")
    return plain


def charset_of(body: bytes, declared: str = "") -> str:
    """Return the charset that a text is in: UTF-8 where it is, else as declared, else cp1252."""
    if _decodes(body, "utf-8"):
        return "utf-8"
    return declared if declared and _decodes(body, declared) else "cp1252"


def _prepared(body: bytes) -> tuple[bytes, str]:
    """Return a document without noise before it, and its charset."""
    wide = next((charset for start, charset in _UTF_16.items() if body.startswith(start)), "")
    if wide:
        return body.decode(wide, "replace").encode(), "utf-8"
    body = body.removeprefix(codecs.BOM_UTF8)
    start = max(body[:_JUNK].find(b"<"), 0)
    body = body[start:] if start else body
    declared = _DECLARED.search(body[:_JUNK])
    charset = charset_of(body, declared.group(1).decode("ascii", "replace") if declared else "")
    return (_escaped(body) if _STRAY.search(body) else body), charset


def _decodes(body: bytes, charset: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(charset)()
        for start in range(0, len(body), _PIECE):
            decoder.decode(body[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except (LookupError, UnicodeError, TypeError, ValueError):
        return False
    return True


def _escaped(body: bytes) -> bytes:
    """Write what XML does not know as it was meant, outside of CDATA: else the parser drops it."""
    first, *others = body.split(b"<![CDATA[")
    parts = [_STRAY.sub(_meant, first)]
    for other in others:
        inside, end, outside = other.partition(b"]]>")
        parts.append(inside + end + _STRAY.sub(_meant, outside))
    return b"<![CDATA[".join(parts)


def _meant(stray: re.Match[bytes]) -> bytes:
    name = (stray.group(1) or b"").decode("ascii", "replace")
    characters = html5.get(f"{name};", "")
    known = "".join(f"&#{ord(character)};" for character in characters)
    return known.encode() or b"&amp;" + stray.group()[1:]
