"""Feeds as they are found, and what they must become."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.records import Listing, Span
from tasks.discovery.instants import read_instant
from tests.lists import FEED, SOURCE, listed, read

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>News</title><language>en-us</language>
<item>
  <title>Acme&amp;amp;#8217;s Profit Rises</title>
  <link>https://www.news.example/markets/26/11/40112233/acmes-profit?utm_source=rss</link>
  <guid isPermaLink="false">40112233</guid>
  <pubDate>Tue, 17 Nov 2026 09:30:05 -0400</pubDate>
  <dc:creator>Ada Lane</dc:creator><dc:creator>Bo Ek</dc:creator>
  <category domain="https://www.news.example/rss/stock">NASDAQ:ACME</category>
  <category domain="https://www.news.example/rss/ISIN">US0000000001</category>
  <category>Earnings</category>
  <media:title>A picture of a factory</media:title>
  <description>Teaser.</description>
  <content:encoded><![CDATA[<p>The whole story.</p>]]></content:encoded>
</item>
<item><title>Headline alone</title><link></link><guid>g-77</guid></item>
<item><title>Relative</title><link>/news/40112234/x</link></item>
<item><description>neither link nor guid nor title</description></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="it" xml:base="https://it.news.example/"><title>N</title>
<entry><id>tag:news.example,2026:9</id><title type="html">Borsa &amp;amp; banche</title>
<link rel="self" href="https://it.news.example/self/9"/>
<link rel="alternate" href="news/borsa"/>
<published>2026-11-17T09:30:00+01:00</published><updated>2026-11-17T12:00:00+01:00</updated>
<author><name>Lia Neri</name></author><author><name>Ugo Sarti</name></author>
<category term="Mercati"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Testo <b>intero</b>.</p></div>
</content>
</entry></feed>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "N", "language": "es-ES",
"items": [{"id": "5", "url": "https://www.news.example/a/5", "title": "Five",
 "content_html": "<p>x</p>", "date_published": "2026-11-17T09:30:00-05:00",
 "authors": [{"name": "Eva Ruiz"}], "tags": ["Bolsa"]}]}"""

RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:d="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://www.news.example/"><title>N</title></channel>
<item rdf:about="https://www.news.example/9"><title>Nine</title><link>https://www.news.example/9</link>
<d:date>2026-11-17T09:30:00Z</d:date><d:creator>Ada Lane</d:creator><d:subject>Bonds</d:subject>
</item></rdf:RDF>"""


NINE = "https://www.news.example/9"
BURNER = "http://rssnamespace.org/feedburner/ext/1.0"


def item(inner: str) -> Listing:
    """Return the listing of one RSS item."""
    (listing,) = listed(FEED, f'<rss version="2.0"><channel><item>{inner}</item></channel></rss>')
    return listing


def test_rss_items_become_listings() -> None:
    """Title, link, instant, authors, categories and body are read; tracking is dropped."""
    story, headline, relative = listed(FEED, RSS)
    assert story.title == "Acme’s Profit Rises"
    assert story.url == "https://www.news.example/markets/26/11/40112233/acmes-profit"
    assert story.published_at == datetime(2026, 11, 17, 13, 30, 5, tzinfo=UTC)
    assert story.authors == ("Ada Lane", "Bo Ek")
    assert story.language == "en"
    assert story.tickers == ("NASDAQ:ACME",)
    assert story.topics == ("Earnings",)
    assert story.body == "<p>The whole story.</p>"
    assert not story.is_full
    assert (headline.url, headline.guid, headline.is_full) == ("", "g-77", True)
    assert relative.url == "https://www.news.example/news/40112234/x"


def test_a_full_text_feed_needs_no_fetch() -> None:
    """Where the source says that items are whole, they are."""
    full = FEED.model_copy(update={"full_text": True})
    assert all(listing.is_full for listing in listed(full, RSS))


def test_atom() -> None:
    """The alternate link relative to xml:base, both authors, the markup written out."""
    (atom,) = listed(FEED, ATOM)
    assert atom.url == "https://it.news.example/news/borsa"
    assert atom.published_at == datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    assert atom.updated_at == datetime(2026, 11, 17, 11, 0, tzinfo=UTC)
    assert (atom.title, atom.topics, atom.language) == ("Borsa & banche", ("Mercati",), "it")
    assert atom.authors == ("Lia Neri", "Ugo Sarti")
    assert "Testo" in atom.body
    assert "intero" in atom.body


def test_json_feed_and_rss_1() -> None:
    """The other two formats give the same records, whatever prefix a vocabulary has."""
    (five,) = listed(FEED, JSON_FEED)
    assert five.url == "https://www.news.example/a/5"
    assert five.published_at == datetime(2026, 11, 17, 14, 30, tzinfo=UTC)
    assert (five.authors, five.topics, five.language) == (("Eva Ruiz",), ("Bolsa",), "es")
    (nine,) = listed(FEED, RDF)
    assert (nine.title, nine.authors, nine.topics) == ("Nine", ("Ada Lane",), ("Bonds",))
    assert nine.published_at == datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<title>a</title><guid>https://www.news.example/9</guid>", "https://www.news.example/9"),
        ('<title>a</title><guid isPermaLink="false">https://www.news.example/9</guid>', ""),
        (f'<link>https://f.example</link><f:origLink xmlns:f="{BURNER}">{NINE}</f:origLink>', NINE),
        (
            "<link>https://www.news.example/9?a=1&b=2&utm_medium=rss</link>",
            "https://www.news.example/9?a=1&b=2",
        ),
        (
            "<link><![CDATA[https://www.news.example/9?a=1&amp;b=2]]></link>",
            "https://www.news.example/9?a=1&b=2",
        ),
        (
            '<title>a</title><a:link xmlns:a="http://www.w3.org/2005/Atom" href="/9"/>',
            "https://www.news.example/9",
        ),
        ("<title>a</title><link>javascript:void(0)</link>", ""),
    ],
)
def test_where_an_items_link_stands(inner: str, url: str) -> None:
    """A permalink guid, FeedBurner's original link, loose ampersands, atom:link."""
    assert item(inner).url == url


