"""`newsledger status`: which run was what, what went wrong, told once, on any terminal."""

import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from flows.accounts import Poll
from flows.cards import print_summary
from flows.status import Row, Status, as_record, read_status, runs_so_far
from flows.status_card import print_status
from flows.summary import Summary
from tests.command import newsledger
from warehouse.changes import count_change
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.snapshot import publish

NOW = datetime(2026, 11, 24, 1, 26, tzinfo=UTC)
DEAD = "https://feed.example/rss could not be reached: the name does not resolve"


def source_row(name: str, why: str, failures: int = 0) -> Row:
    """Return a source as ``read_status`` gives it."""
    return {
        "source": name,
        "articles": 1_234_567,
        "newest_published_at": NOW - timedelta(hours=1),
        "polled_at": NOW,
        "new_listings": 40,
        "next_poll_at": NOW + timedelta(minutes=30),
        "failures": failures,
        "why": why,
    }


def run_row(flow: str, sources: list[str], state: str, **counts: int) -> Row:
    """Return a run as ``read_status`` gives it."""
    names = ("listed", "stored", "revised", "unchanged", "rejected", "deferred", "removed")
    row: Row = {name: counts.get(name, 0) for name in names}
    return row | {"flow": flow, "sources": sources, "state": state, "started_at": NOW}


STATUS = Status(
    file="/data/news.duckdb",
    bytes=9_700_000,
    failing=[
        {
            "check": "books_balance",
            "subject": "a run",
            "detail": "listed 45, but its outcomes come to 46",
            "failing_since_at": NOW,
        }
    ],
    runs=[
        run_row("backfill", ["strange-name"], "interrupted"),
        run_row("ingest", ["a", "b", "c"], "finished", listed=45, stored=38, rejected=7),
    ],
    errors=[{"error": DEAD, "times": 2, "last_at": NOW, "flows": ["ingest"]}],
    sources=[
        source_row("strange-name", f"{DEAD}; {DEAD}; {DEAD}", failures=2),
        source_row("benzinga", DEAD, failures=1),
        source_row("cnbc", "nothing was new"),
        source_row("nasdaq", "nothing was new"),
    ],
    rows={"articles": 38, "versions": 41},
)


def shown(width: int) -> list[str]:
    """Return the lines of a terminal of this width; 0 is a pipe."""
    stream = io.StringIO()
    terminal = Console(
        file=stream, width=width or None, force_terminal=bool(width), color_system=None
    )
    print_status(STATUS, NOW, terminal)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 200, 0])
def test_it_is_whole_on_any_terminal(width: int) -> None:
    """Tables fit, times are whole, states and names, too; why is told beneath, once."""
    lines = shown(width)
    text = " ".join(" ".join(lines).split())
    assert text.count(DEAD) == 2  # of the runs, and of the sources
    for words in (
        f"strange-name (failed 2 times), benzinga (failed 1 time): {DEAD}",
        f"ingest, 2 times, last 11-24 01:26: {DEAD}",
        "cnbc, nasdaq: nothing was new",
        *("interrupted", "backfill", "3 sources", "11-24 01:56", "(UTC)", "1234567"),
    ):
        assert words in text
    if width:
        assert max(map(cell_len, lines)) <= width
    else:
        assert lines == [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", [60, 80, 0])
def test_the_summary_of_a_run_fits(width: int) -> None:
    """In a narrow terminal the outcomes are one cell; what comes next is told a newcomer alone."""
    polls = [Poll(source=name, counts=Counter(stored=1_234, rejected=5)) for name in ("a", "bbbb")]
    polls[0].problems.append(f"{DEAD}, and so do all the others that this site has")
    summary = Summary(
        run_id="", polls=tuple(polls), warnings=(), failing=(), pages=9, seconds=3, failure=""
    )
    for is_new in (True, False):
        stream = io.StringIO()
        terminal = Console(
            file=stream, width=width or None, force_terminal=bool(width), color_system=None
        )
        print_summary(summary, Path("/data/news.duckdb"), terminal, is_new=is_new)
        table, _, rest = stream.getvalue().partition("\n\n")
        assert ("1,234 stored, 5 rejected" in table) == (width == 60)
        assert "1,234" in table
        assert max(map(cell_len, table.splitlines())) <= (width or 200)
        assert ("Next: newsledger status" in rest) == is_new


def test_json_has_all_of_it() -> None:
    """Plain values; instants with their zone."""
    record = json.loads(json.dumps(as_record(STATUS)))
    assert record["runs"][1]["sources"] == ["a", "b", "c"]
    assert record["sources"][0]["polled_at"] == "2026-11-24T01:26:00+00:00"
    assert record["errors"][0]["times"] == 2


def test_it_says_which_run_was_what(first: Path) -> None:
    """Flow and sources of each run; the same as JSON without --completeness."""
    done = newsledger("status")
    assert done.returncode == 0, done.stderr
    run = next(line for line in done.stdout.splitlines() if " ingest " in line)
    assert run.split()[2:5] == ["ingest", "sample", "finished"]
    assert "40 stored, 5 rejected, 1 deferred" in run
    record = json.loads(newsledger("status", "--json").stdout)
    assert set(record) == {"file", "bytes", "failing", "runs", "errors", "sources", "rows"}
    assert record["runs"][0]["flow"] == "ingest"
    assert record["runs"][0]["stored"] == 40


def test_equal_errors_are_told_once(first: Path) -> None:
    """With how often there was one, the last time, and of which flows."""
    home = Home(first)
    with writing(home) as connection:
        connection.execute(
            "INSERT INTO runs (run_id, flow, sources, started_at, finished_at, error)"
            " SELECT uuid(), 'ingest', ['x'], now() - to_minutes(n), now(), $1"
            " FROM range(1, 4) AS t(n)",
            [DEAD],
        )
        count_change(connection)
    publish(home)
    (error,) = read_status(home).errors
    assert (error["error"], error["times"], error["flows"]) == (DEAD, 3, ["ingest"])
    assert runs_so_far(home) == 4


def test_a_home_without_a_copy_has_no_runs(home: Path) -> None:
    """Nothing was published: whoever runs it is new here."""
    assert runs_so_far(Home(home)) == 0


def test_an_unknown_source_is_a_mistake(first: Path) -> None:
    """Not a certificate of nothing; one that is in the ledger is known, declared or not."""
    done = newsledger("status", "--completeness", "--source", "sampel")
    assert (done.returncode, done.stdout) == (1, "")
    assert "did you mean 'sample'" in done.stderr
    assert newsledger("status", "--completeness", "--source", "cnbc").returncode == 0
    home = Home(first)
    with writing(home) as connection:
        connection.execute("UPDATE listings SET source = 'gone'")
        count_change(connection)
    publish(home)
    gone = newsledger("status", "--completeness", "--source", "gone")
    assert (gone.returncode, "gone" in gone.stdout) == (0, True)


def test_a_certificate_fits_a_terminal(first: Path) -> None:
    """A day's outcomes and their reasons are one cell; the zone of its days is said."""
    shown = newsledger("status", "--completeness").stdout
    assert shown.splitlines()[0].split() == [
        *("source", "day", "state", "stated", "listed", "outcomes")
    ]
    assert "40 stored, 5 rejected, 1 deferred (rejected: " in shown
    assert "Days are in UTC." in shown
