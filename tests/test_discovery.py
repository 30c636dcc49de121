"""Feeds and sitemaps as they are found, and what they must become."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.records import Listing
from tasks.discovery.feeds import read_feed
from tasks.discovery.listings import merged, read_instant
from tasks.discovery.sitemaps import MAX_INFLATED, read_sitemap
from tasks.sources.schema import FeedList, SitemapList, Source

FEED = FeedList(kind="feed", url="https://www.news.example/feed")
SITEMAP = SitemapList(kind="sitemap", url="https://www.news.example/sitemap.xml")
SOURCE = Source(
    name="news",
    title="News",
    publisher="news.example",
    home="https://www.news.example/",
    timezone="America/New_York",
    id_pattern=r"/(\d{6,9})(?:/|$)",
    lists=(FEED,),
)

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>News</title><language>en-us</language>
<item>
  <title>Acme&amp;amp;#8217;s Profit Rises</title>
  <link>https://www.news.example/markets/26/11/40112233/acmes-profit?utm_source=rss</link>
  <guid isPermaLink="false">40112233</guid>
  <pubDate>Tue, 17 Nov 2026 09:30:05 -0400</pubDate>
  <dc:creator>Ada Lane</dc:creator>
  <category domain="https://www.news.example/rss/stock">NASDAQ:ACME</category>
  <category>Earnings</category>
  <description>Teaser.</description>
  <content:encoded><![CDATA[<p>The whole story.</p>]]></content:encoded>
</item>
<item><title>Headline alone</title><link></link><guid>g-77</guid></item>
<item><title>Relative</title><link>/news/40112234/x</link></item>
<item><description>neither link nor guid nor title</description></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="it"><title>N</title>
<entry><id>tag:news.example,2026:9</id><title>Borsa in rialzo</title>
<link rel="alternate" href="https://it.news.example/news/borsa"/>
<published>2026-11-17T09:30:00+01:00</published><updated>2026-11-17T12:00:00+01:00</updated>
<author><name>Lia Neri</name></author><category term="Mercati"/></entry></feed>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [
{"id": "5", "url": "https://www.news.example/a/5", "title": "Five",
 "content_html": "<p>x</p>", "date_published": "2026-11-17T09:30:00-05:00"}]}"""

NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://news.example/markets/26/11/40112233/acmes-profit/</loc>
<lastmod>2026-11-17T15:00:00Z</lastmod>
<news:news><news:publication><news:name>News</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-11-17T09:30:05-04:00</news:publication_date>
<news:title>Acme's Profit Rises</news:title><news:stock_tickers>NASDAQ:ACME, NYSE:BIG
</news:stock_tickers></news:news></url>
<url><loc>mailto:desk@news.example</loc></url></urlset>"""

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://www.news.example/2026-10.xml</loc><lastmod>2026-10-31</lastmod></sitemap>
<sitemap><loc>/2026-11.xml</loc><lastmod>2026-11-17</lastmod></sitemap></sitemapindex>"""


def test_rss_items_become_listings() -> None:
    """Title, link, instant, author, categories and body are read; tracking is dropped."""
    story, headline, relative = read_feed(RSS.encode(), FEED, SOURCE).listings
    assert story.title == "Acme’s Profit Rises"
    assert story.url == "https://www.news.example/markets/26/11/40112233/acmes-profit"
    assert story.published_at == datetime(2026, 11, 17, 13, 30, 5, tzinfo=UTC)
    assert story.authors == ("Ada Lane",)
    assert story.tickers == ("NASDAQ:ACME",)
    assert story.topics == ("Earnings",)
    assert story.body == "<p>The whole story.</p>"
    assert not story.is_full
    assert (headline.url, headline.guid, headline.is_full) == ("", "g-77", True)
    assert relative.url == "https://www.news.example/news/40112234/x"


def test_a_full_text_feed_needs_no_fetch() -> None:
    """Where the source says that items are whole, they are."""
    full = FEED.model_copy(update={"full_text": True})
    assert all(listing.is_full for listing in read_feed(RSS.encode(), full, SOURCE).listings)


def test_atom_and_json_feed() -> None:
    """The other two feed formats give the same records."""
    (atom,) = read_feed(ATOM.encode(), FEED, SOURCE).listings
    assert atom.published_at == datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    assert atom.updated_at == datetime(2026, 11, 17, 11, 0, tzinfo=UTC)
    assert (atom.title, atom.topics) == ("Borsa in rialzo", ("Mercati",))
    assert atom.language == "it"
    (item,) = read_feed(JSON_FEED.encode(), FEED, SOURCE).listings
    assert item.url == "https://www.news.example/a/5"
    assert item.published_at == datetime(2026, 11, 17, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\x00\x01\x02", b"<html><body>Sorry</body></html>", b"{}", b"<rss", b"plain"),
        b'{"version": "https://jsonfeed.org/version/1.1", "items": null}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [1]}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "authors": "x"}]}',
    ],
)
def test_what_is_not_a_feed_says_so(body: bytes) -> None:
    """A dead feed is an error, never a feed with nothing in it."""
    with pytest.raises(ValueError, match="not an RSS, Atom or JSON feed"):
        read_feed(body, FEED, SOURCE)


