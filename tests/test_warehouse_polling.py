"""What the ledger keeps of sources, their lists, and pages to look at again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse_rows import RUN, START, Look, batch_of, listing_row, outcome_row, uid
from warehouse.append import append
from warehouse.burial import Request, bury, find
from warehouse.errors import RowError
from warehouse.ledger import due, known_listings, record_listings
from warehouse.polling import known_documents, put_source_states, source_states
from warehouse.retries import rejections, take_up_again
from warehouse.revisits import due_revisits
from warehouse.schema import bring_up_to_date
from warehouse.transaction import transaction

HOUR = timedelta(hours=1)
NOW = START + 100 * HOUR
HOURS = {"sample": (1.0, 6.0, 24.0)}


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty database in memory, at the newest schema."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


def put_state(
    connection: DuckDBPyConnection, watermark_at: datetime | None, now: datetime = NOW
) -> datetime | None:
    """Record a poll that read until an instant, and return the watermark that came of it."""
    row = {
        "source": "sample",
        "run_id": RUN,
        "watermark_at": watermark_at,
        "polled_at": now,
        "next_poll_at": now + HOUR,
        "interval_minutes": 60.0,
        "failures": 0,
    }
    put_source_states(connection, [row], now)
    watermark: datetime | None = source_states(connection, ["sample"])["sample"]["watermark_at"]
    return watermark


def record(connection: DuckDBPyConnection, look: Look, published_at: datetime | None) -> None:
    """Record that a look's listing was listed."""
    row = listing_row(look, published_at=published_at)
    record_listings(connection, [row], run_id=RUN, available_at=START)


def document(url: str, etag: str, **changes: Any) -> dict[str, Any]:
    """Return a row for ``documents``."""
    return {
        "source": "sample",
        "url": url,
        "etag": etag,
        "last_modified": "",
        "body_hash": uid(etag),
        "polls_since_full_read": 0,
        "read_at": START,
    } | changes


def test_the_watermark_moves_forward_only(connection: DuckDBPyConnection) -> None:
    """A poll that proves nothing leaves it; one of a wrong clock is taken back."""
    assert put_state(connection, None) is None
    assert put_state(connection, START) == START
    assert put_state(connection, None) == START
    assert put_state(connection, START - HOUR) == START
    assert put_state(connection, START + HOUR) == START + HOUR
    assert put_state(connection, START, now=START + HOUR / 2) == START, "the clock was wrong"
    assert put_state(connection, NOW + HOUR) == START, "nothing is read until tomorrow"


def test_the_watermark_waits_for_what_is_not_done(connection: DuckDBPyConnection) -> None:
    """It stays at the earliest listing that is deferred or has no outcome; undated ones aside."""
    waiting, done, undated = Look("waiting", "A", 5), Look("done", "A", 0), Look("undated", "A", 0)
    record(connection, waiting, START)
    record(connection, done, START - HOUR)
    record(connection, undated, None)
    append(connection, batch_of([done]))
    assert put_state(connection, NOW) == START
    late = outcome_row(waiting.listing_id, "deferred", START, retry_at=NOW)
    append(connection, batch_of([], listings=[listing_row(waiting)], outcomes=[late]))
    assert put_state(connection, NOW) == START
    append(connection, batch_of([waiting]))
    assert put_state(connection, NOW) == NOW


def test_documents_and_their_listings_are_recorded_together(
    connection: DuckDBPyConnection,
) -> None:
    """A document takes the place of what was known of it; with a bad listing neither is there."""
    for etag in ("one", "two"):
        rows = [document("http://a.example/feed", etag), document(f"http://{etag}.example/", etag)]
        record_listings(connection, [], run_id=RUN, available_at=START, documents=rows)
    known = known_documents(connection, ["sample"])
    assert sorted((row["url"], row["etag"]) for row in known) == [
        ("http://a.example/feed", "two"),
        ("http://one.example/", "one"),
        ("http://two.example/", "two"),
    ]
    assert known_documents(connection, ["another"]) == []
    bad = [{"listing_id": uid("bad")}]
    with pytest.raises(RowError):
        record_listings(
            connection,
            bad,
            run_id=RUN,
            available_at=START,
            documents=[document("http://a.example/feed", "three")],
        )
    assert {row["etag"] for row in known_documents(connection, ["sample"])} == {"one", "two"}