def test_languages_of_channel_and_item() -> None:
    """An item's own language is its own; the channel's is that of the others."""
    rss = "<rss><channel><language>it-IT</language><item><title>a</title><guid>1</guid>"
    rss += "<dc:language>es</dc:language></item><item><title>b</title><guid>2</guid></item>"
    assert [x.language for x in listed(FEED, rss + "</channel></rss>")] == ["es", "it"]
    none = "<rss><channel><item><title>a</title><guid>1</guid><dc:language>es</dc:language></item>"
    none += "<item><title>b</title><guid>2</guid></item></channel></rss>"
    assert [x.language for x in listed(FEED, none)] == ["es", ""]


def test_headlines_with_markup() -> None:
    """Inline tags go, what only looks like one stays."""
    story = item("<title>&lt;b&gt;Acme&lt;/b&gt; &amp;amp; Beta: a &lt; b</title><guid>1</guid>")
    assert story.title == "Acme & Beta: a < b"


def test_tickers_of_nasdaqs_feeds() -> None:
    """The list of symbols in one element; dc:creator is the real publisher."""
    nasdaq = item(
        '<title>t</title><n:tickers xmlns:n="http://nasdaq.com/reference/feeds/1.0">AAPL, MSFT,AAPL'
        "</n:tickers>"
    )
    assert nasdaq.tickers == ("AAPL", "MSFT")


def test_bodies_escaped_once_too_often() -> None:
    """What shows tags when read as text was meant as HTML; a body that speaks of tags stays."""
    assert (
        item("<title>t</title><description>&amp;lt;p&amp;gt;A&amp;lt;/p&amp;gt;</description>").body
        == "<p>A</p>"
    )
    assert item("<title>t</title><description>2 &amp;lt; 3</description>").body == "2 &lt; 3"


def test_undeclared_prefixes_entities_and_loose_ampersands() -> None:
    """Malformed XML is read as it was meant."""
    story = item(
        "<title>Caf&eacute; & Co: R&D up</title><dc:creator>Ada</dc:creator><guid>1</guid>"
    )
    assert (story.title, story.authors) == ("Café & Co: R&D up", ("Ada",))


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("cp1252", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("iso-8859-2", "iso-8859-2"),
        ("utf-16", "utf-16"),
    ],
)
def test_charsets_that_are_declared_wrongly(charset: str, declared: str) -> None:
    """UTF-8 where the bytes are, the declared one where it is true of them, else Windows-1252."""
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><rss><channel><item><title>Società é</title>'
    )
    text = text.replace("à", "č") if charset == "iso-8859-2" else text
    (story,) = listed(FEED, (text + "<guid>1</guid></item></channel></rss>").encode(charset))
    assert story.title in {"Società é", "Societč é"}


def test_a_feed_that_breaks_off_gives_what_it_has() -> None:
    """The items before the break are listed, and the reading is not whole."""
    found = read(FEED, RSS[: RSS.index("<item><title>Relative")])
    assert [listing.title for listing in found.listings][:2] == [
        "Acme’s Profit Rises",
        "Headline alone",
    ]
    assert not found.is_whole
    assert "breaks off" in found.problems[0]


def test_a_feed_cut_anywhere_names_only_what_the_whole_one_names() -> None:
    """Half an address is the address of another page."""
    whole = {(x.url, x.title, x.published_at) for x in read(FEED, RSS).listings}
    cut = RSS.encode()
    for length in range(cut.index(b"<item>"), cut.index(b"</rss>")):
        found = read(FEED, cut[:length])
        assert {(x.url, x.title, x.published_at) for x in found.listings} <= whole, cut[:length]
        assert not found.is_whole, cut[:length]


