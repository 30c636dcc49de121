"""Reads "2 hours ago", in the ways that pages write it, against the moment of the fetch."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from tasks.extraction.times import AGO, Instant

_LONGEST = 60  # characters of a text that is such a time and little else


def relative_instant(text: str, fetched_at: datetime) -> Instant | None:
    """Return when "2 hours ago" was for a page fetched then, or None.

    As exact as it is written: to the minute, the hour (the hour it may be off by) or the day.
    """
    if len(text) > _LONGEST:
        return None
    for unit, step, pattern in _patterns():
        if match := pattern.search(text):
            number = match.groupdict().get("number") or "1"
            at = fetched_at - step * (int(number) if number.isdigit() else 1)
            if unit == "day":
                return Instant(at.replace(hour=0, minute=0, second=0, microsecond=0), "day")
            return Instant(
                at.replace(second=0, microsecond=0), "minute" if unit == "minute" else "hour"
            )
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, timedelta, re.Pattern[str]]]:
    ones = "|".join(map(re.escape, AGO["one"]))
    number = rf"(?P<number>\d{{1,3}}|{ones})\s*"
    steps = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
    found = []
    for unit, step in steps.items():
        names = "|".join(map(re.escape, sorted(AGO[unit], key=len, reverse=True)))
        forms = [
            re.escape(form)
            .replace(r"\#", number)
            .replace("UNIT", rf"(?:{names})")
            .replace(r"\ ", r"\s*")
            for form in AGO["forms"]
        ]
        found += [
            (unit, step, re.compile(rf"(?<!\w){form}(?!\w)", re.IGNORECASE)) for form in forms
        ]
    yesterday = "|".join(map(re.escape, AGO["yesterday"]))
    found.append(("day", steps["day"], re.compile(rf"^(?:{yesterday})$", re.IGNORECASE)))
    return found