def watch(connection: DuckDBPyConnection, look: Look, **changes: Any) -> None:
    """Load a look's page as one that may be looked at again."""
    watched = {"page_id": look.page_id, "etag": "e", "last_modified": "", "body_hash": uid("b")}
    append(connection, batch_of([look], watched_pages=[watched], **changes))


def again(connection: DuckDBPyConnection, look: Look, outcome: str, at: datetime) -> None:
    """Load a later look at the same listing that brought no page."""
    row = outcome_row(
        look.listing_id, outcome, at, article_key=look.key, retry_at=at + HOUR / 4, reason=""
    )
    row["retry_at"] = row["retry_at"] if outcome == "deferred" else None
    append(connection, batch_of([], listings=[listing_row(look)], outcomes=[row]))


def due_at(connection: DuckDBPyConnection, hours: float) -> list[int]:
    """Return the failed tries of what is to be looked at so long after START."""
    rows = due_revisits(connection, START + hours * HOUR, HOURS, most=10)
    return [row["attempts"] for row in rows]


def test_an_article_is_looked_at_again_after_its_hours(connection: DuckDBPyConnection) -> None:
    """Each time once; of several that were missed one look makes up for all."""
    look = Look("a", "A", 0)
    watch(connection, look)
    assert due_at(connection, 0.9) == []
    (row,) = due_revisits(connection, START + HOUR, HOURS, most=10)
    assert (row["listing_id"], row["article_key"]) == (look.listing_id, look.key)
    assert (row["etag"], row["body_hash"], row["due_at"]) == ("e", uid("b"), START + HOUR)
    assert due_revisits(connection, START + HOUR, {"another": (1,), "sample": ()}, most=10) == []
    again(connection, look, "unchanged", START + 7 * HOUR)
    assert due_at(connection, 23) == []
    again(connection, look, "removed", START + 12 * HOUR)
    (row,) = due_revisits(connection, START + 24 * HOUR, HOURS, most=10)
    assert (row["etag"], row["body_hash"]) == ("", None), "the same page again is its return"
    again(connection, look, "removed", START + 24 * HOUR)
    assert due_at(connection, 1_000) == [], "after the last one, never"


def test_a_failed_look_waits_and_counts(connection: DuckDBPyConnection) -> None:
    """It is due again at its own time, however often it failed; a look for good ends it."""
    look = Look("a", "A", 0)
    watch(connection, look)
    again(connection, look, "deferred", START + HOUR)
    assert due_at(connection, 1.1) == []
    assert due_at(connection, 1.3) == [1]
    again(connection, look, "deferred", START + 2 * HOUR)
    assert due_at(connection, 3) == [2]
    again(connection, look, "rejected", START + 3 * HOUR)
    assert due_at(connection, 5) == []
    assert due_at(connection, 6) == [0]


def test_later_looks_do_not_change_how_a_listing_ended(connection: DuckDBPyConnection) -> None:
    """Nor do they make it due, or wait."""
    look = Look("a", "A", 0)
    watch(connection, look)
    again(connection, look, "deferred", START + HOUR)
    ended = "SELECT outcome, attempts FROM listing_outcomes"
    assert connection.execute(ended).fetchall() == [("stored", 1)]
    assert due(connection, NOW, {"sample": 10}) == []
    assert known_listings(connection, [look.listing_id]).decided == {look.listing_id}
    flags = "SELECT outcome, is_revisit FROM outcomes ORDER BY fetched_at"
    assert connection.execute(flags).fetchall() == [("stored", False), ("deferred", True)]


