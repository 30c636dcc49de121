"""Saved pages (HTML) and items (JSON), one file each; gzipped ones too."""

import gzip
import html
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.articles.errors import Reason, Rejected
from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.benzinga import items_of, listing_of_item
from tasks.discovery.days import Dating
from tasks.discovery.feed_items import plain
from tasks.discovery.heads import articles_in, head_of
from tasks.discovery.instants import read_instant
from tasks.discovery.kinds import Found
from tasks.sources.schema import FolderList, Source

MOST_BYTES = 50_000_000  # of a file, inflated
_START = 1_000  # bytes in which a file begins, white space and all
# What plain JSON calls the parts of an article, most usual first.
_NAMES = {
    "url": ("url", "link", "canonical_url", "source_url", "webUrl", "article_url"),
    "title": ("title", "headline", "webTitle"),
    "body": ("body", "content", "articleBody", "content_html", "html", "text", "maintext"),
    "published": (
        *("published", "published_at", "publishedAt", "datePublished", "date_publish", "pubDate"),
        *("published_utc", "created", "date", "webPublicationDate"),
    ),
    "updated": ("updated", "updated_at", "updatedAt", "dateModified", "modified", "date_modify"),
    "language": ("language", "lang", "inLanguage"),
    "id": ("id", "guid", "uuid", "_id", "identifier"),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """One declared folder of files."""

    declared: FolderList
    source: Source
    span: Span
    now: datetime  # UTC

    def read(self, path: Path, state: str, start: int) -> tuple[Found, int]:  # noqa: ARG002
        """Return what one file holds: a page, an item, or a list of items.

        ``state`` tells the file from what it was before. One that holds none of these is listed
        all the same: when it is its turn it is rejected, with the reason. Raises OSError.
        """
        try:
            listings = self._listings(read_file(path), path, state)
        except ValueError:
            listings = [self._stray(path, state)]
        dating = Dating(self.source, self.now)
        return Found(dating.in_span(listings, self.span)), 0

    def _listings(self, body: bytes, path: Path, state: str) -> list[Listing]:
        if not _is_json(body):
            head = head_of(body, self.source, self.now)
            return [replace(self._stray(path, state), url=head.url, day=head.day)]
        return list(self._items(body, path)) or [self._stray(path, state)]

    def _stray(self, path: Path, state: str) -> Listing:
        return Listing(source=self.source.name, url="", guid=path.name, file=str(path), line=state)

    def _items(self, body: bytes, path: Path) -> Iterator[Listing]:
        try:
            answer = json.loads(body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        saved = items_of(answer)
        if saved:
            yield from (listing_of_item(item, self.source) for item in saved)
            return
        for number, item in enumerate(articles_in(answer)):
            listing = self._item(item, f"{path.name}#{number}")
            if listing.title or listing.body:
                yield listing

    def _item(self, item: Mapping[str, Any], name: str) -> Listing:
        def said(part: str) -> str:
            return next((text for key in _NAMES[part] if (text := _text(item.get(key)))), "")

        body = said("body")
        marked_up = body if re.search(r"</?[a-zA-Z]", body) else _paragraphs(body)
        url = clean_url(said("url") or _text(item.get("mainEntityOfPage")))
        return Listing(
            source=self.source.name,
            url=url,
            guid=said("id") or ("" if url else name),
            title=plain(said("title")),
            authors=tuple(dict.fromkeys(_names(item, "author", "authors", "byline"))),
            published_at=read_instant(said("published"), self.source),
            updated_at=read_instant(said("updated"), self.source),
            language=said("language")[:2].lower(),
            tickers=tuple(dict.fromkeys(_names(item, "tickers", "symbols"))),
            topics=tuple(dict.fromkeys(_names(item, "keywords", "tags", "categories", "channels"))),
            body=marked_up,
            is_full=True,
        )


def read_file(path: Path) -> bytes:
    """Return a file's bytes, inflated.

    Raises ValueError for a damaged one or one too large, OSError for one that cannot be read.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if is_gzip else path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"it is damaged ({error})") from error
    if len(body) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return body


def read_page(path: Path, limit: int) -> bytes:
    """Return a saved page's bytes. Raises Rejected where it cannot be read, or is no page."""
    try:
        body = read_file(path)
    except (OSError, ValueError) as error:
        raise Rejected(Reason.NOT_HTML, f"{path}: {error}") from error
    if _is_json(body):
        why = "is JSON without an article: no url, title or body is in it, or it is broken"
        raise Rejected(Reason.NOT_HTML, f"{path} {why}")
    if len(body) > limit:
        raise Rejected(Reason.TOO_LARGE, f"{path} has {len(body):,} bytes; {limit:,} are allowed")
    return body


def _is_json(body: bytes) -> bool:
    return body[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("name") or value.get("rendered")
    return str(value).strip() if isinstance(value, (str, int)) and value is not True else ""


def _names(item: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        value = item.get(key)
        values = value if isinstance(value, list) else [value]
        for one in values:
            if text := plain(_text(one)):
                yield text


def _paragraphs(text: str) -> str:
    """Return plain text as HTML: a blank line, else each line, ends a paragraph."""
    parts = re.split(r"\n\s*\n", text) if re.search(r"\n\s*\n", text) else text.splitlines()
    return "".join(
        f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in parts if part.strip()
    )
