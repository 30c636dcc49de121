"""When a source is asked next and for what: the rules, without a server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.accounts import Poll
from flows.lanes import lanes
from flows.polling import State, is_due, read_until, span_since, state_after
from tasks.articles.records import LONGEST_WAIT, Listing
from tasks.discover import Discovery
from tasks.sources.schema import Polling

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLLING = Polling(shortest_minutes=5, longest_minutes=60, overlap_seconds=5)


def state(minutes_ago: float = 10, interval: float = 10, **changes: object) -> State:
    """Return the state of a source that was asked a while ago."""
    polled_at = NOW - minutes_ago * MINUTE
    given = {
        "polled_at": polled_at,
        "next_poll_at": polled_at + interval * MINUTE,
        "interval_minutes": interval,
    }
    return State(**(given | changes))  # type: ignore[arg-type]


def poll(new: int = 0, **changes: object) -> Poll:
    """Return a poll that went well."""
    return Poll(source="s", new_listings=new, **changes)  # type: ignore[arg-type]


def dead(retry_after: timedelta = timedelta()) -> Poll:
    """Return a poll in which no list could be read."""
    return Poll(source="s", is_dead=True, retry_after=retry_after)


@pytest.mark.parametrize(
    ("new", "before", "minutes"),
    [
        (0, 10, 15),  # nothing new: half as long again
        (0, 50, 60),  # but not longer than the source says
        (1, 10, 10),  # one new article a poll is what the interval aims at
        (5, 60, 12),  # much new: at once as often as that
        (500, 60, 5),  # but not more often than the source says
    ],
)
def test_the_interval_follows_the_news(new: int, before: float, minutes: float) -> None:
    """It grows by half while nothing comes, and shrinks at once when much does."""
    after = state_after(poll(new), state(before, before), POLLING, NOW, jitter=0)
    assert after.interval_minutes == pytest.approx(minutes)
    assert after.next_poll_at == NOW + after.interval_minutes * MINUTE


@given(
    new=st.integers(0, 10_000),
    ago=st.floats(-1e5, 1e5),
    before=st.floats(0, 10_080),
    failures=st.integers(0, 2_000),
    asked_for=st.timedeltas(timedelta(), LONGEST_WAIT),
    fails=st.booleans(),
    jitter=st.floats(0, 1),
)
def test_a_source_is_always_asked_again(
    *,
    new: int,
    ago: float,
    before: float,
    failures: int,
    asked_for: timedelta,
    fails: bool,
    jitter: float,
) -> None:
    """Within its bounds, or a day after failures; never sooner than its server wants."""
    last = state(ago, before, failures=failures)
    result = dead(asked_for) if fails else poll(new, retry_after=asked_for)
    after = state_after(result, last, POLLING, NOW, jitter)
    wait = after.next_poll_at - NOW
    longest = max(LONGEST_WAIT, before * MINUTE)
    assert min(asked_for, LONGEST_WAIT) <= wait <= longest
    assert after.failures == (failures + 1 if fails else 0)
    if not fails:
        assert 5 <= after.interval_minutes <= 60
    assert is_due(after, after.next_poll_at)
    assert not is_due(after, NOW)


def test_failures_double_the_wait_up_to_a_day() -> None:
    """With some chance in it, so that sources of one server do not come back together."""
    last, waits = state(), []
    for _ in range(12):
        last = state_after(dead(), last, POLLING, NOW, jitter=1)
        waits.append((last.next_poll_at - NOW) / MINUTE)
    assert waits[:4] == [10, 10, 20, 40]  # the first is the source's own interval
    assert waits[-1] == 24 * 60
    early = state_after(dead(), state(failures=5), POLLING, NOW, jitter=0)
    late = state_after(dead(), state(failures=5), POLLING, NOW, jitter=1)
    assert early.next_poll_at < late.next_poll_at


def test_a_state_of_a_wrong_clock_keeps_nobody_from_asking() -> None:
    """A source that was asked tomorrow is due; and an hour does not make it due too soon."""
    assert is_due(None, NOW)
    assert is_due(state(minutes_ago=-60 * 24), NOW)
    assert not is_due(state(minutes_ago=5, interval=10), NOW)
    assert is_due(state(minutes_ago=9.5, interval=10), NOW), "a scheduler is never on time"


def test_the_span_begins_before_the_watermark() -> None:
    """By the overlap; without a watermark, or with one that lies in the future, it has no start."""
    assert span_since(state(watermark_at=NOW), POLLING, NOW).since == NOW - timedelta(seconds=5)
    assert span_since(None, POLLING, NOW).since is None
    assert span_since(state(watermark_at=NOW + MINUTE), POLLING, NOW).since is None


def test_the_newest_instant_is_never_in_the_future() -> None:
    """A list with a wrong clock moves no watermark past what can be there."""
    stated = [NOW - MINUTE, None, NOW + MINUTE, NOW - 3 * MINUTE]
    listings = [Listing(source="s", url="u", published_at=at) for at in stated]
    assert read_until(Discovery(listings, [], [], is_whole=True), NOW) == NOW - MINUTE
    assert read_until(Discovery([], [], [], is_whole=True), NOW) is None
    edited = Listing(source="s", url="u", published_at=NOW - 9 * MINUTE, updated_at=NOW)
    assert read_until(Discovery([edited], [], [], is_whole=True), NOW) == NOW


def test_a_list_read_in_part_moves_no_watermark() -> None:
    """What was not read may be older than what was."""
    listed = [Listing(source="s", url="u", published_at=NOW)]
    in_part = Discovery(listed, [], [], is_whole=False)
    assert read_until(in_part, NOW) is None
    until = replace(in_part, whole_until=NOW - MINUTE)
    assert read_until(until, NOW) == NOW - MINUTE, "an API may know how far it was read"
    assert read_until(until, NOW - 2 * MINUTE) is None
    state = state_after(poll(read_until=NOW), None, POLLING, NOW, jitter=0)
    assert state.watermark_at == NOW


@given(
    items=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 40)), max_size=200),
    most=st.integers(1, 50),
)
def test_lanes_hold_everything_once_and_keep_large_hosts_apart(
    items: list[tuple[str, int]], most: int
) -> None:
    """Batches keep their bounds; a lane of several batches is of one host."""
    numbered = [(host, size, number) for number, (host, size) in enumerate(items)]
    found = lanes(numbered, lambda x: x[0], lambda x: x[1], most=most, most_bytes=100)
    batches = [batch for lane in found for batch in lane]
    assert sorted(item for batch in batches for item in batch) == sorted(numbered)
    for batch in batches:
        assert 0 < len(batch) <= most
        assert sum(size for _, size, _ in batch) <= 100
    for lane in found:
        hosts = {host for batch in lane for host, *_ in batch}
        assert len(lane) == 1 or len(hosts) == 1
