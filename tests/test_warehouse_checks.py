"""The checks: each is silent on a sound warehouse and names what is wrong in an unsound one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse_rows import RUN, START, Look, batch_of, listing_row, poll_row, uid
from warehouse.append import append
from warehouse.burial import Request, bury, find
from warehouse.checking import CHECKS, failing, run_checks, thin_out
from warehouse.ledger import finish_run, record_listings, record_polls, start_run
from warehouse.schema import bring_up_to_date

NAMES = sorted(path.stem for path in CHECKS.glob("*.sql"))
DAY = timedelta(days=1)
TODAY = START + 30 * DAY
SLICE = """
INSERT INTO slices BY NAME
SELECT 'sample' AS source, DATE '2026-03-01' AS day, 1 AS attempts, {stated} AS stated,
    {is_whole} AS is_whole, '' AS error, run_id, started_at, read_at, {finished_at} AS finished_at
FROM (SELECT *, started_at + INTERVAL 2 DAYS AS read_at FROM runs LIMIT 1);
INSERT INTO slice_listings BY NAME
SELECT source, DATE '2026-03-01' AS day, listing_id FROM listings;
"""
LOST = """
DELETE FROM article_versions WHERE cause = 'revised';
DELETE FROM article_texts WHERE text LIKE '%A2%';
DELETE FROM superseded_versions
WHERE article_key NOT IN (SELECT article_key FROM article_versions WHERE cause = 'removed');
DELETE FROM article_tickers;
DELETE FROM ticker_mentions;
DELETE FROM article_topics;
"""


@pytest.fixture
def sound() -> Iterator[DuckDBPyConnection]:
    """Give a warehouse with two runs: articles, a revision, a removal, all in order."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(connection)
        run(connection, RUN, START)
        looks = [Look("a", "A", 1, ("META",)), Look("b", "B", 2, ("META",))]
        append(connection, batch_of(looks))
        more = [Look("a", "A2", 3, ("META",)), Look("b", None, 4)]
        append(connection, batch_of(more, available_at=START + DAY))
        run(connection, uid("second"), START + DAY)
        yield connection


def run(connection: DuckDBPyConnection, run_id: UUID, at: datetime) -> None:
    """Record a finished run that polled the source."""
    start_run(connection, run_id=run_id, flow="ingest", sources=["sample"], started_at=at)
    record_polls(connection, [poll_row(run_id, "sample", at, listed=2, stored=2)])
    finish_run(connection, run_id=run_id, finished_at=at)


def found(connection: DuckDBPyConnection, now: datetime = TODAY, **more: Any) -> dict[str, str]:
    """Return what fails: the detail by check and subject."""
    results = run_checks(connection, now, **more)
    return {f"{r.check_name}: {r.subject}": r.detail for r in results if r.is_failure}


