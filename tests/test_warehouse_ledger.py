"""The ledger: what is known, what is due, what ran, and whether anything is missing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse_rows import START, Look, batch_of, listing_row, outcome_row, poll_row, uid
from warehouse.append import append
from warehouse.errors import RowError
from warehouse.ledger import (
    count_polls,
    due,
    finish_run,
    known_listings,
    record_listings,
    record_polls,
    start_run,
)
from warehouse.schema import bring_up_to_date
from warehouse.taxonomy import load_topics

HOUR = timedelta(hours=1)


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty database in memory, at the newest schema."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


def attempt(connection: DuckDBPyConnection, look: Look, outcome: str, minute: int) -> None:
    """Load one failed attempt at a look's listing; a deferred one is due an hour later."""
    at = START + timedelta(minutes=minute)
    more = {"retry_at": at + HOUR} if outcome == "deferred" else {}
    row = outcome_row(look.listing_id, outcome, at, **more)
    append(connection, batch_of([], listings=[listing_row(look)], outcomes=[row]))


def start(connection: DuckDBPyConnection, run_id: UUID, at: datetime) -> None:
    """Record the start of a run of ingest."""
    start_run(connection, run_id=run_id, flow="ingest", sources=["sample"], started_at=at)


def test_listings_are_known_once_they_are_decided(connection: DuckDBPyConnection) -> None:
    """Deferred ones wait, due or not; unheard-of ones are neither."""
    stored, refused, waiting, unknown = (Look(name, "A", 0) for name in "abcd")
    append(connection, batch_of([stored]))
    attempt(connection, refused, "rejected", 0)
    attempt(connection, waiting, "deferred", 0)
    ids = [look.listing_id for look in (stored, refused, waiting, unknown)]
    known = known_listings(connection, ids)
    assert known.decided == {stored.listing_id, refused.listing_id}
    assert known.waiting == {waiting.listing_id}
    assert known_listings(connection, []).decided == set()


def test_a_deferred_listing_is_due_until_a_later_attempt_decides(
    connection: DuckDBPyConnection,
) -> None:
    """It comes back with all that the list said, and how often it was tried."""
    look = Look("a", "A", 0)
    attempt(connection, look, "deferred", 0)
    assert due(connection, START, {"sample": 9}) == []
    assert due(connection, START + HOUR, {"another": 9}) == []
    attempt(connection, look, "deferred", 30)
    assert due(connection, START + HOUR, {"sample": 9}) == []
    (row,) = due(connection, START + 2 * HOUR, {"sample": 9})
    assert (row["listing_id"], row["listing"], row["attempts"]) == (look.listing_id, '{"a": 1}', 2)
    assert len(due(connection, START + 1.5 * HOUR, {"sample": 9})) == 1
    attempt(connection, look, "rejected", 90)
    assert due(connection, START + 9 * HOUR, {"sample": 9}) == []
    assert known_listings(connection, [look.listing_id]).decided == {look.listing_id}


def test_a_listing_left_without_an_outcome_is_due(connection: DuckDBPyConnection) -> None:
    """Its run was killed before it was fetched: it is taken up, whatever is listed by then.

    While another run of its source lives, only when that must hang.
    """
    look = Look("a", "A", 0)
    record_listings(connection, [listing_row(look)], run_id=uid("killed"), available_at=look.at)
    assert due(connection, look.at + HOUR, {"sample": 9}) == []
    assert len(due(connection, look.at + 6 * HOUR, {"sample": 9})) == 1
    assert due(connection, look.at, {"sample": 9}, inherited={"another"}) == []
    (row,) = due(connection, look.at, {"sample": 9}, inherited={"sample"})
    assert (row["listing_id"], row["attempts"]) == (look.listing_id, 0)


def test_a_run_that_was_killed_is_seen_as_interrupted(connection: DuckDBPyConnection) -> None:
    """Once a later run of the same flow has started."""
    killed, failed, going = (uid("run", name) for name in "abc")
    start(connection, killed, START)
    start(connection, killed, START)  # recorded once
    start(connection, failed, START + HOUR)
    finish_run(connection, run_id=failed, finished_at=START + 2 * HOUR, error="The disk is full.")
    finish_run(connection, run_id=failed, finished_at=START + 3 * HOUR)
    start(connection, going, START + 4 * HOUR)
    log = "SELECT run_id, state, error FROM run_log ORDER BY started_at"
    assert connection.execute(log).fetchall() == [
        (killed, "interrupted", ""),
        (failed, "failed", "The disk is full."),
        (going, "running", ""),
    ]
    finish_run(connection, run_id=going, finished_at=START + 5 * HOUR)
    assert connection.execute(log).fetchall()[-1] == (going, "finished", "")