def test_a_page_that_was_not_sent_again_says_no_more_of_its_article(
    connection: DuckDBPyConnection,
) -> None:
    """Unchanged without a page is neither a version nor a removal."""
    look = Look("a", "A", 0)
    watch(connection, look)
    again(connection, look, "unchanged", START + HOUR)
    append(connection, batch_of([Look("a", "A", 120)]))
    append(connection, batch_of([Look("a", "B", 180)]))
    causes = "SELECT cause FROM article_versions ORDER BY first_seen_at"
    assert connection.execute(causes).fetchall() == [("new",), ("revised",)]


def test_only_the_newest_line_of_an_article_is_looked_at(connection: DuckDBPyConnection) -> None:
    """An edited line is another listing; pages that are not watched are left alone."""
    first, edited, item = Look("a", "A", 0), Look("a", "B", 30), Look("item", "C", 0)
    watch(connection, first)
    watch(connection, edited)
    append(connection, batch_of([item]))
    rows = due_revisits(connection, START + 2 * HOUR, HOURS, most=10)
    assert [row["listing_id"] for row in rows] == [edited.listing_id]
    assert due_revisits(connection, START + 2 * HOUR, HOURS, most=0) == []


def test_what_is_taken_down_is_not_looked_at_again(connection: DuckDBPyConnection) -> None:
    """Nothing of its page is kept to compare with."""
    look = Look("a", "A", 0)
    watch(connection, look)
    request = Request(
        run_id=uid("takedown"), keys=frozenset({look.key}), places=frozenset(), why="a test"
    )
    with transaction(connection):
        bury(connection, request, find(connection, request.keys, request.places), NOW)
    assert connection.execute("FROM watched_pages").fetchall() == []
    assert due_at(connection, 2) == []


def test_being_put_off_is_no_try_and_the_newest_go_first(connection: DuckDBPyConnection) -> None:
    """A flood costs nobody a try; so many a source, the newest first, are due at once."""
    looks = [Look(f"{number}", "A", 0) for number in range(5)]
    listings = [
        listing_row(look, published_at=START + number * HOUR) for number, look in enumerate(looks)
    ]
    outcomes = [
        outcome_row(look.listing_id, "deferred", START, reason="flood", retry_at=START)
        for look in looks
    ]
    append(connection, batch_of([], listings=listings, outcomes=outcomes))
    rows = due(connection, NOW, {"sample": 2})
    assert [(row["listing_id"], row["attempts"]) for row in rows] == [
        (looks[4].listing_id, 0),
        (looks[3].listing_id, 0),
    ]


def test_what_was_rejected_can_be_taken_up_again(connection: DuckDBPyConnection) -> None:
    """With all its tries before it; nothing that was there changes; the erased stays away."""
    look, erased = Look("a", "A", 0), Look("erased", "A", 0)
    for hours, outcome in enumerate(["deferred", "deferred", "rejected"]):
        retry_at = START + hours * HOUR if outcome == "deferred" else None
        row = outcome_row(look.listing_id, outcome, START + hours * HOUR, retry_at=retry_at)
        append(connection, batch_of([], listings=[listing_row(look)], outcomes=[row]))
    row = outcome_row(erased.listing_id, "rejected", START, reason="taken_down")
    append(connection, batch_of([], listings=[listing_row(erased)], outcomes=[row]))
    before = connection.execute("FROM outcomes").fetchall()
    assert rejections(connection, "another", "") == []
    assert rejections(connection, "", "no_text") == []
    (found,) = rejections(connection, "sample", "http_status")
    assert found.listing["listing_id"] == look.listing_id
    take_up_again(connection, [found], uid("retry"), NOW)
    assert connection.execute("FROM outcomes").fetchall()[: len(before)] == before
    (row,) = due(connection, NOW, {"sample": 10})
    assert (row["listing_id"], row["reason"], row["attempts"]) == (look.listing_id, "retried", 0)
    assert rejections(connection, "", "") == []
    later = outcome_row(look.listing_id, "deferred", NOW + HOUR, retry_at=NOW + 2 * HOUR)
    append(connection, batch_of([], listings=[listing_row(look)], outcomes=[later]))
    (row,) = due(connection, NOW + 2 * HOUR, {"sample": 10})
    assert row["attempts"] == 1