def test_a_sound_warehouse_passes(sound: DuckDBPyConnection) -> None:
    """Every check says so, with one row each."""
    results = run_checks(sound, START + 2 * DAY)
    assert [(r.check_name, r.is_failure) for r in results] == [(name, False) for name in NAMES]
    assert failing(sound) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_check_says_what_it_checks_and_why(name: str) -> None:
    """In the comment at its top: whoever sees it fail reads that first."""
    text = (CHECKS / f"{name}.sql").read_text(encoding="utf-8")
    comment = [line for line in text.splitlines() if line.startswith("-- ")]
    assert text.startswith("-- ")
    assert len(comment) >= 2


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (
            "UPDATE polls SET stored = 1",
            {f"books_balance: sample: {RUN}", f"books_balance: sample: {uid('second')}"},
        ),
        (
            "UPDATE article_versions SET available_at = first_seen_at - INTERVAL 1 HOUR",
            {"clocks: sample"},
        ),
        (
            f"DELETE FROM superseded_versions WHERE article_key = '{uid('article', 'a')}'",
            {f"one_newest_version: {uid('article', 'a')}"},
        ),
        ("INSERT INTO article_texts FROM article_texts", {"nothing_twice: article_texts"}),
        ("INSERT INTO listings FROM listings", {"nothing_twice: listings"}),
        ("DELETE FROM article_texts", {"orphans: article_versions: text"}),
        ("DELETE FROM runs", {"orphans: article_versions: run"}),
        (
            "DELETE FROM outcomes; DELETE FROM listings",
            {"orphans: article_versions: listing"},
        ),
        (
            "UPDATE article_topics SET version_id = uuid()",
            {"orphans: article_topics: version"},
        ),
        (
            "UPDATE ticker_mentions SET version_id = uuid()",
            {"orphans: ticker_mentions: version"},
        ),
        (
            "UPDATE superseded_versions SET superseded_by = uuid()",
            {"orphans: superseded_versions: version"},
        ),
        (
            LOST,
            {"stored_is_there: sample"},
        ),
        ("DELETE FROM outcomes WHERE outcome = 'removed'", {"listings_without_outcome: sample"}),
        (
            SLICE.format(stated="NULL", is_whole=False, finished_at="NULL"),
            {"slices_unfinished: sample: 2026-03-01"},
        ),
        (
            SLICE.format(stated=2, is_whole=False, finished_at="read_at"),
            {"slices_unfinished: sample: 2026-03-01"},
        ),
        (
            SLICE.format(stated=2, is_whole=True, finished_at="read_at")
            + "DELETE FROM outcomes WHERE outcome = 'removed'",
            {"slices_unfinished: sample: 2026-03-01"},
        ),
    ],
)
def test_damage_is_found(sound: DuckDBPyConnection, damage: str, expected: set[str]) -> None:
    """Each kind by its check, and by no other."""
    sound.execute(damage)
    failures = found(sound)
    assert set(failures) == expected
    assert all(detail.endswith(".") for detail in failures.values())


def test_a_proven_slice_is_no_failure(sound: DuckDBPyConnection) -> None:
    """Its lists were read whole after its day, and every listing has its outcome."""
    sound.execute(SLICE.format(stated=3, is_whole=True, finished_at="read_at"))
    assert sound.execute("SELECT state, missing FROM slice_states").fetchall() == [("proven", 0)]
    assert found(sound) == {}


def test_what_was_taken_down_is_not_missing(sound: DuckDBPyConnection) -> None:
    """The ledger still says that it was stored; the tombstone says where it is."""
    request = Request(
        run_id=uid("taken"), keys=frozenset({uid("article", "a")}), places=frozenset(), why="x"
    )
    bury(sound, request, find(sound, request.keys, request.places), START + 2 * DAY)
    stored = "SELECT count(*) FROM outcomes WHERE outcome = 'stored'"
    assert sound.execute(stored).fetchall() == [(2,)]
    assert found(sound) == {}


def test_a_listing_may_wait_for_the_next_run(sound: DuckDBPyConnection) -> None:
    """Only a run that began after it, and ended well, should have decided it."""
    late = Look("late", "L", 60 * 25)
    row = listing_row(late)
    record_listings(sound, [row], run_id=RUN, available_at=late.at)
    assert found(sound) == {}
    run(sound, uid("third"), START + 2 * DAY)
    failures = found(sound)
    assert "newsroom.example/late" in failures["listings_without_outcome: sample"]


@dataclass(frozen=True)
class Days:
    """What a source brought: so many articles a day for 30 days, then so many today."""

    usual: int = 30
    today: int = 30
    changes: dict[str, str] | None = None  # of today's rows: SQL by column


