"""Which day a line of a list is of: what addresses say beyond doubt, and what they do not."""

from datetime import UTC, date, datetime

import pytest

from tasks.articles.records import Listing, Span
from tasks.discovery.days import Dating
from tests.lists import NOW, SOURCE, source

ROOT = "https://www.news.example"
DATING, WITHOUT_IDS = Dating(SOURCE, NOW), Dating(source(id_pattern=None), NOW)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2026/10/05/acme-rises", (2026, 10, 5)),
        ("/economy/2026/10/5/acme-rises", (2026, 10, 5)),
        ("/markets/us/acme-rises-2026-10-05/", (2026, 10, 5)),
        ("/markets/2026-10-05-acme-rises.html", (2026, 10, 5)),
        ("/fortune/2026-10/05/c_112.htm", (2026, 10, 5)),
        ("/a/202610/05/WS65.html", (2026, 10, 5)),
        ("/xwzx/202610/t20261005_612.html", (2026, 10, 5)),
        ("/news/acme-rises-20261005.html", (2026, 10, 5)),
        ("/20261005/acme-rises", (2026, 10, 5)),
        ("/1999/12/31/acme-rises", (1999, 12, 31)),
        ("/26/10/05/acme-rises", (2026, 10, 5)),
        ("/05/10/26/acme-rises", (2026, 10, 5)),
    ],
)
def test_days_in_addresses(path: str, day: tuple[int, int, int]) -> None:
    """As sites print them, each between slashes or at an edge of a part."""
    assert WITHOUT_IDS.days_in(ROOT + path) == [date(*day)]


@pytest.mark.parametrize(
    "path",
    [
        "/a/100201/story",
        "/a/261005/story",
        "/markets/26/10/48210237/acme-rises",
        "/2026/10/10-best-stocks",
        "/26/10/10-best-stocks",
        "/2026/10/acme-rises",
        "/news/home/20261005005123/en/Acme",
        "/markets/acme-rises-2026100512.html",
        "/article/idUSL4N20261005",
        "/2026/13/05/story",
        "/2026/02/30/story",
        "/20311005/story",
        "/18991005/story",
        "/acme-to-report-on-2026-10-29-after-the-bell",
        "/news/20261005",
        "/story?date=2026-10-05",
    ],
)
def test_numbers_in_addresses_that_are_no_days(path: str) -> None:
    """Ids, headlines, and what the source's pattern takes for an id."""
    assert DATING.days_in(ROOT + path) == []


def test_a_day_in_an_id_is_one_only_where_it_cannot_be_a_number() -> None:
    """A pattern may take the day along with a number behind it."""
    of = source(id_pattern="/news/([0-9/]+)-story")
    assert Dating(of, NOW).days_in(f"{ROOT}/news/2026/10/05/3-story") == [date(2026, 10, 5)]
    assert Dating(of, NOW).days_in(f"{ROOT}/news/26/10/05/3-story") == []
    assert WITHOUT_IDS.days_in(f"{ROOT}/news/20261005") == [date(2026, 10, 5)]


def test_a_short_year_may_stand_first_or_last() -> None:
    """A line is left out where it is of the span in neither reading; its day is not told."""
    line = Listing(source="news", url=f"{ROOT}/15/10/26/acme-rises")
    assert DATING.day_of(line) is None
    for year, month, day, count in ((2026, 10, 15, 1), (2015, 10, 26, 1), (2020, 1, 1, 0)):
        since = datetime(year, month, day, tzinfo=UTC)
        assert len(DATING.in_span([line], Span(since, since.replace(hour=23)))) == count