def test_junk_at_the_end_and_wrong_tags_are_no_break() -> None:
    """What follows the last tag, or a tag that is never closed, costs nothing."""
    for text in (RSS + "<!-- 3 ms --> ok", RSS.replace("</title>", "", 1)):
        found = read(FEED, text)
        assert found.is_whole
        assert len(found.listings) == 3


def test_noise_before_the_first_tag() -> None:
    """A byte order mark, blank lines, a server's warning."""
    for noise in ("\ufeff", "\n\n ", "Warning: mysql_connect() in feed.php\n"):
        assert len(listed(FEED, noise + RSS)) == 3


def test_a_bomb_stays_small() -> None:
    """Entities are not expanded, and the item next to them is read."""
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "'
        + "a" * 1000
        + '">]>'
        + RSS.split("?>", 1)[1].replace("Relative", "&a;" * 1000)
    )
    stories = listed(FEED, bomb)
    assert stories[0].title == "Acme’s Profit Rises"
    assert all(len(listing.title) < 10_000 for listing in stories)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\x00\x01\x02", b"<html><body>Sorry</body></html>", b"{}", b"plain"),
        b"<!DOCTYPE html><html><head><title>Access denied</title></head></html>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": null}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [1]}',
    ],
)
def test_what_is_not_a_feed_says_so(body: bytes) -> None:
    """A dead feed is an error, never a feed with nothing in it."""
    with pytest.raises(ValueError, match=r"not an RSS, Atom or JSON feed|holds no XML"):
        listed(FEED, body)


def test_a_slice_has_the_items_of_its_day() -> None:
    """By the published instant, else by the day in the URL; an item of no day may be of any."""
    day = Span(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))
    assert len(listed(FEED, RSS, day)) == 3
    other = Span(datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))
    assert [x.title for x in listed(FEED, RSS, other)] == ["Headline alone", "Relative"]
    dated = RSS.replace("/news/40112234/x", "/2026/11/17/x")
    assert [x.title for x in listed(FEED, dated, other)] == ["Headline alone"]


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("Tue, 17 Nov 2026 09:30:05", 14, 30),
        ("2026-11-17T09:30:05", 14, 30),
        ("Tue, 17 Nov 2026 09:30:05 EST", 14, 30),
        ("Tue, 17 Nov 2026 09:30:05 -0400", 13, 30),
        ("Tue, 17 Nov 2026 09:30:05 -0000", 9, 30),
        ("Tue, 17 Nov 2026 09:30:05 CET", 8, 30),
        ("Tue, 17 Nov 2026 09:30:05 CEST", 7, 30),
        ("Tue, 17 Nov 2026 09:30:05 JST", 0, 30),
        ("mar, 17 nov 2026 09:30:05 +0100", 8, 30),
        ("Tuesday, 17-Nov-26 09:30:05 GMT", 9, 30),
        ("Nov 17, 2026 9:30:05 AM", 14, 30),
        ("2026-11-17 09:30:05 EST", 14, 30),
        ("2026-11-17T09:30:05.123Z", 9, 30),
    ],
)
def test_instants_and_their_zones(text: str, hour: int, minute: int) -> None:
    """A named zone is right, and without one the source's holds."""
    instant = read_instant(text, SOURCE)
    assert instant
    assert instant.replace(microsecond=0) == datetime(2026, 11, 17, hour, minute, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["soon", "", "0001-01-01T00:00:00+14:00", "17 Foo 2026 09:30", "1"]
)
def test_what_is_no_instant(text: str) -> None:
    """Nothing is made up."""
    assert read_instant(text, SOURCE) is None


@pytest.mark.parametrize(
    ("month", "number"),
    [("gen", 1), ("juin", 6), ("juillet", 7), ("ago", 8), ("dic", 12), ("Okt", 10)],
)
def test_months_in_other_languages(month: str, number: int) -> None:
    """Italian, Spanish, French and German feeds write their own months."""
    instant = read_instant(f"5 {month} 2026 12:00:00 GMT", SOURCE)
    assert instant == datetime(2026, number, 5, 12, tzinfo=UTC)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No input breaks the reader in another way than by ValueError."""
    try:
        listed(FEED, body)
    except ValueError:
        return


@given(st.text(max_size=200), st.text(max_size=80))
def test_any_text_in_a_feed_is_read(title: str, link: str) -> None:
    """Titles and links of any content are read without a crash."""
    title, link = (text.replace("]]>", "") for text in (title, link))
    rss = (
        f"<rss version='2.0'><channel><item><title><![CDATA[{title}]]></title>"
        f"<link><![CDATA[{link}]]></link></item></channel></rss>"
    )
    assert len(listed(FEED, rss.encode("utf-8", "replace"))) <= 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["items", "id", "url", "title", "authors", "tags", "name", "language"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(answer: object) -> None:
    """JSON of any shape is a feed or a ValueError."""
    try:
        listed(FEED, json.dumps({"items": [answer]}))
    except ValueError:
        return