def test_news_sitemaps_become_listings() -> None:
    """Google News fields are read; an entry without an address is left out."""
    (listing,) = read_sitemap(NEWS_SITEMAP.encode(), SITEMAP, SOURCE).listings
    assert listing.title == "Acme's Profit Rises"
    assert listing.updated_at == datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
    assert listing.published_at == datetime(2026, 11, 17, 13, 30, 5, tzinfo=UTC)
    assert listing.tickers == ("NASDAQ:ACME", "NYSE:BIG")
    assert listing.language == "en"


def test_a_gzipped_sitemap_is_the_same() -> None:
    """Sitemaps are often stored gzipped."""
    plain = read_sitemap(NEWS_SITEMAP.encode(), SITEMAP, SOURCE)
    assert read_sitemap(gzip.compress(NEWS_SITEMAP.encode()), SITEMAP, SOURCE) == plain


def test_an_index_names_further_sitemaps_newest_first() -> None:
    """So that a limit on documents drops the oldest."""
    found = read_sitemap(INDEX.encode(), SITEMAP, SOURCE)
    assert not found.listings
    assert [ask.url for ask in found.further] == [
        "https://www.news.example/2026-11.xml",
        "https://www.news.example/2026-10.xml",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml at all",
        b"<html><body/></html>",
        gzip.compress(b"<urlset/>")[:-4],
        gzip.compress(bytes(MAX_INFLATED + 1)),
    ],
    ids=["empty", "text", "html", "cut", "bomb"],
)
def test_what_is_not_a_sitemap_says_so(body: bytes) -> None:
    """Empty, foreign, cut and exploding sitemaps are errors."""
    with pytest.raises(ValueError, match=r"not a sitemap|too large"):
        read_sitemap(body, SITEMAP, SOURCE)


def test_an_entity_bomb_stays_small() -> None:
    """Entities are not expanded."""
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<urlset><url><loc>https://www.news.example/&b;&b;</loc></url></urlset>"
    )
    (listing,) = read_sitemap(bomb.encode(), SITEMAP, SOURCE).listings
    assert listing.url == "https://www.news.example/"


def test_lines_of_one_article_are_merged() -> None:
    """Two spellings of a URL with the publisher's id are one article; the later line adds."""
    rss = read_feed(RSS.encode(), FEED, SOURCE).listings[0]
    sitemap = read_sitemap(NEWS_SITEMAP.encode(), SITEMAP, SOURCE).listings[0]
    (both,) = merged([rss, sitemap], SOURCE)
    assert both.url == rss.url
    assert both.updated_at == sitemap.updated_at
    assert both.tickers == ("NASDAQ:ACME", "NYSE:BIG")
    assert merged([both, both], SOURCE) == [both]


def test_an_edited_line_is_another_listing() -> None:
    """What the list says now decides whether there is something to fetch."""
    listing = Listing(source="news", url="https://a.example/1", title="Old")
    assert listing.listing_id == replace(listing, body="teaser").listing_id
    assert listing.listing_id != replace(listing, title="New").listing_id
    later = replace(listing, updated_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert listing.listing_id != later.listing_id


def test_an_instant_without_offset_is_in_the_sources_zone() -> None:
    """New York in winter is five hours behind."""
    assert read_instant("2026-11-17T09:30:00", SOURCE) == datetime(2026, 11, 17, 14, 30, tzinfo=UTC)
    assert read_instant("soon", SOURCE) is None
    assert read_instant("0001-01-01T00:00:00+14:00", SOURCE) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No input breaks a reader in another way than by ValueError."""
    for read, declared in ((read_feed, FEED), (read_sitemap, SITEMAP)):
        try:
            read(body, declared, SOURCE)
        except ValueError:
            continue


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_text_in_a_feed_is_read(title: str, link: str) -> None:
    """Titles and links of any content are read without a crash."""
    title, link = (text.replace("]]>", "") for text in (title, link))
    rss = (
        f"<rss version='2.0'><channel><item><title><![CDATA[{title}]]></title>"
        f"<link><![CDATA[{link}]]></link></item></channel></rss>"
    )
    try:
        found = read_feed(rss.encode("utf-8", "replace"), FEED, SOURCE)
    except ValueError:
        return  # not XML, by a control character
    assert len(found.listings) <= 1
