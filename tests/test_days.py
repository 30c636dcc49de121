"""The days of a backfill: half-open, none that has not begun, proven ones left out."""

from datetime import date, timedelta

import pytest

from flows.days import Asked, days_between, days_to_fill
from tasks.articles.errors import NewsLedgerError

TODAY = date(2026, 10, 10)


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        (None, TODAY, "Say which days"),
        (TODAY, None, "Say which days"),
        (date(2026, 10, 2), date(2026, 10, 1), "swap them?"),
        (date(2026, 10, 1), date(2026, 10, 1), "write --until 2026-10-02"),
        (date(2026, 10, 11), date(2026, 10, 12), "still to come"),
    ],
)
def test_ranges_without_a_day_get_a_sentence(
    since: date | None, until: date | None, sentence: str
) -> None:
    """Reversed, empty, without an end, or in the future."""
    with pytest.raises(NewsLedgerError, match=sentence.replace("?", r"\?")):
        days_between(since, until, TODAY)


def test_the_end_is_not_included_and_today_is_the_last() -> None:
    """Half-open, and nothing that has not begun."""
    assert days_between(date(2026, 10, 1), date(2026, 10, 3), TODAY) == [
        date(2026, 10, 1),
        date(2026, 10, 2),
    ]
    assert days_between(date(2026, 10, 9), date(2027, 1, 1), TODAY)[-1] == TODAY


def filled(since: date | None, until: date | None, **how: bool) -> tuple[list[int], list[int]]:
    """Return days asked for and to work on, where the 2nd is proven and the 4th waits."""
    states = {date(2026, 10, 2): "proven", date(2026, 10, 4): "waiting"}
    found = days_to_fill(states, Asked(since=since, until=until, **how), TODAY)
    return [day.day for day in found.asked], [day.day for day in found.days]


def test_proven_days_are_left_out_and_the_newest_come_first() -> None:
    """Unless asked otherwise."""
    since = date(2026, 10, 1)
    until = since + timedelta(days=4)
    assert filled(since, until) == ([1, 2, 3, 4], [4, 3, 1])
    assert filled(since, until, oldest_first=True) == ([1, 2, 3, 4], [1, 3, 4])
    assert filled(since, until, force=True) == ([1, 2, 3, 4], [4, 3, 2, 1])


def test_gaps_lie_between_the_days_ever_asked_for() -> None:
    """With bounds, between those; where nothing was ever asked for, there is none."""
    assert filled(None, None, only_gaps=True) == ([3, 4], [4, 3])
    assert filled(date(2026, 10, 1), None, only_gaps=True) == ([1, 3, 4], [4, 3, 1])
    with pytest.raises(NewsLedgerError, match="no gaps"):
        days_to_fill({}, Asked(only_gaps=True), TODAY)
