"""Listing and archive pages, and what they must become."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.records import Span
from tasks.discovery.lists import kind_of
from tasks.discovery.pages import MOST_PAGES
from tasks.sources.schema import PagesList
from tests.lists import NOW, listed, read, source
from tests.served import Asked, Given, site

NEWEST = PagesList(kind="pages", url="https://www.news.example/latest", links="h2 a, .card a.pic")
ARCHIVE = PagesList(kind="pages", url="https://www.news.example/archive/%Y/%m/%d", only=r"/news/")

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Latest</title></head><body>
<nav><a href="/about">About</a></nav>
<div class="card"><a class="pic" href="/news/40112233/a?utm_source=home"><img src="x.jpg"></a>
<h2><a href="/news/40112233/a">Acme’s profit
  rises</a></h2><time datetime="2026-11-19T09:30:00-05:00">an hour ago</time></div>
<div class="card"><h2><a href="https://partner.example/news/2">Beta falls</a></h2>
<p><time datetime="2026-11-18T10:00:00">yesterday</time></p></div>
<div class="card"><h2><a href="mailto:desk@news.example">Write to us</a></h2></div>
</body></html>"""


def test_links_become_listings() -> None:
    """Address, headline and the date of the card; a picture's link adds no second one."""
    first, second = listed(NEWEST, PAGE)
    assert (first.url, first.title) == (
        "https://www.news.example/news/40112233/a",
        "Acme’s profit rises",
    )
    assert first.published_at == datetime(2026, 11, 19, 14, 30, tzinfo=UTC)
    assert second.url == "https://partner.example/news/2"
    assert second.published_at == datetime(2026, 11, 18, 15, tzinfo=UTC)


def test_only_and_a_base() -> None:
    """``only`` chooses by the address; relative links follow the page's base."""
    page = PAGE.replace("<title>", '<base href="https://www.news.example/it/"><title>')
    page = page.replace("/news/40112233/a", "news/40112233/a")
    only = NEWEST.model_copy(update={"only": r"news\.example/it/"})
    assert [x.url for x in listed(only, page)] == ["https://www.news.example/it/news/40112233/a"]


@pytest.mark.parametrize("charset", ["utf-8", "cp1252", "utf-16"])
def test_charsets(charset: str) -> None:
    """The declared one counts where it is true of the bytes."""
    page = PAGE.replace('charset="utf-8"', f'charset="{charset}"')
    if charset == "utf-16":
        page = page.replace('charset="utf-16"', 'charset="utf-8"')
    first = listed(NEWEST, page.encode("utf-8" if charset == "utf-16" else charset))[0]
    assert first.title == "Acme’s profit rises"


def urls(declared: PagesList, span: Span) -> list[str]:
    """Return the pages that a span begins with."""
    kind = kind_of(declared, source(declared), span, NOW)
    assert kind
    return [ask.url.removeprefix("https://www.news.example") for ask in kind.first()]


def test_pages_of_days() -> None:
    """Those from the watermark to now, newest first, in the source's time zone; or of the slice."""
    since = Span(datetime(2026, 11, 18, 3, tzinfo=UTC))  # the 17th in New York
    assert urls(ARCHIVE, since) == [f"/archive/2026/11/{day}" for day in (20, 19, 18, 17)]
    assert urls(ARCHIVE, Span()) == ["/archive/2026/11/20", "/archive/2026/11/19"]
    day = Span(datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 3, 5, tzinfo=UTC))
    assert urls(ARCHIVE, day) == ["/archive/2026/03/02"]
    ahead = Span(NOW + timedelta(days=2), NOW + timedelta(days=3))
    assert urls(ARCHIVE, ahead) == []


def test_pages_of_months_and_hours() -> None:
    """A page is asked for once, whatever part of the date is in its address."""
    monthly = ARCHIVE.model_copy(update={"url": "https://www.news.example/%Y-%m"})
    assert urls(monthly, Span(datetime(2026, 10, 30, tzinfo=UTC))) == ["/2026-11", "/2026-10"]
    hourly = ARCHIVE.model_copy(update={"url": "https://www.news.example/%Y%m%d%H"})
    assert len(urls(hourly, Span(NOW - timedelta(hours=5)))) == 5
    escaped = NEWEST.model_copy(update={"url": "https://www.news.example/caf%C3%A9"})
    assert urls(escaped, Span()) == ["/caf%C3%A9"]


def test_a_page_without_a_fitting_link_says_so() -> None:
    """A page that was rebuilt is never one with nothing new; an archive's day may be empty."""
    with pytest.raises(ValueError, match="no link on the page fits"):
        listed(NEWEST, "<html><body><p>New design</p></body></html>")
    assert listed(ARCHIVE, "<html><body><p>No news today</p></body></html>") == []


@pytest.mark.parametrize("body", [b"", b"   ", b"<!-- -->"])
def test_what_is_no_page_says_so(body: bytes) -> None:
    """An empty answer is an error."""
    with pytest.raises(ValueError, match="not an HTML page"):
        listed(NEWEST, body)


def paged(number: int, date: str = "") -> Given:
    """Return the n-th of pages that follow each other."""
    time = f'<time datetime="{date}">then</time>' if date else ""
    return Given(
        f'<html><body><h2><a href="/news/{number}">Story {number}</a></h2>{time}'
        f'<a rel="next" href="?page={number + 1}">older</a></body></html>'
    )


def test_pages_that_follow_each_other() -> None:
    """Followed to a bound, which is told; a page that names itself as the next one ends."""
    declared = PagesList(
        kind="pages", url="http://www.news.example/latest", links="h2 a", next='a[rel="next"]'
    )
    with site() as web:

        def endless(asked: Asked) -> Given:
            return paged(int(asked.path.partition("page=")[2] or 0))

        web.pages["/latest"] = endless
        found = web.discover(source(declared))
        assert (len(found.listings), found.is_whole) == (MOST_PAGES, False)
        assert "were left out" in found.problems[0]
        web.pages["/latest"] = paged(1)
        found = web.discover(source(declared))
        assert (len(found.listings), found.is_whole) == (1, True)


def test_no_further_back_than_the_watermark() -> None:
    """A page whose articles reach back before it is the last one asked for."""
    declared = NEWEST.model_copy(update={"next": 'a[rel="next"]'})
    page = paged(1, "2026-11-10T09:00:00Z").body
    assert read(declared, page, span=Span(datetime(2026, 11, 5, tzinfo=UTC))).further
    assert not read(declared, page, span=Span(datetime(2026, 11, 15, tzinfo=UTC))).further


@given(st.text(max_size=300))
def test_any_page_is_read_or_refused(text: str) -> None:
    """No input breaks the reader in another way than by ValueError."""
    try:
        listed(NEWEST, f"<h2><a href='{text}'>{text}".encode("utf-8", "replace"))
    except ValueError:
        return
