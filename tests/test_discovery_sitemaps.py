"""Sitemaps as they are found, and what they must become."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.records import Listing, Span
from tasks.discovery.kinds import LATE
from tasks.discovery.sitemaps import DEEPEST, Sitemap
from tasks.discovery.xml import MAX_INFLATED
from tasks.sources.schema import SitemapList
from tests.lists import NOW, listed, read, source

SITEMAP = SitemapList(kind="sitemap", url="https://www.news.example/sitemap.xml")
DAY = Span(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))

NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><image:image><image:loc>https://img.news.example/1.jpg</image:loc>
<image:title>Picture</image:title></image:image>
<loc>http://news.example/markets/26/11/40112233/acmes-profit/</loc>
<lastmod>2026-11-17T15:00:00Z</lastmod>
<news:news><news:publication><news:name>News</news:name><news:language>en</news:language>
</news:publication><news:publication_date>2026-11-17T09:30:05-04:00</news:publication_date>
<news:title>Acme's Profit Rises</news:title><news:stock_tickers>NASDAQ:ACME, NYSE:BIG
</news:stock_tickers></news:news></url>
<url><loc>mailto:desk@news.example</loc></url></urlset>"""


def index(*children: tuple[str, str]) -> str:
    """Return an index of sitemaps with these addresses and dates."""
    entries = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>"
        for url, date in children
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'


def urlset(*entries: tuple[str, str]) -> str:
    """Return a sitemap with these addresses and dates."""
    urls = "".join(f"<url><loc>{u}</loc><lastmod>{date}</lastmod></url>" for u, date in entries)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def further(body: str, span: Span | None = None, declared: SitemapList = SITEMAP) -> list[str]:
    """Return the addresses that an index leads to."""
    return [
        ask.url.removeprefix("https://www.news.example")
        for ask in read(declared, body, span=span).further
    ]


def test_news_sitemaps_become_listings() -> None:
    """Google News fields are read, not those of pictures; an entry without an address is left."""
    (listing,) = listed(SITEMAP, NEWS_SITEMAP)
    assert listing.url == "http://news.example/markets/26/11/40112233/acmes-profit/"
    assert listing.title == "Acme's Profit Rises"
    assert listing.updated_at == datetime(2026, 11, 17, 15, 0, tzinfo=UTC)
    assert listing.published_at == datetime(2026, 11, 17, 13, 30, 5, tzinfo=UTC)
    assert listing.tickers == ("NASDAQ:ACME", "NYSE:BIG")
    assert listing.language == "en"


def test_a_gzipped_sitemap_is_the_same() -> None:
    """Sitemaps are often stored gzipped, in several members at times."""
    half = len(NEWS_SITEMAP) // 2
    members = gzip.compress(NEWS_SITEMAP[:half].encode()) + gzip.compress(
        NEWS_SITEMAP[half:].encode()
    )
    for body in (gzip.compress(NEWS_SITEMAP.encode()), members):
        assert listed(SITEMAP, body) == listed(SITEMAP, NEWS_SITEMAP)


def test_sitemaps_without_a_namespace() -> None:
    """Some sites leave the namespaces out."""
    bare = NEWS_SITEMAP.replace("xmlns", "data-x")
    assert listed(SITEMAP, bare) == listed(SITEMAP, NEWS_SITEMAP)


def test_an_index_names_further_sitemaps_newest_first() -> None:
    """Relative ones too; ``sitemaps`` chooses among them."""
    body = index(
        ("https://www.news.example/a.xml", "2026-10-31"), ("/b.xml", "2026-11-17"), ("/c.xml", "")
    )
    assert further(body) == ["/b.xml", "/a.xml", "/c.xml"]
    chosen = SITEMAP.model_copy(update={"sitemaps": "/[ab].xml"})
    assert further(body, declared=chosen) == ["/b.xml", "/a.xml"]


def test_only_chooses_among_articles() -> None:
    """``only`` is matched with the whole address."""
    only = SITEMAP.model_copy(update={"only": "/markets/"})
    body = urlset(
        ("https://www.news.example/markets/1", ""), ("https://www.news.example/video/1", "")
    )
    assert [listing.url for listing in listed(only, body)] == ["https://www.news.example/markets/1"]


def test_an_index_is_pruned_by_dates_and_names() -> None:
    """What was last changed before the span, or names another month or day, is not asked for."""
    body = index(
        ("/old.xml", "2026-11-01"),
        ("/new.xml", "2026-11-19"),
        ("/undated.xml", ""),
        ("/sitemap-2026-09.xml", ""),
        ("/sitemap-2026-11.xml.gz", ""),
        ("/2026/11/17/posts.xml", ""),
        ("/posts_20261125.xml", ""),
        ("/sitemap-2031.xml", ""),
    )
    assert further(body, DAY) == [
        "/new.xml",
        *("/undated.xml", "/sitemap-2026-11.xml.gz", "/2026/11/17/posts.xml", "/sitemap-2031.xml"),
    ]
    since = Span(datetime(2026, 11, 17, tzinfo=UTC))
    assert "/old.xml" not in further(body, since)
    assert len(further(body, since)) == 7
    assert len(further(body)) == 8


