"""`newsledger sources check`: a source is tried for real, on a loopback site."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.source_cards import as_record
from flows.source_check import Check, check_source
from tasks.sources.schema import Source
from tests.site import serving

NOW = datetime.now(UTC)
TEXT = (
    "The company said on Friday that orders rose by a tenth, more than analysts had expected. " * 5
)
PAGE = (
    "<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>"
    "<time datetime='2026-11-20T09:30:00-05:00'>Nov. 20</time><p>{text}</p><p>Last: {text}</p>"
    "</article></body></html>"
)


def a_source(**said: Any) -> Source:
    """Declare a source as its file would."""
    return Source.model_validate(
        {
            "name": "ledger",
            "title": "The Ledger",
            "publisher": "ledger.example",
            "home": "https://www.ledger.example/",
            "id_pattern": r"/(\d{6})(?:/|$)",
            "lists": [{"kind": "feed", "url": "https://www.ledger.example/feed"}],
            "article": {"region": "article"},
            "politeness": {"per_minute": 60_000},
            **said,
        }
    )


def an_item(number: int, at: datetime | None, url: str = "") -> str:
    """Write one item of a feed."""
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    link = url or f"https://www.ledger.example/{480000 + number}/story"
    return f"<item><title>Story {number}</title><link>{link}</link>{date}</item>"


def a_feed(*items: str) -> bytes:
    """Write a feed."""
    return f"<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>".encode()


GOOD = [an_item(number, NOW - timedelta(hours=number)) for number in range(6)]


@contextmanager
def site(answers: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """Serve answers by path, and a page for every path that ends in /story; yield the routes."""

    def answer(place: SplitResult) -> tuple[str, bytes] | None:
        if place.path in answers:
            return "application/rss+xml", answers[place.path]
        if place.path.endswith("/story"):
            return "text/html", PAGE.format(title=place.path, text=TEXT).encode()
        return None

    with serving(answer) as address:
        yield dict.fromkeys(("www.ledger.example", "elsewhere.example"), address)


def checked(source: Source, feed: bytes, others: Mapping[str, Source] | None = None) -> Check:
    """Check a source whose feed this is."""
    with site({"/feed": feed}) as routes:
        return asyncio.run(check_source(source, others or {}, "", {}, routes))


def test_a_good_source_is_shown_without_a_warning() -> None:
    """Its list, the first listings, and one article that could be read."""
    check = checked(a_source(), a_feed(*GOOD))
    assert check.warnings == []
    assert check.works
    record = as_record(check)
    assert record["lists"][0] | {"newest": "", "oldest": ""} == {
        "url": "https://www.ledger.example/feed",
        "kind": "feed",
        "problem": None,
        "listings": 6,
        "newest": "",
        "oldest": "",
        "dated": 6,
        "with_tickers": 0,
        "with_bodies": 0,
    }
    assert [listing["title"] for listing in record["listings"]] == [f"Story {n}" for n in range(5)]
    assert record["article"]["published_at"] == "2026-11-20T14:30:00Z"
    assert record["article"]["characters"] > 800


@pytest.mark.parametrize(
    ("said", "items", "warning"),
    [
        ({}, [an_item(n, None) for n in range(4)], "no line has a date"),
        ({}, [an_item(n, NOW if n == 0 else None) for n in range(4)], "only 1 of 4 lines have"),
        ({}, [an_item(n, NOW - timedelta(hours=1)) for n in range(4)], "have the same time"),
        ({}, [an_item(n, NOW - timedelta(days=30 + n)) for n in range(4)], "still kept up?"),
        ({}, [an_item(n, NOW + timedelta(hours=5 + n)) for n in range(4)], "in the future"),
        ({}, [], "lists nothing"),
        ({"article": {"region": "div.gone"}}, GOOD, "region 'div.gone' finds no article"),
        ({"languages": ["it"]}, GOOD, "it is written in 'en'"),
        ({"id_pattern": "/(\\d{9})/"}, GOOD, "id_pattern finds an id in 0 of 6 addresses"),
        ({"id_pattern": None}, GOOD, "addresses may hold an id"),
        ({"examples": {"ids": {"https://www.ledger.example/1": "1"}}}, GOOD, "id_pattern finds ''"),
        (
            {},
            [an_item(n, NOW, f"https://elsewhere.example/{n}/story") for n in range(4)],
            "4 of 4 addresses are not at ledger.example",
        ),
        ({}, [an_item(1, NOW, "https://www.ledger.example/480001/gone")], "http_status"),
    ],
)
def test_what_looks_wrong_is_said(said: dict[str, Any], items: list[str], warning: str) -> None:
    """One sentence each, with what to look at."""
    warnings = checked(a_source(**said), a_feed(*items)).warnings
    assert any(warning in told for told in warnings), warnings


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ({"article": {"region": "div.gone"}}, GOOD),
        ({"id_pattern": "/(\\d{9})/"}, GOOD),
        ({"id_pattern": "/(48)"}, GOOD),
        ({"examples": {"ids": {"https://www.ledger.example/1": "1"}}}, GOOD),
    ],
)
def test_what_the_file_says_wrongly_fails_the_check(said: dict[str, Any], items: list[str]) -> None:
    """Though every list and an article can be read."""
    check = checked(a_source(**said), a_feed(*items))
    assert check.article
    assert check.faults
    assert not check.works
    assert as_record(check)["faults"] == check.faults
    assert checked(a_source(), a_feed(*items)).works


def test_an_id_of_several_articles_is_told_with_two_of_them() -> None:
    """As many addresses as ids is what a pattern is for."""
    items = [an_item(n, NOW - timedelta(hours=n)) for n in range(20)]
    check = checked(a_source(id_pattern=r"/48000(\d)"), a_feed(*items[:10]))
    assert check.works
    check = checked(a_source(id_pattern=r"/4800\d(\d)"), a_feed(*items))
    assert len(check.listings) == 20
    (fault,) = check.faults
    assert "20 addresses of ledger have only 10 ids, such as" in fault
    assert "/480000/story and https://www.ledger.example/480010/story" in fault


def test_the_tickers_that_are_shown_are_those_found() -> None:
    """Beside those that the publisher prints."""
    text = "Apple Inc. (NASDAQ: AAPL) beat estimates, the company said on Friday. " * 8
    item = an_item(1, NOW).replace("</item>", f"<description>{text}</description></item>")
    feed = [{"kind": "feed", "url": "https://www.ledger.example/feed", "full_text": True}]
    article = as_record(checked(a_source(lists=feed), a_feed(item)))["article"]
    assert article["tickers"] == ["NASDAQ:AAPL"]
    assert article["publisher_tickers"] == []


def test_sources_that_clash_are_told() -> None:
    """The same list twice, or one publisher's ids read in two ways, doubles articles."""
    other = a_source(name="other", id_pattern="-(\\d+)$")
    warnings = checked(a_source(), a_feed(*GOOD), {"ledger": a_source(), "other": other}).warnings
    assert any("other has the same list: https://www.ledger.example/feed" in w for w in warnings)
    assert any("other has the same home" in w for w in warnings)
    assert any("other is of the same publisher" in w for w in warnings)


