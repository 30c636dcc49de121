"""When a source is asked, for which stretch of time, and when again: pure, the clock is handed in.

The interval aims at one new article a poll: it shrinks at once when more comes, and grows by half
while nothing does. A source that cannot be read is asked ever more rarely, but never given up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.accounts import Poll
from tasks.articles.records import LONGEST_WAIT, Span
from tasks.discover import Discovery
from tasks.sources.schema import Polling

_SLOWER = 1.5  # times the interval, when nothing was new
_SLACK = 0.1  # of the interval: a scheduler is never on time to the second
_MINUTE = timedelta(minutes=1)
_FIRST_WAIT = timedelta(minutes=5)  # after one failure; it doubles with each further one
_MOST_DOUBLINGS = 10  # by then it is longer than any wait


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far a source is read, and when it is asked next: a row of ``source_states``."""

    polled_at: datetime
    next_poll_at: datetime
    interval_minutes: float  # that its news call for
    failures: int = 0  # polls in a row that could read none of its lists
    watermark_at: datetime | None = None  # all that it dates before this is in the ledger


def is_due(state: State | None, now: datetime) -> bool:
    """Say whether a scheduled run asks the source; one with times that cannot be right is asked."""
    if state is None:
        return True
    wait = state.next_poll_at - state.polled_at
    return not state.polled_at <= now < state.next_poll_at - wait * _SLACK


def span_since(state: State | None, polling: Polling, now: datetime) -> Span:
    """Return the stretch of time to ask for: from the watermark on, with overlap.

    A watermark that lies in the future was set by a wrong clock: then everything is asked for.
    """
    if state is None or state.watermark_at is None or state.watermark_at > now:
        return Span()
    return Span(since=state.watermark_at - timedelta(seconds=polling.overlap_seconds))


def read_until(discovery: Discovery, now: datetime) -> datetime | None:
    """Return the instant before which a source's lists have told everything, None if unknown.

    That is the latest that the listings state when all lists were read to their end. Nothing is
    read until after ``now``, whatever a list says.
    """
    if not discovery.is_whole:
        until = discovery.whole_until
        return until if until and until <= now else None
    stated = (listing.updated_at or listing.published_at for listing in discovery.listings)
    return max((at for at in stated if at and at <= now), default=None)


def state_after(
    poll: Poll, before: State | None, polling: Polling, asked_at: datetime, jitter: float
) -> State:
    """Return the state after a poll of ``asked_at``; ``jitter`` is a random number from 0 to 1."""
    if poll.is_dead:
        interval = before.interval_minutes if before else polling.shortest_minutes
        failures = before.failures + 1 if before else 1
        wait = max(_backoff(failures, jitter), interval * _MINUTE, poll.retry_after)
    else:
        interval, failures = _interval(poll, before, polling, asked_at), 0
        wait = max(interval * _MINUTE, poll.retry_after)
    return State(
        polled_at=asked_at,
        next_poll_at=asked_at + min(wait, max(LONGEST_WAIT, interval * _MINUTE)),
        interval_minutes=interval,
        failures=failures,
        watermark_at=poll.read_until,
    )


def _backoff(failures: int, jitter: float) -> timedelta:
    wait: timedelta = _FIRST_WAIT * 2 ** min(failures - 1, _MOST_DOUBLINGS)
    return min(wait, LONGEST_WAIT) * (0.75 + 0.25 * jitter)


def _interval(poll: Poll, before: State | None, polling: Polling, asked_at: datetime) -> float:
    """Return the minutes to the next poll, within the source's bounds."""
    if before is None:
        return polling.shortest_minutes
    if poll.new_listings:
        elapsed = max((asked_at - before.polled_at) / _MINUTE, 0)
        wanted = min(before.interval_minutes, elapsed / poll.new_listings)
    else:
        wanted = max(before.interval_minutes, 1) * _SLOWER
    return min(max(wanted, polling.shortest_minutes), polling.longest_minutes)
