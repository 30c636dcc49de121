"""Saved pages (HTML) and items (JSON), one file each; gzipped ones too."""

import gzip
import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from tasks.articles.errors import Reason, Rejected
from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.benzinga import items_of, listing_of_item
from tasks.discovery.feed_items import plain
from tasks.discovery.instants import read_instant
from tasks.discovery.kinds import Found
from tasks.discovery.listings import in_span
from tasks.sources.schema import FolderList, Source

MOST_BYTES = 50_000_000  # of a file, inflated
_HEAD = 200_000  # bytes of a page in which it says where it is from
# What browsers and savers write at the top of a page that they save.
_SAVED_FROM = re.compile(
    rb"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(\S+)", re.IGNORECASE
)
_ADDRESSES = (
    '//link[@rel="canonical"]/@href',
    '//meta[@property="og:url"]/@content',
    '//meta[@name="twitter:url"]/@content',
)
_ARTICLES = re.compile(r"Article$|^BlogPosting$|^Report$")
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

    def read(self, path: Path, state: str, start: int) -> tuple[Found, int]:  # noqa: ARG002
        """Return what one file holds: a page, an item, or a list of items.

        ``state`` tells the file from what it was before. Raises ValueError for another file.
        """
        body = read_file(path)
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            listings = list(self._items(body, path))
            if not listings:
                raise ValueError("its JSON holds no article (no url, title or body is in it)")
        elif b"<" in body[:_HEAD]:
            listings = [self._page(body, path, state)]
        else:
            raise ValueError("neither HTML nor JSON")
        return Found(in_span(listings, self.span)), 0

    def _page(self, body: bytes, path: Path, state: str) -> Listing:
        return Listing(
            source=self.source.name,
            url=address_in(body),
            guid=path.name,
            file=str(path),
            line=state,
        )

    def _items(self, body: bytes, path: Path) -> Iterator[Listing]:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"not JSON ({error})") from error
        saved = items_of(answer)
        if saved:
            yield from (listing_of_item(item, self.source) for item in saved)
            return
        for number, item in enumerate(_articles_in(answer)):
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
    """Return a file's bytes, inflated. Raises ValueError for a broken one or one too large."""
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_gzip else path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise ValueError(f"it cannot be read ({error})") from error
    if len(body) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return body


def read_page(path: Path, limit: int) -> bytes:
    """Return a saved page's bytes. Raises Rejected where it is not there any more, or too large."""
    try:
        body = read_file(path)
    except ValueError as error:
        raise Rejected(Reason.NOT_HTML, f"{path}: {error}") from error
    if len(body) > limit:
        raise Rejected(Reason.TOO_LARGE, f"{path} has {len(body):,} bytes; {limit:,} are allowed")
    return body


def address_in(body: bytes) -> str:
    """Return the address that a saved page was at, as it says itself; "" when it does not."""
    saved = _SAVED_FROM.search(body[:_HEAD])
    said: list[str] = []
    with suppress(etree.ParserError, ValueError):
        tree: HtmlElement = lxml_html.document_fromstring(body[:_HEAD])
        said = [str(text) for path in _ADDRESSES for text in tree.xpath(path)]
    where = saved.group(1).decode("utf-8", "replace") if saved else ""
    base = clean_url(where)
    return next((url for text in [*said, where] if (url := clean_url(text, base=base))), "")


def _articles_in(answer: object) -> Iterator[Mapping[str, Any]]:
    """Yield the articles in JSON: items of a list, JSON-LD of an article, or the object itself."""
    if isinstance(answer, list):
        for part in answer:
            yield from _articles_in(part)
    elif isinstance(answer, dict):
        lists = ("@graph", "articles", "items", "results", "news", "data")
        inner = next((answer[key] for key in lists if isinstance(answer.get(key), list)), None)
        kinds = answer.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if inner is not None:
            yield from _articles_in(inner)
        elif kinds is None or any(_ARTICLES.search(str(name)) for name in names):
            yield answer


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
