"""Instants as lists write them: ISO 8601, the dates of mail and RSS, unix seconds.

Sources: RFC 3339 and W3C-DTF (Atom, sitemaps, JSON Feed), RFC 822 and 850 (RSS, Benzinga). Feeds in
other languages put their own names of months into the latter, and many a feed names its zone.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from tasks.sources.schema import Source

# Hours east of Greenwich of the zones that lists name. CST and IST have other meanings elsewhere;
# America's and India's are the ones that news feeds use.
_ZONES = {
    "UT": 0,
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "MEZ": 1,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "IST": 5.5,
    "HKT": 8,
    "SGT": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "BRT": -3,
    "ART": -3,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
# How the names of months begin, in en, it, es, pt, fr and de.
_MONTHS = (
    *(("jan", "gen", "ene"), ("feb", "fev", "fév"), ("mar", "mär", "mrz"), ("apr", "avr", "abr")),
    *(("may", "mag", "mai"), ("jun", "giu", "juin"), ("jul", "lug", "juil"), ("aug", "ago", "aoû")),
    *(("sep", "set"), ("oct", "ott", "out", "okt"), ("nov",), ("dec", "dic", "dez", "déc")),
)
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm])?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (  # 17 Nov 2026 09:30:05 EST, 17-Nov-26; Nov 17, 2026 9:30 AM; Nov 17 09:30 2026
        rf"(?P<day>\d{{1,2}})[\s-](?P<month>[^\W\d]{{3,}})\.?[\s-](?P<year>\d{{4}}|\d\d)\b,?\s+{_CLOCK}",
        rf"(?P<month>[^\W\d]{{3,}})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}),?\s+{_CLOCK}",
        rf"(?P<month>[^\W\d]{{3,}}) (?P<day>\d{{1,2}}) {_CLOCK} (?P<year>\d{{4}})",
        r"(?P<day>\d{1,2})[\s-](?P<month>[^\W\d]{3,})\.?[\s-](?P<year>\d{4})\b",
    )
)
_ZONE = re.compile(
    r"\s*\(?(?:(?P<name>[A-Za-z]{1,4})(?![A-Za-z]))?(?P<sign>[+-])?"
    r"(?:(?P<hours>\d\d?):?(?P<minutes>\d\d)?)?"
)
_NAMED = re.compile(r"^(\S*\d{1,2}[T ]\d{1,2}:\d\d\S*) \(?([A-Z]{2,4})\)?$")
_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d$)")
_YEAR_OR_MONTH = re.compile(r"^\d{4}(?:-\d\d)?$")
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$")
_CENTURY, _NOON = 100, 12


def read_instant(text: str | None, source: Source) -> datetime | None:
    """Return the instant that a list writes, in UTC; None where there is none that makes sense.

    One that names no zone is in the source's time zone, and a day is its midnight there.
    """
    text = " ".join((text or "")[:100].split())
    zone = ZoneInfo(source.timezone)
    try:
        instant = _iso(text, zone) or _epoch(text) or _rfc822(text, zone)
        return instant.astimezone(UTC) if instant else None
    except (ValueError, OverflowError):
        return None


def _iso(text: str, zone: tzinfo) -> datetime | None:
    if _YEAR_OR_MONTH.match(text):
        text += "-01-01"[len(text) - len("2026") :]
    if named := _NAMED.match(text):
        text, zone = named.group(1), _zone_named(named.group(2)) or zone
    try:
        instant = datetime.fromisoformat(_OFFSET.sub("", text))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def _epoch(text: str) -> datetime | None:
    return datetime.fromtimestamp(float(text), UTC) if _EPOCH.match(text) else None


def _rfc822(text: str, zone: tzinfo) -> datetime | None:
    for pattern in _DATES:
        if match := pattern.search(text):
            said = match.groupdict()
            year, hour = int(said["year"]), int(said.get("hour") or 0)
            if said.get("half"):
                hour = hour % _NOON + (_NOON if said["half"][0] in "pP" else 0)
            return datetime(
                year + 2000 if year < _CENTURY else year,
                _month(said["month"]),
                int(said["day"]),
                hour,
                int(said.get("minute") or 0),
                int(said.get("second") or 0),
                tzinfo=_zone(text[match.end() :]) or zone,
            )
    return None


def _month(name: str) -> int:
    """Return the number of a month; raises ValueError for another word."""
    for number, beginnings in enumerate(_MONTHS, start=1):
        if name.casefold().startswith(beginnings):
            return number
    raise ValueError(f"{name!r} is no month")


def _zone(text: str) -> tzinfo | None:
    """Return the zone that stands after a time: -0400, EST, GMT+1."""
    match = _ZONE.match(text)
    if match and match["sign"] and match["hours"]:
        size = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        return timezone(-size if match["sign"] == "-" else size)
    return _zone_named(match["name"] or "") if match else None


def _zone_named(name: str) -> tzinfo | None:
    hours = _ZONES.get(name.upper())
    return None if hours is None else timezone(timedelta(hours=hours))
