"""Looks at a site and drafts a source file: its feeds, sitemaps, language and articles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml.etree import ParserError
from lxml.html import HtmlElement, document_fromstring

from flows.clock import utc_now
from tasks.articles.errors import ItemError, SourceError
from tasks.articles.records import Listing, Page, Span
from tasks.articles.urls import clean_url
from tasks.discover import discover
from tasks.extraction.extract import extract
from tasks.extraction.reading import read_page
from tasks.fetch import fetch
from tasks.sources.draft import (
    Draft,
    advertised_feeds,
    is_private,
    sitemaps_of,
    toml_of,
)
from tasks.sources.registry import read_source
from tasks.sources.schema import ArticlePages, FeedList, Politeness, SitemapList, Source
from tasks.web.client import Client

FEED_PATHS = ("feed", "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json")
SITEMAP_PATHS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemap.xml")
MOST_LISTS = 4  # of one kind, that a draft names
ENOUGH_LISTINGS = 20  # with so many, the sitemaps need not be asked
LATELY = timedelta(days=14)  # how far back sitemaps are read
REGIONS = ("article", "[itemprop='articleBody']", "main")
_LANGUAGE = re.compile(r"[a-z]{2}(?![a-z])", re.IGNORECASE)
_OK = 200


def place_for(folder: Path, name: str, taken: Mapping[str, Source]) -> Path:
    """Return where the file of a new source goes. Raises SourceError where there is one already."""
    path = folder / f"{name}.toml"
    if name in taken or path.exists():
        raise SourceError(
            f"There is a source {name!r} already; give the new one a name with --name."
        )
    return path


async def draft_source(url: str, name: str, contact: str) -> str:
    """Return the text of a source file of this name for the site at ``url``, or a feed there.

    Raises SourceError where neither feed nor sitemap is found, ItemError where the site does not
    answer, SettingsError without a contact.
    """
    address = clean_url(url)
    if not address:
        raise SourceError(f"{url!r} is not an http(s) address.")
    async with Client(contact=contact, attempts=2) as client:
        text = toml_of(await _look(address, name, client))
    read_source(text, Path(f"{name}.toml"))  # it loads, or says why: a name that is none, say
    return text


async def _look(url: str, name: str, client: Client) -> Draft:
    response = await client.get(url, _politeness(url, url))
    home = urljoin(response.url, "/")
    page = _tree(response.body)
    feeds, found = await _feeds(url, page, home, client)
    sitemaps: list[str] = []
    if len(found) < ENOUGH_LISTINGS:
        sitemaps, more = await _sitemaps(home, client)
        found += more
    if not found:
        raise SourceError(
            f"{home} shows no feed and no sitemap that lists articles. Name its pages of links "
            'yourself, in a [[lists]] with kind = "pages"; CONTRIBUTING.md shows how.'
        )
    region, language = await _article(found, home, client)
    spoken = _language(page) or next((line.language for line in found if line.language), language)
    return Draft(
        name=name,
        title=_title(page),
        home=home,
        languages=(spoken,) if spoken else (),
        lists=(*(("feed", feed) for feed in feeds), *(("sitemap", each) for each in sitemaps)),
        urls=tuple(line.url for line in found if line.url),
        region=region,
    )


async def _feeds(
    url: str, page: HtmlElement | None, home: str, client: Client
) -> tuple[list[str], list[Listing]]:
    """Return the feeds that can be read: the address itself, those named, else the usual ones."""
    if page is None:
        return await _readable([url], "feed", home, client)
    named = advertised_feeds(page, url)
    feeds, found = await _readable(named, "feed", home, client)
    if found:
        return feeds, found
    return await _readable([home + path for path in FEED_PATHS], "feed", home, client, most=1)


async def _sitemaps(home: str, client: Client) -> tuple[list[str], list[Listing]]:
    try:
        answer = await client.get(home + "robots.txt", _politeness(home, home))
        robots = answer.body.decode("utf-8", "replace") if answer.status == _OK else ""
    except ItemError:
        robots = ""
    named = sitemaps_of(robots, home) or [home + path for path in SITEMAP_PATHS]
    return await _readable(named, "sitemap", home, client, most=1)


async def _readable(
    urls: Sequence[str], kind: str, home: str, client: Client, most: int = MOST_LISTS
) -> tuple[list[str], list[Listing]]:
    """Return the addresses that hold such a list, ``most`` of them, and all that they list."""
    lately = Span(since=utc_now() - LATELY) if kind == "sitemap" else Span()
    good: list[str] = []
    found: list[Listing] = []
    for url in urls[: 2 * MOST_LISTS]:
        try:
            discovery = await discover.fn(_stand_in(home, kind, url), client, utc_now, span=lately)
        except ItemError:
            continue
        if discovery.listings:
            good.append(url)
            found += discovery.listings
        if len(good) == most:
            break
    return good, found


async def _article(found: Sequence[Listing], home: str, client: Client) -> tuple[str, str]:
    """Return the region and the language of an article that is listed; "" for what is not seen."""
    source = _stand_in(home, "feed", home)
    for listing in [line for line in found if line.url][:MOST_LISTS]:
        fetched = await fetch.fn([listing], {listing.source: source}, client, utc_now)
        for page in fetched.pages:
            try:
                language = extract(page, source).language
            except ItemError:
                continue
            return next(_regions(page, source), ""), language
    return "", ""


def _regions(page: Page, source: Source) -> Iterator[str]:
    for selector in REGIONS:
        told = source.model_copy(update={"article": ArticlePages(region=selector)})
        region = read_page(page, told).region
        if region and region.how == "declared":
            yield selector


def _stand_in(home: str, kind: str, url: str) -> Source:
    """Return a source of one list, that knows nothing of the site."""
    host = urlsplit(home).hostname or ""
    return Source(
        name="draft",
        title=host,
        publisher=re.sub("[^a-z0-9.-]", "-", host),
        home=home,
        languages=(),
        lists=(
            SitemapList(kind="sitemap", url=url)
            if kind == "sitemap"
            else FeedList(kind="feed", url=url),
        ),
        politeness=_politeness(url, home),
    )


def _politeness(url: str, home: str) -> Politeness:
    """Return how to ask while looking around: the site that a person typed may be in their network.

    What its pages name may not, unless it is on the same host.
    """
    return Politeness(
        concurrency=1,
        per_minute=60_000 if is_private(home) else 240,
        allow_private=urlsplit(url).hostname == urlsplit(home).hostname,
    )


def _tree(body: bytes) -> HtmlElement | None:
    """Return the page, or None for what is none: the address of a feed, say."""
    start = body[:1_000].lstrip().lower()
    if start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf", b"{")) and b"<html" not in start:
        return None
    try:
        return document_fromstring(body)
    except (ParserError, ValueError):
        return None


def _title(page: HtmlElement | None) -> str:
    if page is None:
        return ""
    named = page.xpath("string(//meta[@property='og:site_name']/@content)")
    return str(named).strip() or str(page.xpath("string(//title)")).strip()


def _language(page: HtmlElement | None) -> str:
    said = str(page.get("lang", "")) if page is not None else ""
    match = _LANGUAGE.match(said)
    return match.group().lower() if match else ""
