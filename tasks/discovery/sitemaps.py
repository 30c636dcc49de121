"""Sitemaps: Google News sitemaps, plain ones, and indexes that name further sitemaps."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.kinds import Ask, Found
from tasks.discovery.listings import read_instant
from tasks.sources.schema import SitemapList, Source

MAX_INFLATED = 50_000_000  # bytes: the protocol's own limit for one sitemap
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Sitemap:
    """One declared sitemap or index of sitemaps."""

    declared: SitemapList
    source: Source
    span: Span

    def first(self) -> list[Ask]:
        return [Ask(self.declared.url)]

    def read(self, ask: Ask, body: bytes) -> Found:  # noqa: ARG002
        return read_sitemap(body, self.declared, self.source)


def read_sitemap(body: bytes, declared: SitemapList, source: Source) -> Found:
    """Read one sitemap, gzipped or not; an index gives further ones, newest first.

    Raises ValueError for what is not a sitemap.
    """
    root = _parsed(_plain_bytes(body))
    if _name(root) == "urlset":
        entries = (_fields(entry) for entry in root if _name(entry) == "url")
        return Found(list(_listings(entries, declared, source)))
    if _name(root) == "sitemapindex":
        entries = (_fields(entry) for entry in root if _name(entry) == "sitemap")
        dated = sorted(((e.get("lastmod", ""), e.get("loc", "")) for e in entries), reverse=True)
        urls = (clean_url(url, base=declared.url) for _, url in dated)
        return Found([], [Ask(url) for url in urls if url])
    raise ValueError(f"not a sitemap (its root element is <{_name(root)}>)")


def _listings(
    entries: Iterator[dict[str, str]], declared: SitemapList, source: Source
) -> Iterator[Listing]:
    for entry in entries:
        url = clean_url(entry.get("loc", ""), base=declared.url)
        if url:
            yield Listing(
                source=source.name,
                url=url,
                title=" ".join(entry.get("title", "").split()),
                published_at=read_instant(entry.get("publication_date"), source),
                updated_at=read_instant(entry.get("lastmod"), source),
                language=entry.get("language", "")[:2].lower(),
                tickers=_split(entry.get("stock_tickers", "")),
                topics=_split(entry.get("keywords", "")),
            )


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"not a sitemap ({error})") from error
    if root is None:
        raise ValueError("not a sitemap (it holds no XML)")
    return root


def _plain_bytes(body: bytes) -> bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_INFLATED + 1)
    except (OSError, EOFError) as error:
        raise ValueError(f"not a sitemap (broken gzip: {error})") from error
    if len(plain) > MAX_INFLATED:
        raise ValueError(f"too large (it inflates to more than {MAX_INFLATED:,} bytes)")
    return plain


def _fields(entry: etree._Element) -> dict[str, str]:
    """Return the texts of an entry's descendants by local name; the first of a name counts."""
    fields: dict[str, str] = {}
    for element in entry.iter():
        text = (element.text or "").strip()
        if text:
            fields.setdefault(_name(element), text)
    return fields


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
