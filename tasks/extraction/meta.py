"""Reads what a page's head and microdata say of it: meta elements, links, itemprops."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.articles.urls import clean_url
from tasks.extraction.addresses import is_section_above
from tasks.extraction.characters import clean_line

Meta = Mapping[str, tuple[str, ...]]

# Names of one thing, the most reliable first.
TITLE = ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "headline")
AUTHOR = (
    "author",
    "parsely-author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "byl",
    "twitter:data1:author",
    "og:article:author",
    "dable:author",
    "cxenseparse:author",
)
PUBLISHED = (
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "sailthru.date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "release_date",
    "release-date",
)
UPDATED = (
    "article:modified_time",
    "article:modified",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "article.updated",
)
SECTION = ("article:section", "parsely-section", "og:section", "articlesection", "section")
KEYWORDS = ("news_keywords", "keywords", "parsely-tags", "sailthru.tags")
TAGS = ("article:tag", "og:article:tag")
TICKERS = ("tickers", "ticker", "symbols", "stocksymbols", "article:ticker", "article:tickers")


def read_meta(tree: HtmlElement) -> Meta:
    """Return the values of each meta name, property or itemprop (lower case), in page order."""
    found: dict[str, list[str]] = {}
    for node in tree.iter("meta"):
        names = f"{node.get('name', '')} {node.get('property', '')} {node.get('itemprop', '')}"
        content = clean_line(node.get("content", ""))
        for name in dict.fromkeys(names.lower().split()):
            if content:
                found.setdefault(name, []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def values(meta: Meta, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the values under these names, in the order of the names."""
    for name in names:
        yield from meta.get(name, ())


def authors(meta: Meta) -> list[str]:
    """Return who signs, as meta names say; og:article:author on portals is "paper | portal"."""
    portal = {text for text in meta.get("og:article:author", ()) if "|" in text}
    return [text for text in values(meta, AUTHOR) if text not in portal]


def canonical_url(tree: HtmlElement, meta: Meta, url: str) -> str:
    """Return the address that the page calls its own, cleaned, or "" where it cannot be trusted.

    It must be on the page's own site, where that is known, and neither its home page nor a
    section that the page is in: templates leave worse.
    """
    links = [
        node.get("href", "")
        for node in tree.iter("link")
        if "canonical" in node.get("rel", "").lower().split()
    ]
    for candidate in [*links, *meta.get("og:url", ())]:
        address = clean_url(candidate, base=url)
        is_ours = not url or _same_site(address, url)
        leads_up = not urlsplit(address).path.strip("/") or is_section_above(address, url)
        if address and is_ours and not leads_up:
            return address
    return ""


def _same_site(one: str, other: str) -> bool:
    """Tell whether one host is the other, or both are under one registered name."""
    first_host, second_host = _bare_host(one), _bare_host(other)
    if first_host == second_host:
        return True
    shorter, longer = sorted((first_host, second_host), key=len)
    if longer.endswith(f".{shorter}"):
        return True
    return _registered(first_host) == _registered(second_host)


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _registered(host: str) -> str:
    """Return the registered part of a host: two labels, three under short suffixes (co.uk)."""
    labels = host.split(".")
    short = len(labels) > 2 and len(labels[-2]) <= 3 and len(labels[-1]) == 2  # noqa: PLR2004
    return ".".join(labels[-3:] if short else labels[-2:])