def bring(connection: DuckDBPyConnection, days: Days) -> None:
    """Write the versions, an hour before the hour at which is checked, and polls each hour."""
    columns = {
        "version_id": "uuid()",
        "article_key": "uuid()",
        "revision": "1",
        "cause": "'new'",
        "content_hash": "uuid()",
        "source": "'wire'",
        "url": "''",
        "title": "'t'",
        "authors": "['Ada']",
        "language": "'en'",
        "text_length": "9",
        "text_from": "'page'",
        "published_at": "moment",
        "published_at_from": "'meta'",
        "published_at_precision": "'second'",
        "source_updated_at": "NULL",
        "first_seen_at": "moment",
        "available_at": "moment",
        "tickers": "['META']",
        "topics": "['earnings']",
        "publisher_tickers": "[]",
        "publisher_topics": "[]",
        "extractor_version": "''",
        "tagger_version": "''",
        "run_id": f"'{RUN}'::UUID",
        "page_id": "uuid()",
        "listing_id": "uuid()",
    }
    for count, first, last, changes in (
        (days.usual, 29, 1, {}),
        (days.today, 0, 0, days.changes or {}),
    ):
        given = ", ".join(f"{value} AS {name}" for name, value in (columns | changes).items())
        connection.execute(
            f"""
            INSERT INTO article_versions BY NAME
            SELECT {given} FROM (
                SELECT $1::TIMESTAMPTZ - to_days(day::INTEGER) - INTERVAL 10 MINUTES
                    - to_minutes(n::INTEGER) AS moment
                FROM range($3, $2 + 1) AS days(day), range($4) AS numbers(n)
            )
            """,
            [TODAY, first, last, count],
        )
    polls = [
        poll_row(uid("hour", hour), "wire", TODAY - timedelta(hours=hour)) for hour in range(48)
    ]
    record_polls(connection, polls)


RHYTHMS = {
    "null_rates",
    "language_mix",
    "tag_coverage",
    "volume",
    "source_silent",
    "source_unreadable",
}


def rhythm(connection: DuckDBPyConnection, now: datetime = TODAY) -> dict[str, str]:
    """Return what the checks say that compare a source with itself."""
    return {
        key: text for key, text in found(connection, now).items() if key.split(":")[0] in RHYTHMS
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (Days(), set()),
        (Days(today=25, changes={"language": "''", "authors": "[]"}), None),
        (Days(changes={"published_at": "NULL"}), {"null_rates: wire: time"}),
        (Days(changes={"text_length": "0"}), {"null_rates: wire: text"}),
        (Days(changes={"authors": "[]"}), {"null_rates: wire: authors"}),
        (Days(changes={"language": "'it'"}), {"language_mix: wire: en", "language_mix: wire: it"}),
        (Days(changes={"tickers": "[]"}), {"tag_coverage: wire: ticker"}),
        (Days(changes={"topics": "[]"}), {"tag_coverage: wire: topic"}),
        (Days(usual=5, today=5, changes={"tickers": "[]"}), set()),  # too few to tell
    ],
)
def test_a_source_is_compared_with_its_week(
    sound: DuckDBPyConnection, days: Days, expected: set[str] | None
) -> None:
    """A part that goes missing is found, a quiet source is left in peace."""
    bring(sound, days)
    failures = set(rhythm(sound))
    if expected is None:
        expected = {
            *("null_rates: wire: authors", "null_rates: wire: language"),
            *("language_mix: wire: ", "language_mix: wire: en"),
        }
    assert failures == expected


@pytest.mark.parametrize(("today", "fails"), [(30, False), (12, False), (9, True), (91, True)])
def test_a_day_is_compared_with_the_same_weekday(
    sound: DuckDBPyConnection, today: int, fails: bool
) -> None:
    """Told on the day after, when it is whole."""
    bring(sound, Days(today=today))
    assert "volume: wire" not in rhythm(sound)
    assert ("volume: wire" in rhythm(sound, TODAY + DAY)) == fails


def test_a_source_that_went_silent_is_measured_by_its_own_rhythm(
    sound: DuckDBPyConnection,
) -> None:
    """Its nights are about 23 hours: a day and a half of nothing is too much, a day is not."""
    bring(sound, Days())
    for hours, fails in ((24, False), (36, True)):
        now = TODAY + timedelta(hours=hours)
        record_polls(sound, [poll_row(uid("later", hours), "wire", now)])
        assert ("source_silent: wire" in rhythm(sound, now)) == fails


