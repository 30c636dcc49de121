"""Which day a line of a list belongs to, and which lines belong to a stretch of past time."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from tasks.articles.records import Listing, Span
from tasks.sources.schema import Source

# Days in an address. Only what stands between slashes, or at an edge of a part of the path, is one:
# /2026/10/10-best-stocks/ is a headline, and six digits are an id.
_SLASHED = re.compile(r"/(?P<y>\d{4})[/-](?P<m>\d\d?)/(?P<d>\d\d?)(?=/)")
# What may be an id, too: 2026-10-05, 202610/05, 20261005 (also as /t20261005_1.html), 26/10/05.
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        r"/(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?=[-_./]|$)",
        r"[-_.](?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?=/|$|\.[a-z]{2,5}$)",
        r"/(?P<y>\d{4})(?P<m>\d\d)/(?P<d>\d\d)(?=/)",
        r"/t?(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?=[-_./]|$)",
        r"[-_.](?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?=/|$|\.[a-z]{2,5}$)",
        r"/(?P<y>\d\d)/(?P<m>\d\d)/(?P<d>\d\d)(?=/)",
    )
)
_EARLIEST = 1990  # news on the web is no older
_LONG, _CENTURY, _FIRST_SHORT = 4, 100, 10  # digits of a year; what is before 10 is a day


@dataclass(frozen=True, slots=True)
class Dating:
    """What it takes to tell a line's day: the source, whose ids are none, and now (UTC)."""

    source: Source
    now: datetime

    def in_span(self, listings: Iterable[Listing], span: Span) -> list[Listing]:
        """Return those of a past stretch of time; all when it has no end, because it is now.

        A line belongs to when it says its article was published; else to the day of its list, else
        to that in its URL, else to when it was changed. One that says nothing of the kind may
        belong to any time.
        """
        if span.until is None:
            return list(listings)
        return [listing for listing in listings if self._is_in(listing, span)]

    def day_of(self, listing: Listing) -> date | None:
        """Return the one day, of UTC, that a line belongs to; None when nothing says which."""
        if listing.published_at:
            return listing.published_at.astimezone(UTC).date()
        days = self._days_told(listing)
        if not days and listing.updated_at:
            return listing.updated_at.astimezone(UTC).date()
        return days[0] if len(days) == 1 else None

    def days_in(self, url: str) -> list[date]:
        """Return the days that an address may name: none where that is not beyond doubt.

        /2026/11/17/, 2026-11-17 and 20261117 name one; /26/11/17/ names two, since it may
        be the day that comes first. What is in the publisher's id of an article is no day.
        """
        path, (begin, end) = urlsplit(url).path, self.source.id_span(url)
        if (match := _SLASHED.search(path)) and (sure := self._days(match.group("y", "m", "d"))):
            return sure
        for pattern in _WRITTEN:
            match = pattern.search(path)
            if match is None or (begin < match.end("d") and match.start("y") < end):
                continue
            year, month, day = match.group("y", "m", "d")
            either = [(day, month, year)] if len(year) < _LONG else []
            if found := self._days((year, month, day), *either):
                return found
        return []

    def _is_in(self, listing: Listing, span: Span) -> bool:
        if listing.published_at is None and (days := self._days_told(listing)):
            return any(_touches(day, span) for day in days)
        return span.has(listing.published_at or listing.updated_at)

    def _days_told(self, listing: Listing) -> list[date]:
        """Return the day of a line's list, or those that its URL may name."""
        return [listing.day] if listing.day else self.days_in(listing.url)

    def _days(self, *written: Sequence[str]) -> list[date]:
        """Return the days of the calendar, until next year, that are written so."""
        days = []
        for said in written:
            year, month, day = map(int, said)
            if year < _CENTURY:
                year += 2000 if year >= _FIRST_SHORT else 0
            if _EARLIEST <= year <= self.now.year + 1:
                with suppress(ValueError):
                    days.append(date(year, month, day))
        return list(dict.fromkeys(days))


def _touches(day: date, span: Span) -> bool:
    """Say whether a day of the publisher's zone, half a day off UTC's at most, is in a span."""
    begin, half = datetime.combine(day, time(), UTC), timedelta(hours=12)
    is_before = span.since is not None and begin + timedelta(days=1) <= span.since - half
    is_after = span.until is not None and begin >= span.until + half
    return not (is_before or is_after)