def test_a_list_that_cannot_be_read_does_not_hide_the_others() -> None:
    """Its problem stands beside it; the source does not work as it is declared."""
    lists = [{"kind": "feed", "url": f"https://www.ledger.example/{p}"} for p in ("none", "feed")]
    check = checked(a_source(lists=lists), a_feed(*GOOD))
    assert [bool(checked.problem) for checked in check.lists] == [True, False]
    assert "404" in check.lists[0].problem
    assert check.article
    assert not check.works


def test_a_web_archive_on_the_web_is_not_copied_for_a_check() -> None:
    """It may have gigabytes; the check says what to do instead."""
    archive = {"kind": "warc", "files": ["https://www.ledger.example/a.warc.gz"]}
    check = checked(a_source(lists=[archive]), b"")
    assert "name one that you have here" in check.lists[0].problem
    assert not check.works


def test_the_article_shown_is_one_with_a_text() -> None:
    """A full-text list may begin with a headline alone."""
    feed = [{"kind": "feed", "url": "https://www.ledger.example/feed", "full_text": True}]
    whole = an_item(2, NOW).replace("</item>", f"<description>{TEXT}</description></item>")
    check = checked(a_source(lists=feed), a_feed(an_item(1, NOW), whole))
    assert check.article
    assert check.article.title == "Story 2"


def test_the_bundled_source_is_checked_as_json() -> None:
    """The command itself, without the internet; with --json, one object."""
    done = CliRunner().invoke(app, ["sources", "check", "sample", "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["works"]
    assert [checked["kind"] for checked in record["lists"]] == ["feed", "feed", "sitemap"]


def test_the_bundled_source_is_checked_for_people() -> None:
    """Plain tables in a pipe."""
    done = CliRunner().invoke(app, ["sources", "check", "sample"])
    assert done.exit_code == 0, done.output
    for words in (
        "Lists of sample",
        "First listings",
        "http://newsroom.example/feed",
        "characters",
    ):
        assert words in done.stdout


def test_without_a_contact_nobody_is_asked() -> None:
    """The same sentence as for a run."""
    done = CliRunner().invoke(app, ["sources", "check", "cnbc"])
    assert "set NEWSLEDGER_CONTACT" in str(done.exception)


def test_an_unknown_source_gets_the_nearest(tmp_path: Path) -> None:
    """A typo costs nothing."""
    done = CliRunner().invoke(app, ["sources", "check", "benzinga-ti"])
    assert "did you mean 'benzinga-it'" in str(done.exception)
