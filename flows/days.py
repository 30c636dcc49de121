"""The days that a backfill is asked for: half-open, in UTC, and none that has not begun."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tasks.articles.errors import NewsLedgerError
from warehouse.slices import PROVEN

DAY = timedelta(days=1)


def days_between(since: date | None, until: date | None, today: date) -> list[date]:
    """Return the days ``since <= day < until``, those to come left out, oldest first.

    Raises NewsLedgerError for a range that is reversed, empty, without bounds or still to come.
    """
    if since is None or until is None:
        raise NewsLedgerError(
            "Say which days with --since and --until, such as --since 2026-10-01 --until"
            " 2026-11-01 for all of October; or --gaps for the days that are not proven yet."
        )
    if since >= until:
        hint = f"for that one day write --until {since + DAY}." if since == until else "swap them?"
        raise NewsLedgerError(
            f"There is no day from {since} to before {until}: the end is not included; {hint}"
        )
    last = min(until, today + DAY)
    if since >= last:
        raise NewsLedgerError(f"{since} is still to come: today is {today}, in UTC.")
    return [since + n * DAY for n in range((last - since).days)]


def gaps(
    states: Mapping[date, str], since: date | None, until: date | None, today: date
) -> list[date]:
    """Return the days that are not proven, oldest first, between these bounds.

    Without a bound, from the first or to the last day that was ever asked for. Raises as
    ``days_between``, and where no day was ever asked for.
    """
    if not states and (since is None or until is None):
        raise NewsLedgerError(
            "No day of this source was ever asked for, so it has no gaps to fill; say which days"
            " with --since and --until."
        )
    first = since or min(states)
    last = until or max(states) + DAY
    return [day for day in days_between(first, last, today) if states.get(day) != PROVEN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a backfill is asked for, as it was said: the bounds, and which of the days between."""

    since: date | None = None
    until: date | None = None
    only_gaps: bool = False
    force: bool = False
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class ToFill:
    """The days of a backfill: those that were asked for, and those of them to work on, in order."""

    asked: Sequence[date]
    days: Sequence[date]


def days_to_fill(states: Mapping[date, str], asked: Asked, today: date) -> ToFill:
    """Return which days to work on, given the states of those that were ever asked for.

    Proven ones are left out unless ``force`` says otherwise. Raises NewsLedgerError as above.
    """
    if asked.only_gaps:
        between = gaps(states, asked.since, asked.until, today)
    else:
        between = days_between(asked.since, asked.until, today)
    days = [day for day in between if asked.force or states.get(day) != PROVEN]
    return ToFill(between, sorted(days, reverse=not asked.oldest_first))
