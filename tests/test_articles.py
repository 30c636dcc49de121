"""Addresses, identities and errors: the same thing is the same everywhere."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.articles.errors import Deferred, Reason, Rejected, Removed
from tasks.articles.identity import article_key, content_hash
from tasks.articles.records import MOST_TRIES, Listing, Outcome
from tasks.articles.urls import clean_url, url_identity


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        (
            "HTTPS://WWW.News.example:443/A/b?utm_source=x&id=7#top",
            "https://www.news.example/A/b?id=7",
        ),
        ("http://news.example", "http://news.example/"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        (
            "https://jp.news.example/%e6%97%a5%e6%9c%ac",
            "https://jp.news.example/%E6%97%A5%E6%9C%AC",
        ),
        ("https://jp.news.example/日本", "https://jp.news.example/%E6%97%A5%E6%9C%AC"),
        ("  https://news.example/a b ", "https://news.example/a%20b"),
        ("https://news.example/a%2fb?123456&ref=9", "https://news.example/a%2Fb?123456&ref=9"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("http://[2001:db8::1]/a", "http://[2001:db8::1]/a"),
        ("mailto:desk@news.example", ""),
        ("javascript:void(0)", ""),
        ("/relative", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_addresses_are_cleaned(url: str, cleaned: str) -> None:
    """Tracking, fragments and default ports go; what is no web address becomes empty."""
    assert clean_url(url) == cleaned


def test_relative_addresses_are_resolved() -> None:
    """A base resolves what is relative; nothing stays nothing."""
    assert clean_url("../b", base="https://news.example/a/c") == "https://news.example/b"
    assert clean_url(" ", base="https://news.example/a/c") == ""


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """A cleaned address is clean, and no text breaks the cleaning."""
    for url in (text, f"https://news.example/{text}"):
        cleaned = clean_url(url)
        assert clean_url(cleaned) == cleaned
        cleaned.encode("ascii", "surrogatepass")


def test_spellings_of_one_address_agree() -> None:
    """Scheme, www, trailing slash, tracking and the order of the query do not count."""
    spellings = [
        "https://www.news.example/story/?b=2&a=1",
        "http://news.example/story?a=1&b=2&utm_medium=rss",
        "https://NEWS.example/story?b=2&a=1#comments",
    ]
    assert len({url_identity(url) for url in spellings}) == 1
    assert len({article_key("news.example", url=url) for url in spellings}) == 1


def test_the_publishers_id_decides() -> None:
    """Whatever the address, the publisher's id is the article; other publishers' ids are others."""
    ours = article_key("news.example", publisher_id="40112233", url="https://news.example/a")
    assert ours == article_key("news.example", publisher_id="40112233", url="https://x.example/b")
    assert ours != article_key("other.example", publisher_id="40112233")
    assert article_key("news.example", guid="g1") != article_key("news.example", guid="g2")


def test_content_is_compared_without_its_form() -> None:
    """White space and Unicode composition are no revision; a changed number is."""
    assert content_hash("Utile  netto", "è  salito\n") == content_hash(
        "Utile netto", "e\u0300 salito"
    )
    assert content_hash("Profit", "up 3%") != content_hash("Profit", "up 4%")


def test_waits_grow_and_end() -> None:
    """A listing that fails again waits longer, a day at most, and is given up after a week."""
    listing = Listing(source="news", url="https://news.example/a")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    first = Outcome.of_error(listing, Deferred(Reason.SERVER_ERROR, "500"), now)
    waits = [first.after(tries).retry_at - now for tries in range(MOST_TRIES - 1)]
    assert waits[:3] == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(days=1)
    last = first.after(MOST_TRIES - 1)
    assert (last.outcome, last.reason, last.retry_at) == ("rejected", "server_error", None)
    assert "given up" in last.detail
    stored = Outcome(listing=listing, outcome="stored", fetched_at=now)
    assert stored.after(3) is stored


@pytest.mark.parametrize(
    "error",
    [
        Rejected(Reason.EMPTY, "nothing"),
        Removed(Reason.GONE, "410"),
        Deferred(Reason.THROTTLED, "429", timedelta(hours=3)),
    ],
)
def test_errors_survive_another_process(error: Rejected | Removed | Deferred) -> None:
    """What a worker raises arrives whole."""
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.reason, copy.detail) == (type(error), error.reason, error.detail)
    if isinstance(error, Deferred):
        assert copy.retry_after == error.retry_after
    assert str(error) == f"{error.reason}: {error.detail}"