def test_a_source_that_cannot_be_read_is_told(sound: DuckDBPyConnection) -> None:
    """After three polls with errors, or when nobody asks any more."""
    bring(sound, Days())
    assert "source_unreadable: wire" not in rhythm(sound, TODAY + timedelta(hours=9))
    assert (
        "usually it is asked every 60 minutes"
        in rhythm(sound, TODAY + timedelta(hours=11))["source_unreadable: wire"]
    )
    for minute in (1, 2, 3):
        now = TODAY + timedelta(minutes=minute)
        assert "source_unreadable: wire" not in rhythm(sound, now)
        gone = poll_row(uid("bad", minute), "wire", now, error="The server is gone.")
        record_polls(sound, [gone])
    assert "The server is gone" in rhythm(sound, now)["source_unreadable: wire"]
    assert "source_unreadable: wire" not in rhythm(sound, TODAY + 15 * DAY)


def test_results_are_kept_once_for_a_run(sound: DuckDBPyConnection) -> None:
    """Checked again for the same run, or at the same time, they replace what was there."""
    for hour in (1, 2, 2):
        run_checks(sound, TODAY + timedelta(hours=hour), run_id=RUN)
    for _ in range(2):
        run_checks(sound, TODAY)
    rows = sound.execute(
        "SELECT run_id, checked_at, count(*) FROM check_results GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    hour = timedelta(hours=1)
    assert rows == [(RUN, TODAY + 2 * hour, len(NAMES)), (None, TODAY, len(NAMES))]


def test_a_failure_is_new_once(sound: DuckDBPyConnection) -> None:
    """Since when it fails is told until it passes; what fails again then is new again."""
    seen = []
    for day, stored in enumerate([2, 1, 1, 2, 1]):
        sound.execute("UPDATE polls SET stored = $1 WHERE run_id = $2", [stored, RUN])
        run_checks(sound, TODAY + day * DAY, run_id=uid("run", day))
        seen.append([(f.failing_since_at - TODAY, f.is_new) for f in failing(sound)])
    assert seen == [[], [(DAY, True)], [(DAY, False)], [], [(4 * DAY, True)]]


def test_a_short_round_does_not_hide_what_a_whole_one_found(sound: DuckDBPyConnection) -> None:
    """After a load only late rows are looked at; older damage fails until it is mended."""
    sound.execute("UPDATE polls SET stored = 1")
    assert found(sound, TODAY, since=TODAY - 2 * DAY) == {}
    assert failing(sound) == []
    assert len(found(sound, TODAY + DAY)) == 2
    assert found(sound, TODAY + 2 * DAY, since=TODAY) == {}
    assert [f.failing_since_at for f in failing(sound)] == [TODAY + DAY] * 2
    sound.execute("UPDATE polls SET stored = 2")
    assert found(sound, TODAY + 3 * DAY) == {}
    assert failing(sound) == []


def test_of_old_passes_one_a_day_is_kept(sound: DuckDBPyConnection) -> None:
    """The table does not grow with every run for ever; failures, and since when, stay."""
    sound.execute("INSERT INTO listings FROM listings")
    for hours in (1, 2, 3, 25):
        run_checks(sound, TODAY + timedelta(hours=hours))
    before = failing(sound)
    sizes = "SELECT is_failure, count(*) FROM check_results GROUP BY ALL ORDER BY ALL"
    (_, passes), failures = sound.execute(sizes).fetchall()
    assert thin_out(sound, TODAY + DAY) == passes // 2
    assert thin_out(sound, TODAY + DAY) == 0
    assert sound.execute(sizes).fetchall() == [(False, passes - passes // 2), failures]
    assert before
    assert failing(sound) == before


def test_a_check_that_cannot_run_fails(sound: DuckDBPyConnection, tmp_path: Path) -> None:
    """The others go on, and the next round without it forgets it."""
    (tmp_path / "broken.sql").write_text("SELECT nothing FROM nowhere")
    (tmp_path / "working.sql").write_text("SELECT 'a' AS subject, 'b' AS detail")
    failures = found(sound, TODAY, folder=tmp_path)
    assert set(failures) == {"broken: broken.sql", "working: a"}
    assert "nowhere does not exist" in failures["broken: broken.sql"]
    assert found(sound, TODAY + DAY) == {}
    assert failing(sound) == []
