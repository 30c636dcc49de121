"""Proof of completeness: slices, the certificate of what they prove, and its command."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.completeness import as_markdown, certify, write
from tasks.articles.errors import NewsLedgerError
from tests.warehouse_rows import RUN, START, Look, batch_of, listing_row
from warehouse.append import append
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.slices import Closing, close_slices, in_slices, open_slices, slice_states, work_left
from warehouse.snapshot import publish

FIRST = date(2026, 2, 20)
NOW = START + timedelta(days=1)
SECOND_RUN = UUID(int=2)
KEPT, WAITS, OTHER = Look("kept", "A", 1), Look("waits", "B", 2), Look("other", "C", 3)


@pytest.fixture
def history(home: Path) -> Home:
    """Give a warehouse with a proven day, one that waits, and one whose lists were not read."""
    found = Home(home)
    days = [FIRST + timedelta(days=n) for n in range(3)]
    with writing(found) as connection:
        rows = {days[0]: [listing_row(KEPT)], days[1]: [listing_row(WAITS)], days[2]: []}
        open_slices(connection, "sample", rows, run_id=RUN, now=START)
        append(connection, batch_of([KEPT]))
        closings = [
            Closing(days[0], 1, "", START),
            Closing(days[1], 1, "", START),
            Closing(days[2], 0, "its archive page answered 500", START),
        ]
        close_slices(connection, "sample", closings, run_id=RUN, now=START)
    publish(found)
    return found


def certified(history: Home, days: int = 4) -> list[tuple[str, str]]:
    """Return state and gap of so many days."""
    until = FIRST + timedelta(days=days)
    found = certify(history, NOW, source="sample", since=FIRST, until=until)
    return [(day.state, day.gap) for day in found.days]


def test_every_day_between_the_bounds_is_proven_or_a_gap_with_its_reason(history: Home) -> None:
    """Also one that nobody asked for; the Markdown says the same."""
    never = "no backfill was asked for it; what is counted came by polls or with other days"
    assert certified(history) == [
        ("proven", ""),
        ("waiting", "1 missing"),
        ("failed", "its lists could not be read whole: its archive page answered 500"),
        ("never begun", never),
    ]
    until = FIRST + timedelta(days=4)
    found = certify(history, NOW, source="sample", since=FIRST, until=until)
    told = as_markdown(found)
    assert "# Completeness of sample, 2026-02-20 to 2026-02-23" in told
    assert "1 of 4 days are proven; of 2 listings 1 are articles" in told
    assert "- sample, 2026-02-21: 1 missing" in told


def test_a_slice_goes_on_where_it_stopped(history: Home) -> None:
    """Attempts are counted by run, a listing keeps its first slice, what has an outcome is left."""
    day, other = FIRST, FIRST + timedelta(days=1)
    again = {day: [listing_row(WAITS), listing_row(OTHER)]}
    with writing(history) as connection:
        for _ in range(2):
            open_slices(connection, "sample", again, run_id=SECOND_RUN, now=NOW)
        assert in_slices(connection, "sample", [day]) == {KEPT.listing_id, OTHER.listing_id}
        left = [row["listing_id"] for row in work_left(connection, "sample", [day, other], NOW)]
        assert left == [WAITS.listing_id, OTHER.listing_id]
        assert slice_states(connection, "sample")[day] == "open"
        attempts = "SELECT attempts FROM slices ORDER BY day"
        assert connection.execute(attempts).fetchall() == [(2,), (1,), (1,)]


def test_a_certificate_is_json_or_markdown(history: Home, tmp_path: Path) -> None:
    """By the ending of its file; another ending, and a reversed range, get a sentence."""
    found = certify(history, NOW, source="sample", since=None, until=None)
    write(found, tmp_path / "c.json")
    said = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert said["sums"] | {"days": 3, "proven": 1, "listed": 2, "missing": 1} == said["sums"]
    assert said["days"][0]["state"] == "proven"
    with pytest.raises(NewsLedgerError, match=r"\.json or a \.md"):
        write(found, tmp_path / "c.txt")
    with pytest.raises(NewsLedgerError, match="swap them"):
        certify(history, NOW, source="sample", since=date(2026, 3, 2), until=date(2026, 3, 1))


def test_the_command_prints_and_writes_it(history: Home, tmp_path: Path) -> None:
    """For people, as JSON, to a file; without --completeness its options are a mistake."""
    shell = CliRunner()
    status = ["status", "--completeness", "--source", "sample"]
    told = shell.invoke(app, status)
    assert "1 of 3 days are proven" in told.stdout
    assert "sample, 2026-02-21: 1 missing" in told.stdout
    assert json.loads(shell.invoke(app, [*status, "--json"]).stdout)["sums"]["proven"] == 1
    until = f"{datetime.now(UTC):%Y-%m-%d}"
    bounds = ["--since", "2026-02-20", "--until", until, "--out", str(tmp_path / "c.md")]
    assert "is written" in shell.invoke(app, [*status, *bounds]).stdout
    assert "never begun" in (tmp_path / "c.md").read_text(encoding="utf-8")
    mistake = shell.invoke(app, ["status", "--source", "sample"])
    assert "--completeness" in str(mistake.exception)


def test_a_backfill_that_cannot_be_is_told_before_prefect_starts(home: Path) -> None:
    """A reversed range, no range, a source that shows only what is newest."""
    shell = CliRunner()
    for arguments, sentence in (
        (["sample", "--since", "2026-10-02", "--until", "2026-10-01"], "swap them?"),
        (["sample"], "--gaps"),
        (["cnbc", "--gaps"], "cannot be backfilled"),
    ):
        done = shell.invoke(app, ["backfill", *arguments])
        assert isinstance(done.exception, NewsLedgerError)
        assert sentence in str(done.exception)