def test_a_date_of_change_is_believed_with_room_for_caches() -> None:
    """An index that a cache serves late must not hide a sitemap that has changed since."""
    since = datetime(2026, 11, 17, 12, tzinfo=UTC)
    just = index(("/a.xml", (since - LATE).isoformat()))
    before = index(("/a.xml", (since - LATE - timedelta(seconds=1)).isoformat()))
    assert further(just, Span(since)) == ["/a.xml"]
    assert further(before, Span(since)) == []


def test_indexes_are_followed_to_a_depth() -> None:
    """An index of indexes of indexes ends, and says so."""
    kind = Sitemap(SITEMAP, source(SITEMAP), Span(), NOW)
    (ask,) = kind.first()
    for _ in range(DEEPEST):
        (ask,) = kind.read(ask, index((f"{ask.url}x", "")).encode()).further
    found = kind.read(ask, index(("/deeper.xml", "")).encode())
    assert (list(found.further), found.is_whole) == ([], False)


def test_dates_made_with_the_sitemap_say_nothing() -> None:
    """Dates of now, or the same for most entries, would make every article new each time."""
    made = [(f"https://www.news.example/{n}", "2026-11-20T11:50:00Z") for n in range(10)]
    true = ("https://www.news.example/true", "2026-11-18T10:00:00Z")
    listings = {x.url[-4:]: x.updated_at for x in listed(SITEMAP, urlset(*made, true))}
    assert listings.pop("true") == datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert set(listings.values()) == {None}
    now = urlset(("https://www.news.example/1", NOW.isoformat()))
    assert listed(SITEMAP, now)[0].updated_at is None


def test_a_slice_has_the_entries_of_its_day() -> None:
    """By publication date, by the day in the address, else by the date of change."""
    assert len(listed(SITEMAP, NEWS_SITEMAP, DAY)) == 1
    body = urlset(
        ("https://www.news.example/2026/11/17/a", "2026-11-25"),
        ("https://www.news.example/2026/11/12/b", "2026-11-17T10:00:00Z"),
        ("https://www.news.example/c", "2026-11-17T10:00:00Z"),
        ("https://www.news.example/d", "2026-11-16T10:00:00Z"),
    )
    assert [listing.url[-1] for listing in listed(SITEMAP, body, DAY)] == ["a", "c"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"no xml at all", b"<html><body/></html>"),
        gzip.compress(b"<urlset/>")[:-4],
        gzip.compress(bytes(MAX_INFLATED + 1)),
    ],
    ids=["empty", "text", "html", "cut", "bomb"],
)
def test_what_is_not_a_sitemap_says_so(body: bytes) -> None:
    """Empty, foreign, cut and exploding sitemaps are errors."""
    with pytest.raises(ValueError, match=r"not a sitemap|too large"):
        listed(SITEMAP, body)


def test_a_sitemap_that_breaks_off_gives_what_it_has() -> None:
    """And the reading is not whole, so that nothing is taken for proven complete."""
    body = urlset(*((f"https://www.news.example/{n}", "") for n in range(10)))
    found = read(SITEMAP, body[: len(body) // 2])
    assert 3 <= len(found.listings) <= 6
    assert not found.is_whole


def test_a_sitemap_cut_anywhere_names_only_what_the_whole_one_names() -> None:
    """Half an address is the address of another page, or of another sitemap."""
    for text in (NEWS_SITEMAP, index(("https://www.news.example/1.xml", "2026-11-17"))):
        body, whole = text.encode(), read(SITEMAP, text)
        for length in range(body.index(b"<", 50), body.rindex(b"</")):
            found = read(SITEMAP, body[:length])
            assert {x.url for x in found.listings} <= {x.url for x in whole.listings}
            assert {x.url for x in found.further} <= {x.url for x in whole.further}
            assert not found.is_whole


def test_an_entity_bomb_stays_small() -> None:
    """Entities are not expanded."""
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<urlset><url><loc>https://www.news.example/&b;&b;</loc></url></urlset>"
    )
    assert len("".join(listing.url for listing in listed(SITEMAP, bomb))) < 100


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No input breaks the reader in another way than by ValueError."""
    try:
        listed(SITEMAP, body)
    except ValueError:
        return


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=8))
def test_any_entries_are_read(entries: list[tuple[str, str]]) -> None:
    """Addresses and dates of any content never break a sitemap."""
    cleaned = [tuple(f"<![CDATA[{text.replace(']]>', '')}]]>" for text in pair) for pair in entries]
    listings: list[Listing] = listed(SITEMAP, urlset(*cleaned).encode("utf-8", "replace"))  # type: ignore[arg-type]
    assert all(listing.url.startswith("http") for listing in listings)
