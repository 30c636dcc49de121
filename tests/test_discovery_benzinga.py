"""The Benzinga News API against a fake of it: deltas, paging, ties, removals, odd items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from tasks.articles.errors import Deferred
from tasks.articles.records import Listing, Span
from tasks.discovery.benzinga import Benzinga
from tasks.discovery.listings import merged
from tasks.sources.schema import BenzingaList
from tests.lists import NOW, source
from tests.served import Asked, Given, site

API = BenzingaList(kind="benzinga", url="http://api.news.example/api/v2/")
SOURCE = source(API)
START = datetime(2026, 11, 19, 12, tzinfo=UTC)
TOKEN = {"benzinga": SecretStr("sesame")}


def item(number: int, updated: datetime = START, **said: Any) -> dict[str, Any]:
    """Return a news item as the API gives it: dates with a fixed -0400, in winter too."""
    when = format_datetime(updated.astimezone(timezone(timedelta(hours=-4))))
    return {
        "id": number,
        "author": "Ada Lane",
        "created": when,
        "updated": when,
        "title": f"Story {number}",
        "teaser": " ",
        "body": f"<p>Text {number}</p>",
        "url": f"https://www.news.example/news/26/11/{number}/slug",
        "image": [],
        "channels": [{"name": "News"}],
        "stocks": [{"name": "ACME", "exchange": "NASDAQ"}],
        "tags": [],
    } | said


def changed(row: Mapping[str, Any]) -> int:
    """Return when an item was changed, in unix seconds."""
    return int(datetime.strptime(row["updated"], "%a, %d %b %Y %H:%M:%S %z").timestamp())


@dataclass
class Api:
    """A fake of the API; page ``hole`` is empty, and what it would hold is on the next one."""

    items: list[dict[str, Any]]
    removed: list[dict[str, Any]] = field(default_factory=list)
    hole: int = -1
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, url: str) -> str:
        """Answer a question as the API does."""
        parts = urlsplit(url)
        said = {key: values[0] for key, values in parse_qs(parts.query).items()}
        since, page, size = (int(said.get(k, 0)) for k in ("updatedSince", "page", "pageSize"))
        assert 0 < size <= 100
        if parts.path.endswith("news-removed"):
            rows = [row for row in self.removed if changed(row) >= since]
            return json.dumps({"removed": rows[page * size : (page + 1) * size]})
        self.asked.append(said)
        rows = [row for row in self.items if changed(row) >= since]
        rows.sort(key=changed)
        if page == self.hole:
            return "[]"
        page -= 0 <= self.hole < page
        return json.dumps(rows[page * size : (page + 1) * size])


def polled(api: Api, since: datetime | None = None, span: Span | None = None) -> list[Listing]:
    """Ask until the kind wants nothing more, and merge as discover does."""
    kind = Benzinga(API, SOURCE, span or Span(since), NOW, "sesame")
    waiting, found = list(kind.first()), []
    while waiting:
        ask = waiting.pop(0)
        part = kind.read(ask, api.answer(ask.url).encode())
        assert part.is_whole, part.problems
        found += part.listings
        waiting += part.further
    return merged(found, SOURCE)


def test_items_become_whole_listings() -> None:
    """Text, instants with their offset, channels and tags, securities with their exchange."""
    (story,) = polled(Api([item(52509229, tags=[{"name": "Expert Ideas"}])]), START)
    assert (story.publisher_id, story.title, story.authors) == (
        *("52509229", "Story 52509229"),
        ("Ada Lane",),
    )
    assert (story.published_at, story.updated_at) == (START, START)
    assert (story.body, story.is_full) == ("<p>Text 52509229</p>", True)
    assert (story.tickers, story.topics) == (("NASDAQ:ACME",), ("News", "Expert Ideas"))


def test_odd_items() -> None:
    """No body and no link: the headline is all. No body but a link: it is fetched."""
    bare = item(1, body="", url=None, author=None, stocks=None, channels=None, tags="x")
    linked = item(2, body=" ", teaser="In short")
    first, second = polled(Api([bare, linked]), START)
    assert (first.url, first.is_full, first.body, first.authors) == ("", True, "", ())
    assert (second.is_full, second.body) == (False, "In short")


def test_odd_securities() -> None:
    """Empty, doubled, with spaces, with the exchange in the name, share classes, 300 of them."""
    names = ["", "ACME", " ACME ", "TSX: BIG", "BRK-B", "BRK/B", "BRK", None, *map(str, range(300))]
    stocks: list[object] = [{"name": name} for name in names]
    (story,) = polled(Api([item(1, stocks=[*stocks, {}, None])]), START)
    assert story.tickers[:5] == ("ACME", "TSX:BIG", "BRK-B", "BRK/B", "BRK")
    assert len(story.tickers) == 305


def test_a_revised_item_is_another_listing() -> None:
    """A later ``updated`` makes the line new; the same item again does not."""
    first, again, later = (
        polled(Api([item(1, at, created=item(1)["created"])]), START)[0].listing_id
        for at in (START, START, START + timedelta(seconds=1))
    )
    assert first == again
    assert first != later


@settings(max_examples=60)
@given(
    seconds=st.lists(st.integers(0, 3), min_size=1, max_size=450),
    unusable=st.integers(0, 220),
    hole=st.integers(-1, 3),
)
def test_nothing_is_lost_in_paging(seconds: list[int], unusable: int, hole: int) -> None:
    """Whatever the ties, with an empty page and pages of unusable items in between."""
    items = [item(n, START + timedelta(seconds=s)) for n, s in enumerate(seconds, start=1)]
    broken = [item(0, START + timedelta(seconds=1), id=None) for _ in range(unusable)]
    api = Api([*broken, *items], hole=hole)
    assert {x.publisher_id for x in polled(api, START)} == {str(x["id"]) for x in items}


def test_what_changes_while_we_read_hides_nothing() -> None:
    """An item that moves to the end lets the others move up, across the pages' borders."""
    items = [item(n, START + timedelta(seconds=n)) for n in range(1, 260)]
    api = Api(items)
    answer = api.answer

    def moving(url: str) -> str:
        if len(api.asked) == 1:
            items[0:30] = [item(n, START + timedelta(hours=1)) for n in range(1, 31)]
        return answer(url)

    api.answer = moving  # type: ignore[method-assign]
    assert {x.publisher_id for x in polled(api, START)} == {str(n) for n in range(1, 260)}


