"""Reads an instant out of a text that is a date, in the ways that pages and feeds write one."""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tasks.articles.records import Precision

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
DATA_FILE = Path(__file__).parent / "times.toml"
_DATA: dict[str, Any] = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
_MONTHS = {name: int(number) for number, names in _DATA["months"].items() for name in names}
UPDATED_LABELS = tuple[str, ...](_DATA["labels"]["updated"])
PUBLISHED_LABELS = tuple[str, ...](_DATA["labels"]["published"])
DATE_WORDS = tuple[str, ...](_DATA["labels"]["around"])
AGO: dict[str, list[str]] = _DATA["ago"]
MOST_AHEAD = timedelta(hours=_DATA["believed"]["hours_ahead"])
MOST_FROM_LIST = timedelta(hours=_DATA["believed"]["hours_from_list"])
_LONGEST = 300  # characters of a text that is a date
_MAX_OFFSET = timedelta(hours=14)  # Kiribati's; no offset on earth is larger


def _any_of(names: Any) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_MONTH = rf"(?P<month>{_any_of(_MONTHS)})\b\.?"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°|ª|\.)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_ANY_YEAR = r"(?P<year>(?:19|20)?\d\d)"
_MARK = r"(?P<mark>[-/.])"
_OF = r"[\s,/\-]*(?:(?:de|del|di|do|of)\b)?[\s,/\-]*"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_DAY}{_OF}{_MONTH}{_OF}{_YEAR}",
        rf"\b{_MONTH}[\s\-]*{_DAY}\s*,?[\s\-]*{_YEAR}",
        rf"\b{_MONTH}\s+{_DAY}(?=\s+\d\d:\d\d.*\s{_YEAR}$)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)[-/.]\s?(?P<month>\d{1,2})[-/.]\s?(?P<day>\d{1,2})(?!\d)",
        rf"(?<![\d.,])(?P<first>\d\d?){_MARK}(?P<second>\d\d?)(?P=mark){_ANY_YEAR}(?![\d%])",
    )
)
_CLOCK = re.compile(
    r"(?:(?P<before>午前|午後|오전|오후)\s*)?(?<![\d.:])(?P<hour>[01]?\d|2[0-4])"
    r"(?:\s*(?:[:h時시]|Uhr|(?<=\d)\.(?=\d\d(?!\d|\.\d)))\s*(?P<minute>[0-5]\d)(?!\d)\s*[分분]?"
    r"(?::(?P<seconds>[0-5]\d)(?:\.\d+)?)?|\s*(?P<whole>h\b|時|시|Uhr)|(?=\s*[ap]\.?m\b))"
    r"(?:\s*(?P<after>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"^\s*\(?(?:GMT|UTC)?\s*(?P<sign>[+\-−])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?(?!\d)"
)
_ZONE = re.compile(
    rf"^[\s,]*\(?(?P<name>{_any_of([*_DATA['zones'], *_DATA['places']])})(?![A-Za-z])"
)
_ISO = re.compile(
    r"^[+-]?\d{4}-?\d\d-?\d\d(?:[T\s]\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?\s*(?:Z|[+-]\d\d:?(?:\d\d)?)?)?$",
    re.IGNORECASE,
)
_ISO_SECONDS = re.compile(r"[T\s](?:\d{6}|\d\d:\d\d:\d\d)", re.IGNORECASE)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_AFTER_NOON = frozenset({"p", "午後", "오후"})
_BEFORE_NOON = frozenset({"a", "午前", "오전"})
_NOON = 12


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time in UTC, and how finely it was written; a day is its midnight UTC."""

    at: datetime
    precision: Precision


def parse_instant(text: str, zone: tzinfo, *, month_first: bool = False) -> Instant | None:
    """Return the first instant that ``text`` names, or None, as ``stated_instant`` reads it.

    Instants before 1990 are not believed.
    """
    instant = stated_instant(text, zone, month_first=month_first)
    return instant if instant and instant.at >= EARLIEST else None


def stated_instant(text: str, zone: tzinfo, *, month_first: bool = False) -> Instant | None:
    """Return the first instant that ``text`` names, however unlikely, or None.

    Reads ISO 8601, RFC 822, unix seconds or milliseconds, and dates as people write them in
    en, it, es, pt, fr, de, ja and ko. ``zone`` holds where the text names no zone. 3/4/2026 is
    in March when ``month_first``. A date without a time of day, or at midnight to the second
    without an offset or in UTC, has the precision of a day: content systems write that for one.
    """
    text = " ".join(text.split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _machine_written(text, zone) or _written(text, zone, month_first=month_first)
    except (ValueError, OverflowError):
        return None


def without_dates(text: str) -> str:
    """Return a text without its dates and times of day: what else it says."""
    for pattern in (*_DATES, _CLOCK):
        text = pattern.sub(" ", text)
    return text


def _machine_written(text: str, zone: tzinfo) -> Instant | None:
    if _EPOCH.match(text):
        seconds = int(text[:10])
        return Instant(datetime.fromtimestamp(seconds, UTC), "second")
    if not _ISO.match(text):
        return None
    moment = datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", text.replace(",", ".")).upper())
    has_time = len(text) > len("2026-11-17")
    seconds_written = _ISO_SECONDS.search(text) is not None
    return _instant(moment, zone, has_time=has_time, has_seconds=seconds_written)


def _written(text: str, zone: tzinfo, *, month_first: bool) -> Instant | None:
    for pattern in _DATES:
        if match := pattern.search(text):
            day = _day(match, month_first=month_first)
            after, before = text[match.end() :], text[: match.start()]
            clock = _CLOCK.search(after[:60]) or _CLOCK.search(before[-60:])
            if clock is None:
                return _instant(day, zone, has_time=False, has_seconds=False)
            rest = (after[:60] if clock.string == after[:60] else before[-60:])[clock.end() :]
            moment = (day + _time_of_day(clock)).replace(tzinfo=_zone_named(rest))
            return _instant(moment, zone, has_time=True, has_seconds=bool(clock["seconds"]))
    return None


def _day(match: re.Match[str], *, month_first: bool) -> datetime:
    parts = match.groupdict()
    year = int(parts["year"])
    year += 2000 if year < 100 else 0  # noqa: PLR2004 - two digits
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        month, day = (first, second) if month_first else (second, first)
        if month > 12:  # noqa: PLR2004 - then it can only be the other order
            month, day = day, month
        return datetime(year, month, day)  # noqa: DTZ001 - its zone comes later
    name = parts["month"].casefold()
    month = int(name) if name.isdigit() else _MONTHS[name]
    return datetime(year, month, int(parts["day"]))  # noqa: DTZ001 - its zone comes later


def _time_of_day(clock: re.Match[str]) -> timedelta:
    hour = int(clock["hour"])
    half = (clock["after"] or clock["before"] or "").casefold()
    if half in _AFTER_NOON and hour < _NOON:
        hour += _NOON
    elif half in _BEFORE_NOON and hour == _NOON:
        hour = 0
    return timedelta(
        hours=hour, minutes=int(clock["minute"] or 0), seconds=int(clock["seconds"] or 0)
    )


def _zone_named(text: str) -> tzinfo | None:
    """Return the zone that stands at the start of ``text``, as an offset or by name."""
    if match := _OFFSET.match(text):
        size = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if size > _MAX_OFFSET:
            return None
        return timezone(size if match["sign"] == "+" else -size)
    if match := _ZONE.match(text):
        name = match["name"]
        if name in _DATA["zones"]:
            return timezone(timedelta(minutes=_DATA["zones"][name]))
        return _place(_DATA["places"][name])
    return None


@lru_cache(maxsize=32)
def _place(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _instant(moment: datetime, zone: tzinfo, *, has_time: bool, has_seconds: bool) -> Instant:
    offset = moment.utcoffset()
    at_midnight = not (moment.hour or moment.minute or moment.second or moment.microsecond)
    if not has_time or (at_midnight and not offset):
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
        return Instant(day, "day")
    aware = moment if offset is not None else moment.replace(tzinfo=zone)
    return Instant(aware.astimezone(UTC), "second" if has_seconds else "minute")
