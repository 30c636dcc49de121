"""Times: every way of writing an instant is read as the same instant."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extraction.datelines import leading_dateline
from tasks.extraction.times import EARLIEST, parse_instant

ROME = ZoneInfo("Europe/Rome")
HALF_PAST_TWO = datetime(2026, 11, 17, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-17T14:30:00Z",
        "2026-11-17 15:30",
        "20261117T143000Z",
        "2026-11-17T15:30:00+0100",
        "Tue, 17 Nov 2026 09:30:00 -0500",
        "Tue, 17 Nov 2026 09:30:00 EST",
        "Tue Nov 17 2026 15:30:00 GMT+0100 (CET)",
        "Tue Nov 17 09:30:00 EST 2026",
        "17 novembre 2026, ore 15:30",
        "17 de noviembre de 2026, 15:30 h",
        "17 de novembro de 2026 às 15h30",
        "Publié le 17 novembre 2026 à 15h30",
        "17. November 2026, 15:30 Uhr",
        "2026年11月17日 15時30分",
        "2026年11月17日 午後3時30分",
        "2026년 11월 17일 오후 3:30",
        "17/11/2026 15.30",
        "17.11.26, 15:30",
        "Nov. 17, 2026 9:30 AM ET",
        "Tuesday, November 17th, 2026 at 9:30 a.m. EST",
        "Published 9:30 AM ET Tue Nov 17, 2026",
        "17 Nov 2026 20:00 IST",
        "1794925800",
        "1794925800000",
    ],
)
def test_one_instant_in_many_spellings(text: str) -> None:
    """Each spelling gives 14:30 UTC, in Rome's time where it names no zone."""
    instant = parse_instant(text, ROME)
    assert instant is not None, f"{text!r} is not read: see tasks/extraction/times.py"
    assert instant.at == HALF_PAST_TWO


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2026-11-17T14:30:12Z", "second"),
        ("2026-11-17T14:30Z", "minute"),
        ("2026-11-17T14:30+01:00", "minute"),
        ("17 novembre 2026, ore 15:30", "minute"),
        ("2026-11-17", "day"),
        ("17 novembre 2026", "day"),
        ("2026-11-17T00:00:00Z", "day"),
        ("2026-11-17T00:00:00-05:00", "second"),
    ],
)
def test_precision_is_how_finely_it_was_written(text: str, precision: str) -> None:
    """A date is a day; midnight is one too, unless an offset shows that it was meant."""
    instant = parse_instant(text, ROME)
    assert instant is not None
    assert instant.precision == precision


def test_day_is_midnight_utc() -> None:
    """A day's instant is its midnight in UTC, whatever the source's zone."""
    instant = parse_instant("17 novembre 2026", ROME)
    assert instant is not None
    assert instant.at == datetime(2026, 11, 17, tzinfo=UTC)


def test_order_of_day_and_month() -> None:
    """3/4 is in April, and in March for American English; 17/3 is in March for everybody."""
    found = [
        parse_instant("03/04/2026", UTC),
        parse_instant("03/04/2026", UTC, month_first=True),
        parse_instant("17/03/2026", UTC, month_first=True),
    ]
    assert [(f.at.month, f.at.day) for f in found if f] == [(4, 3), (3, 4), (3, 17)]


def test_summer_time_of_a_place_and_of_letters() -> None:
    """ET follows the season; EST is five hours behind all year."""
    place = parse_instant("July 17, 2026 9:30 AM ET", UTC)
    letters = parse_instant("July 17, 2026 9:30 AM EST", UTC)
    assert place is not None
    assert letters is not None
    assert (place.at.hour, letters.at.hour) == (13, 14)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-45", "1975-01-01", "99/99/2026", "9" * 400, "0000-00-00"]
)
def test_what_is_no_instant_is_none(text: str) -> None:
    """Nothing is made up."""
    assert parse_instant(text, UTC) is None


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail."""
    instant = parse_instant(text, ROME)
    assert instant is None or instant.at >= EARLIEST


@given(
    st.text("0123456789:/-.,TZ+ 年月日時分 amp", max_size=40),
    st.booleans(),
)
def test_near_dates_are_read_or_refused(text: str, month_first: bool) -> None:
    """Text that looks like a date, but is none, does no harm."""
    parse_instant(text, ROME, month_first=month_first)


@given(
    st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2098, 1, 1)),  # noqa: DTZ001
    st.integers(-12, 14).filter(bool),
)
def test_iso_instants_come_back(moment: datetime, hours: int) -> None:
    """What isoformat writes with an offset is read as the same instant."""
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    instant = parse_instant(aware.isoformat(), UTC)
    assert instant is not None
    assert instant.at == aware


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("Treviso, 16 novembre 2026 – La società comunica.", "Treviso, 16 novembre 2026"),
        ("MILAN, Nov. 12, 2026 /PRNewswire/ -- Acme said.", "MILAN, Nov. 12, 2026"),
        ("Madrid, 12 de noviembre de 2026.- La empresa.", "Madrid, 12 de noviembre de 2026"),
        ("18 marzo 2027 – Consiglio di Amministrazione", ""),
        ("Shares fell on Nov. 12, 2026: the market was closed.", ""),
        ("On November 17, 2026, the board met - and left.", ""),
    ],
)
def test_a_story_may_start_with_its_date(line: str, head: str) -> None:
    """Place, date and a dash make a dateline; a date in a sentence or a list makes none."""
    assert leading_dateline(line) == head