def test_polls_are_recorded_once_and_counted(connection: DuckDBPyConnection) -> None:
    """One row per run and source; the run's totals are their sums."""
    run_id = uid("run")
    start(connection, run_id, START)
    polls = [
        poll_row(run_id, "sample", START, listed=3, stored=2, rejected=1),
        poll_row(run_id, "other", START, listed=4, unchanged=4),
    ]
    assert record_polls(connection, polls) == 2
    assert record_polls(connection, polls) == 0
    assert count_polls(connection, "sample") == 1
    assert count_polls(connection, "unheard-of") == 0
    totals = "SELECT listed, stored, unchanged, rejected FROM run_log"
    assert connection.execute(totals).fetchall() == [(7, 2, 4, 1)]
    with pytest.raises(RowError, match="unknown: seen"):
        record_polls(connection, [poll_row(uid("next"), "sample", START, seen=1)])


def test_an_instant_without_a_time_zone_is_refused(connection: DuckDBPyConnection) -> None:
    """Nobody can tell when that was."""
    start(connection, uid("run"), START)
    with pytest.raises(RowError, match=r"runs\.finished_at"):
        finish_run(connection, run_id=uid("run"), finished_at=START.replace(tzinfo=None))


def test_completeness_accounts_for_every_listing(connection: DuckDBPyConnection) -> None:
    """What is listed is the sum of its outcomes and of what is missing."""
    append(connection, batch_of([Look("a", "A", 1), Look("a", "B", 2), Look("a", "B", 3)]))
    append(connection, batch_of([Look("a", None, 4), Look("b", "A", 60 * 24)]))
    attempt(connection, Look("c", "", 5), "rejected", 6)
    attempt(connection, Look("d", "", 5), "deferred", 6)
    lost = listing_row(Look("e", "", 7))
    assert record_listings(connection, [lost], run_id=uid("run"), available_at=START) == 1
    assert record_listings(connection, [lost], run_id=uid("run"), available_at=START) == 0
    answer = connection.execute("SELECT * EXCLUDE (source, day) FROM completeness ORDER BY day")
    names = [column[0] for column in answer.description]
    first, second = (dict(zip(names, row, strict=True)) for row in answer.fetchall())
    assert first == {"listed": 7} | dict.fromkeys(names[1:], 1)
    assert (second["listed"], second["stored"], second["missing"]) == (1, 1, 0)


def test_freshness_tells_the_age_of_each_source(connection: DuckDBPyConnection) -> None:
    """Also of a source that was polled and gave nothing."""
    append(connection, batch_of([Look("a", "A", 1)], available_at=START))
    record_polls(connection, [poll_row(uid("run"), "quiet", START)])
    rows = connection.execute(
        "SELECT source, articles, newest_available_at, polled_at, age > INTERVAL 0 SECOND"
        " FROM freshness ORDER BY source"
    ).fetchall()
    assert rows[0] == ("quiet", 0, None, START, None)
    assert rows[1][:4] == ("sample", 1, START, None)


def test_freshness_counts_no_removed_article(connection: DuckDBPyConnection) -> None:
    """Nor a state of an article that a newer one took the place of."""
    looks = [Look("a", "A", 1), Look("a", "A2", 2), Look("b", "B", 3), Look("b", None, 4)]
    append(connection, batch_of(looks, available_at=START))
    rows = connection.execute("SELECT source, articles FROM freshness").fetchall()
    assert rows == [("sample", 1)]
    append(connection, batch_of([Look("a", None, 5)], available_at=START + HOUR))
    assert connection.execute("SELECT source, articles FROM freshness").fetchall() == []


def test_the_taxonomy_follows_its_file(connection: DuckDBPyConnection) -> None:
    """It is replaced when it differs, and left alone when it does not."""
    row = {
        "topic": "earnings",
        "topic_group": "company",
        "names": {"en": "Earnings", "it": "Risultati"},
        "iptc_media_topic": "medtop:20000178",
        "means": "a company's reported results",
    }
    assert load_topics(connection, [row])
    assert not load_topics(connection, [row])
    assert load_topics(connection, [row, row | {"topic": "guidance"}])
    assert load_topics(connection, [row | {"topic": "guidance"}])
    names = "SELECT topic, names['it'] FROM topics"
    assert connection.execute(names).fetchall() == [("guidance", "Risultati")]
