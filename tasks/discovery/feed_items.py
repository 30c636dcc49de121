"""One item of an RSS or Atom feed becomes a listing."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from tasks.articles.records import Listing
from tasks.articles.urls import clean_url
from tasks.discovery.instants import read_instant
from tasks.discovery.listings import split_words
from tasks.discovery.xml import name_of, text_of
from tasks.sources.schema import Source

# Categories whose scheme says that they are securities (GlobeNewswire's .../rss/stock), and those
# that are other numbers of the same ones (.../rss/ISIN).
_SECURITIES = re.compile(r"/(?:stock|ticker|symbol)s?\b", re.IGNORECASE)
_NUMBERS = re.compile(r"/(?:isin|cusip|sedol)s?\b", re.IGNORECASE)
_MAIL = re.compile(r"^\S+@\S+\s*\((.+)\)$")  # RSS's own <author>: "desk@news.example (Ada Lane)"
_ESCAPED_TAG = re.compile(r"&lt;/?[a-zA-Z][^<>]{0,200}?&gt;")
_INLINE = re.compile(r"</?(?:a|b|br|em|font|i|span|strong|su[bp]|u)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z]")

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_PUBLISHED = ("pubdate", "dc:date", "atom:published", "published", "dcterms:created", "dc:created")
_UPDATED = ("atom:updated", "updated", "dcterms:modified", "dc:modified", "atom:modified")
_BODIES = ("content:encoded", "xhtml:body", "body", "atom:content")
_TEASERS = ("description", "atom:summary", "media:description", "itunes:summary")


@dataclass(slots=True)
class Channel:
    """What a feed says of all its items."""

    source: Source
    url: str
    is_full: bool  # the source declares that its items are whole articles
    language: str


class _Item:
    """The texts of an item's children by name."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element
        self.children: dict[str, list[etree._Element]] = {}
        for child in element:
            self.children.setdefault(name_of(child), []).append(child)

    def texts(self, *names: str) -> Iterator[str]:
        for name in names:
            for child in self.children.get(name, ()):
                if text := text_of(child):
                    yield text

    def first(self, *names: str) -> str:
        return next(self.texts(*names), "")


def rss_item(element: etree._Element, channel: Channel) -> Listing:
    """Return the listing of an RSS item; without a link, a guid that is an address is its link."""
    item = _Item(element)
    title = plain(item.first("title", "dc:title", "media:title"))
    url = _rss_url(item, channel)
    body = max(item.texts(*_BODIES), key=len, default="") or item.first(*_TEASERS)
    tickers, topics = _categories(item)
    return Listing(
        source=channel.source.name,
        url=url,
        guid=item.first("guid", "dc:identifier", "atom:id") or ("" if url else title),
        title=title,
        authors=_authors(item),
        published_at=read_instant(item.first(*_PUBLISHED), channel.source),
        updated_at=read_instant(item.first(*_UPDATED), channel.source),
        language=_language(item.first("dc:language", "language") or channel.language),
        tickers=tickers,
        topics=topics,
        body=_unescaped(body),
        is_full=channel.is_full or not url,
    )


def atom_entry(element: etree._Element, channel: Channel) -> Listing:
    """Return the listing of an Atom entry; ``content`` counts before ``summary``."""
    item = _Item(element)
    title = plain(_markup(item, "atom:title", "title"))
    links = item.children.get("atom:link", []) + item.children.get("link", [])
    url = _cleaned(item.first("feedburner:origlink") or _alternate(links), item, channel)
    tickers, topics = _categories(item)
    names = (
        text_of(name)
        for author in [*item.children.get("atom:author", ()), *item.children.get("author", ())]
        for name in author
        if name_of(name).endswith("name")
    )
    published = item.first("atom:published", "published", "atom:issued", "atom:created", "dc:date")
    return Listing(
        source=channel.source.name,
        url=url,
        guid=item.first("atom:id", "id") or ("" if url else title),
        title=title,
        authors=_once(map(plain, names)) or _authors(item),
        published_at=read_instant(published, channel.source),
        updated_at=read_instant(item.first(*_UPDATED), channel.source),
        language=_language(element.get(_XML_LANG, "") or channel.language),
        tickers=tickers,
        topics=topics,
        body=_unescaped(
            _markup(item, "atom:content", "content") or _markup(item, "atom:summary", "summary")
        ),
        is_full=channel.is_full or not url,
    )


def plain(text: str) -> str:
    """Undo entities (some publishers escape twice), drop inline markup, fold white space."""
    return " ".join(_INLINE.sub("", html.unescape(html.unescape(text))).split())


def _rss_url(item: _Item, channel: Channel) -> str:
    guids = item.children.get("guid", ())
    permalinks = (
        text_of(guid)
        for guid in guids
        if guid.get("isPermaLink", "true").strip().lower() != "false"
        and text_of(guid).startswith(("http://", "https://"))
    )
    linked = (
        item.first("feedburner:origlink"),
        item.first("link"),
        _alternate([*item.children.get("atom:link", ()), *item.children.get("link", ())]),
        *permalinks,
    )
    return next((url for text in linked if (url := _cleaned(text, item, channel))), "")


def _cleaned(link: str, item: _Item, channel: Channel) -> str:
    """Return a link as an absolute address: relative to xml:base where there is one."""
    if "&amp;" in link:  # escaped twice, or within CDATA
        link = html.unescape(link)
    base = urljoin(channel.url, item.element.base or "")
    return clean_url(link, base=base) if link else ""


def _alternate(links: Iterable[etree._Element]) -> str:
    """Return the link to the article itself, HTML before other forms."""
    own = [
        (link.get("type", "text/html") != "text/html", link.get("href", ""))
        for link in links
        if link.get("rel", "alternate") == "alternate" and link.get("href")
    ]
    return min(own, key=lambda link: link[0])[1] if own else ""


def _authors(item: _Item) -> tuple[str, ...]:
    names = list(item.texts("dc:creator")) or [
        _MAIL.sub(r"\1", text) for text in item.texts("author", "itunes:author")
    ]
    return _once(map(plain, names))


def _categories(item: _Item) -> tuple[tuple[str, ...], tuple[str, ...]]:
    tickers = [ticker for text in item.texts("nasdaq:tickers") for ticker in split_words(text)]
    topics: list[str] = []
    for category in (*item.children.get("category", ()), *item.children.get("atom:category", ())):
        scheme = category.get("domain", "") or category.get("scheme", "")
        term = plain(category.get("label", "") or category.get("term", "") or text_of(category))
        if _SECURITIES.search(scheme):
            tickers.append(term)
        elif not _NUMBERS.search(scheme):
            topics.append(term)
    topics += map(plain, item.texts("dc:subject"))
    topics += [word for text in item.texts("media:keywords") for word in split_words(plain(text))]
    return _once(tickers), _once(topics)


def _markup(item: _Item, *names: str) -> str:
    """Return an Atom text as HTML: markup in place is written out as it stands."""
    for name in names:
        for child in item.children.get(name, ()):
            if child.get("type", "").lower() in {"xhtml", "application/xhtml+xml"}:
                return "".join(
                    etree.tostring(part, encoding="unicode", with_tail=False) for part in child
                )
            if text := text_of(child):
                return text if child.get("type", "") != "text" else html.escape(text, quote=False)
    return ""


def _unescaped(body: str) -> str:
    """Return HTML that was escaped once too often as HTML."""
    return html.unescape(body) if _ESCAPED_TAG.search(body) and not _TAG.search(body) else body


def _language(text: str) -> str:
    return text.strip(" -")[:2].lower()


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
