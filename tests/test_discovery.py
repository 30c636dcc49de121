"""A source's lists read together: over HTTP, with what was known, each article once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.articles.records import Document, Listing, Span
from tasks.discovery.listings import merged
from tasks.discovery.reading import MOST_DOCUMENTS
from tasks.sources.schema import FeedList, Polling, SitemapList
from tests.lists import NOW, SOURCE, source
from tests.served import Asked, Given, Site, site

ROOT = "http://www.news.example"
FEED = FeedList(kind="feed", url=f"{ROOT}/feed")
SITEMAP = SitemapList(kind="sitemap", url=f"{ROOT}/sitemap")
BOTH = source(FEED, SITEMAP)


def rss(*numbers: int, title: str = "Story") -> str:
    """Return a feed of these stories."""
    items = "".join(
        f"<item><title>{title} {n}</title><link>{ROOT}/{n}</link>"
        "<pubDate>Tue, 17 Nov 2026 09:30:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f"<rss><channel>{items}</channel></rss>"


def sitemap(*numbers: int, changed: str = "2026-11-17T09:30:00Z") -> str:
    """Return a sitemap of these stories."""
    urls = "".join(
        f"<url><loc>{ROOT}/{n}/</loc><lastmod>{changed}</lastmod></url>" for n in numbers
    )
    return f"<urlset>{urls}</urlset>"


def known(documents: list[Document]) -> dict[str, Document]:
    """Return documents by URL, as the ledger hands them in."""
    return {document.url: document for document in documents}


def ids(listings: list[Listing]) -> set[object]:
    """Return the identities of listings."""
    return {listing.listing_id for listing in listings}


def test_lists_are_read_together() -> None:
    """Each article once; both documents are handed back for the ledger, the reading is whole."""
    with site(feed=Given(rss(1, 2)), sitemap=Given(sitemap(2, 3))) as web:
        found = web.discover(BOTH)
    assert [listing.url[-2:] for listing in found.listings] == ["/1", "/2", "3/"]
    assert (found.problems, found.is_whole) == ([], True)
    assert {document.url for document in found.documents} == {FEED.url, SITEMAP.url}


def test_a_list_that_fails_is_a_problem() -> None:
    """The other list is read, and nothing is taken for proven complete."""
    with site(feed=Given("<html/>"), sitemap=Given(sitemap(3))) as web:
        found = web.discover(BOTH)
    assert len(found.listings) == 1
    assert "not an RSS, Atom or JSON feed" in found.problems[0]
    assert [document.url for document in found.documents] == [SITEMAP.url]
    assert not found.is_whole


def test_when_all_lists_fail_the_source_has_failed() -> None:
    """A dead feed is never one with nothing new; what may pass is deferred."""
    with site(feed=Given("gone", 404)) as web, pytest.raises(Rejected) as rejected:
        web.discover(BOTH)
    assert rejected.value.reason is Reason.HTTP_STATUS
    with site(feed=Given("", 503), sitemap=Given("", 404)) as web, pytest.raises(Deferred):
        web.discover(BOTH)


def test_an_api_that_wants_a_token_says_so() -> None:
    """401 may pass when a person sets the right one."""
    with site(feed=Given("", 401)) as web, pytest.raises(Deferred, match="refuses the one"):
        web.discover(SOURCE_OF_FEED)


def conditional(etag: str, body: str) -> object:
    """Return an answer that is 304 when its validator is sent."""

    def answer(asked: Asked) -> Given:
        is_same = asked.headers.get("if-none-match") == etag
        return Given(status=304) if is_same else Given(body, headers={"ETag": etag})

    return answer


def test_what_has_not_changed_is_not_sent_again() -> None:
    """The validator of the last answer is sent; 304 lists nothing and is handed back."""
    with site() as web:
        web.pages["/feed"] = conditional('"1"', rss(1))  # type: ignore[assignment]
        first = web.discover(SOURCE_OF_FEED)
        second = web.discover(SOURCE_OF_FEED, known=known(first.documents))
    assert (len(first.listings), len(second.listings)) == (1, 0)
    (document,) = second.documents
    assert (document.etag, document.polls_since_full_read) == ('"1"', 1)
    assert second.is_whole


def test_a_list_that_broke_off_is_read_again_in_full() -> None:
    """A cache gave half of it under the validator of the whole: the rest is not taken for read."""
    with site() as web:
        web.pages["/feed"] = conditional('"1"', rss(1, 2, 3)[:-60])  # type: ignore[assignment]
        first = web.discover(SOURCE_OF_FEED)
        assert ("breaks off" in first.problems[0], first.documents) == (True, [])
        web.pages["/feed"] = conditional('"1"', rss(1, 2, 3))  # type: ignore[assignment]
        second = web.discover(SOURCE_OF_FEED, known=known(first.documents))
    assert len(second.listings) == 3


def test_a_full_read_now_and_then() -> None:
    """A server that keeps its validator after a change hides nothing for long."""
    polled = source(FEED, polling=Polling(full_read_every=3))
    with site() as web:
        web.pages["/feed"] = conditional('"1"', rss(1))  # type: ignore[assignment]
        found = web.discover(polled)
        web.pages["/feed"] = conditional('"1"', rss(1, 2))  # type: ignore[assignment]
        counts = []
        for _ in range(3):
            found = web.discover(polled, known=known(found.documents))
            counts.append(len(found.listings))
    assert counts == [0, 0, 2]


def test_the_same_body_lists_nothing_again() -> None:
    """Servers without validators: the hash of the body decides."""
    with site(feed=Given(rss(1))) as web:
        first = web.discover(SOURCE_OF_FEED)
        same = web.discover(SOURCE_OF_FEED, known=known(first.documents))
        web.pages["/feed"] = Given(rss(1, 2))
        changed = web.discover(SOURCE_OF_FEED, known=known(same.documents))
    assert [len(x.listings) for x in (first, same, changed)] == [1, 0, 2]
    assert same.documents


def test_a_past_day_is_read_anew_and_remembers_nothing() -> None:
    """A backfill neither believes what is known nor changes it."""
    day = Span(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))
    with site(feed=Given(rss(1), headers={"ETag": '"1"'})) as web:
        first = web.discover(SOURCE_OF_FEED)
        found = web.discover(SOURCE_OF_FEED, span=day, known=known(first.documents))
        assert "if-none-match" not in web.asked[-1].headers
    assert (len(found.listings), found.documents) == (1, [])


def index(count: int, changed: str = "") -> str:
    """Return an index of so many sitemaps."""
    date = f"<lastmod>{changed}</lastmod>" if changed else ""
    parts = "".join(f"<sitemap><loc>{ROOT}/s{n}</loc>{date}</sitemap>" for n in range(count))
    return f"<sitemapindex>{parts}</sitemapindex>"


def of_parts(count: int, changed: str = "") -> Site:
    """Return pages of an index and its sitemaps."""
    pages: dict[str, Given] = {f"s{n}": Given(sitemap(n)) for n in range(count)}
    return {"sitemap": Given(index(count, changed)), **pages}  # type: ignore[return-value]


def test_more_sitemaps_than_a_run_reads_wait_for_the_next() -> None:
    """The bound defers and says so; the next poll goes on with what was never read."""
    count = MOST_DOCUMENTS + 20
    with site(**of_parts(count)) as web:  # type: ignore[arg-type]
        first = web.discover(source(SITEMAP))
        second = web.discover(source(SITEMAP), known=known(first.documents))
    assert len(first.listings) == MOST_DOCUMENTS - 1
    assert not first.is_whole
    assert "21 documents of news wait" in first.problems[0]
    assert len(ids(first.listings) | ids(second.listings)) == count


def test_old_sitemaps_are_not_asked_for_again() -> None:
    """A sitemap whose last change was read is left alone, at each poll."""
    with site(**of_parts(3, "2026-10-01")) as web:  # type: ignore[arg-type]
        first = web.discover(source(SITEMAP))
        web.asked.clear()
        second = web.discover(source(SITEMAP), known=known(first.documents))
        assert [asked.path for asked in web.asked] == ["/sitemap"]
    assert (len(first.listings), len(second.listings)) == (3, 0)
    assert second.is_whole


def test_indexes_that_name_each_other_end() -> None:
    """No document is asked for twice in a run."""
    loop = f"<sitemapindex><sitemap><loc>{ROOT}/%s</loc></sitemap></sitemapindex>"
    with site(sitemap=Given(loop % "b"), b=Given(loop % "sitemap")) as web:
        found = web.discover(source(SITEMAP))
        assert len(web.asked) == 2
    assert found.listings == []


def test_a_list_that_fails_once_makes_no_other_listing() -> None:
    """An article that two lists name stays one listing, whichever of them could be read."""
    with site(feed=Given(rss(1)), sitemap=Given(sitemap(1))) as web:
        both = web.discover(BOTH)
        web.pages["/sitemap"] = Given("", 503)
        feed_alone = web.discover(BOTH)
        web.pages |= {"/sitemap": Given(sitemap(1)), "/feed": Given("", 503)}
        sitemap_alone = web.discover(BOTH)
    assert len(both.listings) == 1
    assert ids(both.listings) == ids(feed_alone.listings)
    (alone,) = sitemap_alone.listings
    assert replace(alone, updated_at=None, line="").url == f"{ROOT}/1/"
    assert ids(both.listings) == ids(sitemap_alone.listings)


def test_an_edited_line_is_another_listing() -> None:
    """A new headline in the only feed, a later change, another body of a whole item."""
    line = Listing(source="news", url=f"{ROOT}/1", title="Old", published_at=NOW)
    states = [
        line,
        replace(line, title="New"),
        replace(line, updated_at=NOW + timedelta(hours=1)),
        replace(line, is_full=True, body="a"),
        replace(line, is_full=True, body="b"),
    ]
    assert len({merged([state], SOURCE)[0].listing_id for state in states}) == len(states)
    same = [
        replace(line, title="OLD."),
        replace(line, body="teaser"),
        replace(line, url="https://news.example/1/?utm_source=x"),
        replace(line, updated_at=NOW),
    ]
    assert {merged([x], SOURCE)[0].listing_id for x in [line, *same]} == {
        merged([line], SOURCE)[0].listing_id
    }


def test_lines_of_one_article_are_merged() -> None:
    """Two spellings of a URL with the publisher's id are one article; the later line adds."""
    feed = Listing(source="news", url=f"{ROOT}/26/11/40112233/a", title="A", tickers=("ACME",))
    later = NOW + timedelta(minutes=1)
    entry = Listing(
        source="news",
        url="https://news.example/40112233/other",
        tickers=("ACME", "BIG"),
        published_at=NOW,
        updated_at=later,
    )
    (both,) = merged([feed, entry], SOURCE)
    assert (both.url, both.title, both.tickers) == (feed.url, "A", ("ACME", "BIG"))
    assert (both.published_at, both.updated_at) == (NOW, later)


def test_items_with_equal_guids_and_other_links_are_two() -> None:
    """A guid that a publisher uses twice hides nothing."""
    twice = [Listing(source="news", url=f"{ROOT}/{n}", guid="same") for n in (1, 2)]
    assert len(ids(merged(twice, SOURCE))) == 2


SOURCE_OF_FEED = source(FEED)