def test_an_api_that_repeats_itself_ends() -> None:
    """A server that ignores the page number is told of, and not asked for ever."""
    kind = Benzinga(API, SOURCE, Span(START), NOW, "sesame")
    body = json.dumps([item(n, START) for n in range(100)]).encode()
    waiting, count, problems = [kind.first()[0]], 0, list[str]()
    while waiting and count < 50:
        found = kind.read(waiting.pop(), body)
        waiting, count, problems = list(found.further), count + 1, list(found.problems)
    assert count < 10
    assert "again and again" in problems[0]


def test_a_past_day_is_asked_for_by_its_dates() -> None:
    """The days around the slice are asked for, and only what was created in it is listed."""
    items = [
        item(n, datetime(2026, 11, 16, 22, tzinfo=UTC) + timedelta(hours=n)) for n in range(60)
    ]
    day = Span(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC))
    api = Api(items)
    assert {x.publisher_id for x in polled(api, span=day)} == {str(n) for n in range(2, 26)}
    said = api.asked[0]
    assert (said["dateFrom"], said["dateTo"]) == ("2026-11-16", "2026-11-18")
    assert "updatedSince" not in said


def test_removals_are_listings_too() -> None:
    """With the id of the item; one that was changed after its removal is back."""
    removed = [{"id": n, "updated": item(n)["updated"]} for n in (1, 2)]
    api = Api([item(1, START - timedelta(hours=1)), item(2, START + timedelta(hours=1))], removed)
    by_id = {x.publisher_id: x for x in polled(api, START - timedelta(days=1))}
    assert (by_id["1"].is_removed, by_id["2"].is_removed) == (True, False)
    assert by_id["1"].updated_at == START


def test_over_http() -> None:
    """The token is in a header and nowhere else, JSON is asked for, the filters are sent."""
    api = Api([item(1), item(2)])
    declared = API.model_copy(update={"channels": ("Markets", "M&A"), "tickers": ("AAPL",)})

    def answer(asked: Asked) -> Given:
        return Given(api.answer(asked.path), headers={"Content-Type": "application/json"})

    with site() as web:
        web.pages |= {"/api/v2/news": answer, "/api/v2/news-removed": answer}
        found = web.discover(source(declared), span=Span(START), tokens=TOKEN)
        headers = web.asked[0].headers
        assert (headers["authorization"], headers["accept"]) == ("token sesame", "application/json")
        assert not any("sesame" in asked.path for asked in web.asked)
    assert (len(found.listings), found.is_whole, found.documents) == (2, True, [])
    said = api.asked[0]
    assert (said["channels"], said["tickers"]) == ("Markets,M&A", "AAPL")
    assert (said["displayOutput"], said["sort"]) == ("full", "updated:asc")


def test_an_answer_that_ends_early_says_how_far_it_went() -> None:
    """So that the next poll need not begin again; what was read is listed."""
    api = Api([item(n, START + timedelta(seconds=n)) for n in range(250)])

    def answer(asked: Asked) -> Given:
        return Given(api.answer(asked.path)) if len(api.asked) < 2 else Given("", 429)

    with site() as web:
        web.pages |= {"/api/v2/news": answer, "/api/v2/news-removed": Given('{"removed": []}')}
        found = web.discover(SOURCE, span=Span(START), tokens=TOKEN)
    assert not found.is_whole
    assert len(found.listings) > 100
    assert found.whole_until == max(x.updated_at for x in found.listings if x.updated_at)


def test_without_a_token_the_setting_is_named() -> None:
    """And no request is made."""
    with site() as web:
        with pytest.raises(Deferred, match="NEWSLEDGER_BENZINGA_TOKEN"):
            web.discover(SOURCE)
        assert web.asked == []


@pytest.mark.parametrize(
    "body",
    ["<result/>", "", '{"ok": false, "errors": [{"code": "auth_failed"}]}', '"x"', "7", "[" * 9999],
)
def test_what_is_no_answer_says_so(body: str) -> None:
    """XML, an error object, nothing: never an answer with no news in it."""
    kind = Benzinga(API, SOURCE, Span(START), NOW, "sesame")
    for ask in kind.first():
        with pytest.raises(ValueError, match="the API answers"):
            kind.read(ask, body.encode())


@given(
    st.lists(
        st.fixed_dictionaries(
            {"id": st.integers() | st.text(max_size=3) | st.none()},
            optional={
                name: st.none()
                | st.integers()
                | st.text(max_size=5)
                | st.lists(st.none(), max_size=2)
                for name in ("title", "url", "stocks", "channels", "updated", "body", "author")
            },
        ),
        max_size=3,
    )
)
def test_items_of_any_shape(rows: Sequence[dict[str, Any]]) -> None:
    """A field of another type than promised costs that field."""
    kind = Benzinga(API, SOURCE, Span(START), NOW, "sesame")
    kind.read(kind.first()[0], json.dumps(rows).encode())
