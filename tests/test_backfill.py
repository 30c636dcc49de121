"""The flow `backfill`, for real: Prefect, HTTP on loopback, DuckDB."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prefect.settings import get_current_settings

import flows.stretches
from flows.backfill import Backfilled, backfill
from flows.completeness import as_json, as_markdown, certify
from flows.forecast import forecast
from flows.ingest import ingest
from flows.run import Run
from flows.summary import notes, table_rows
from tasks.articles.errors import NewsLedgerError
from tests.past_site import PastSite, days_of, declare, past_site
from tests.warcs import gzipped, info, response
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")
FIRST, LAST = date(2026, 9, 28), date(2026, 10, 3)
DAYS = days_of("2026-09-01", 40, 3)
STATES = "SELECT state FROM slice_states ORDER BY day"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder for sources of the test's own."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(folder))
    monkeypatch.setenv("NEWSLEDGER_ENABLED", "past")
    monkeypatch.setenv("NEWSLEDGER_BENZINGA_TOKEN", "a-token")
    monkeypatch.setenv("NEWSLEDGER_WORKERS", "1")
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@past.example")
    return folder


def fill(since: date | None = FIRST, until: date | None = LAST, **said: Any) -> Backfilled:
    """Backfill the source of these tests."""
    return asyncio.run(backfill("past", since, until, **said))


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def fetched(site: PastSite) -> Counter[str]:
    """Return how many articles of each day were fetched."""
    asked = site.asked.elements()
    return Counter(path[6:16] for path in asked if path.startswith("/news/"))


def change(home: Path, sql: str) -> None:
    """Change the live file, as time or a mishap would."""
    with writing(Home(home)) as connection:
        connection.execute(sql)


def test_what_cannot_be_read_is_told_once(sources: Path, tmp_path: Path) -> None:
    """With the source and the reason, however many days fail; the command then ends with 1."""
    (sources / "past.toml").write_text(
        'title = "past"\npublisher = "past.example"\nhome = "http://past.example/"\n'
        f'[[lists]]\nkind = "folder"\nfiles = ["{tmp_path}/nowhere/*.html"]\n'
    )
    done = fill()
    assert done.states == {"failed": 5}
    assert [row["source"] for row in table_rows(done.summary)] == ["past"]
    (told,) = notes(done.summary)
    assert told.startswith("past: ")
    assert "nowhere does not exist" in told
    days = ("--since", str(FIRST), "--until", str(LAST))
    server = {"PREFECT_API_URL": str(get_current_settings().api.url)}
    ended = subprocess.run(
        [sys.executable, "-m", "flows", "backfill", "past", *days],
        env=os.environ | server,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 1, ended
    assert ended.stdout.count("nowhere does not exist") == 1
    assert "0 of 5 days are proven, 5 failed." in ended.stdout


@pytest.mark.parametrize("kind", ["sitemap", "pages", "benzinga"])
def test_past_days_are_filled_and_proven(home: Path, sources: Path, kind: str) -> None:
    """Each kind gives each day its articles and no other, and a second run asks nothing."""
    with past_site(sources, DAYS, kind) as site:
        expected = asyncio.run(forecast("past", FIRST, LAST))
        assert [(x.day, x.listed, x.known, x.error) for x in expected] == [
            (LAST - timedelta(days=n), 3, 0, "") for n in range(1, 6)
        ]
        assert not Home(home).news.exists(), "a forecast stores nothing"
        done = fill()
        assert done.states == {"proven": 5}
        counts = "SELECT day, listed, stored, stated, attempts FROM slice_states ORDER BY day"
        assert ask(home, counts) == [(FIRST + timedelta(days=n), 3, 3, 3, 1) for n in range(5)]
        assert ask(home, "SELECT count(*) FROM articles") == [(15,)]
        sums = "SELECT sum(listed)::INT, sum(missing)::INT FROM completeness"
        assert ask(home, sums) == [(15, 0)]
        site.asked.clear()
        assert fill().proven_before == 5
        assert not site.asked


def test_crawled_files_are_read_once(
    home: Path, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WARC file with pages of many days is read for all of them at once."""
    page = "<html><head><title>Story {0}</title></head><body><article><h1>Story {0}</h1><p>{1}</p>"
    text = "Shares of the company rose after its report for the third quarter. " * 8
    records = [
        response(
            f"http://past.example/story-{n}",
            page.format(n, text),
            date=f"{FIRST + timedelta(days=n % 7)}T10:00:00Z",
        )
        for n in range(21)
    ]
    (tmp_path / "crawl.warc.gz").write_bytes(gzipped([info(), *records]))
    declare(sources, "http://past.example", f'kind = "warc"\nfiles = ["{tmp_path}/*.warc.gz"]')
    asked, discover = [], flows.stretches.discover

    async def counted(*arguments: Any, **said: Any) -> Any:
        asked.append(said["span"])
        return await discover(*arguments, **said)

    monkeypatch.setattr(flows.stretches, "discover", counted)
    assert fill().states == {"proven": 5}
    assert len(asked) == 1
    assert ask(home, "SELECT listed, stored FROM slice_states") == [(3, 3)] * 5


def test_days_come_in_the_order_asked_for_and_in_portions(home: Path, sources: Path) -> None:
    """The newest first unless asked otherwise; a run that may do so much leaves the rest."""
    with past_site(sources, DAYS, "pages") as site:
        assert fill(max_articles=4).summary.polls[0].counts == {"stored": 4}
        assert fetched(site) == {"2026/10/02": 3, "2026/10/01": 1}
        assert fill().states == {"proven": 5}
        assert set(fetched(site).values()) == {3}, "nothing is fetched twice"
        site.asked.clear()
        again = fill(force=True, oldest_first=True, max_articles=3)
        assert again.summary.polls[0].counts["unchanged"] == 15
        assert fetched(site) == {"2026/09/28": 3}
        assert ask(home, "SELECT count(*) FROM article_versions") == [(15,)]
        assert ask(home, STATES) == [("proven",)] * 5


def test_gaps_are_told_and_filled(home: Path, sources: Path) -> None:
    """A day whose list fails, and one with an article that fails, are gaps until they are filled.

    What a list has lost meanwhile is worked on all the same, what it has gained comes too.
    """
    lost, gained = "/news/2026/09/29/2-story", date(2026, 9, 29)
    with past_site(sources, dict(DAYS), "pages") as site:
        site.broken = {"/archive/2026/10/01": 500, lost: 503, "/news/2026/09/30/0-story": 404}
        assert fill().states == {"proven": 3, "failed": 1, "waiting": 1}
        found = certify(Home(home), datetime.now(UTC), source="past", since=FIRST, until=LAST)
        gaps = {day.day: day.gap for day in found.days if day.gap}
        assert set(gaps) == {date(2026, 9, 29), date(2026, 10, 1)}
        assert "500" in gaps[date(2026, 10, 1)]
        assert gaps[date(2026, 9, 29)] == "deferred: 1 server error"
        rejected = {day.day: day.reasons.get("rejected") for day in found.days}
        assert rejected[date(2026, 9, 30)] == {"http_status": 1}
        assert "3 of 5 days are proven" in as_markdown(found)
        assert '"proven": 3' in as_json(found)
        site.broken.clear()
        site.days[gained] = 2  # the third is no longer listed
        site.days[date(2026, 10, 1)] = 4
        change(home, "UPDATE outcomes SET retry_at = listed_at FROM listings AS l"
               " WHERE l.listing_id = outcomes.listing_id AND outcome = 'deferred'")  # fmt: skip
        site.asked.clear()
        done = fill(None, None, only_gaps=True)
        assert done.days == 2
        assert done.states == {"proven": 2}
        assert site.asked[lost] == 1
        counts = "SELECT listed, stored, rejected, stated FROM slice_states ORDER BY day"
        assert ask(home, counts) == [
            (3, 3, 0, 3), (3, 3, 0, 2), (3, 2, 1, 3), (4, 4, 0, 4), (3, 3, 0, 3)
        ]  # fmt: skip


def test_a_day_is_proven_only_after_its_end(home: Path, sources: Path) -> None:
    """Today's lists may still grow; and what a clock that was ahead has read proves nothing."""
    today = datetime.now(UTC).date()
    with past_site(sources, {today: 2}, "pages"):
        assert fill(today, today + timedelta(days=5)).states == {"early": 1}
        done = fill(FIRST, FIRST + timedelta(days=1))
        assert done.states == {"proven": 1}, "a day without articles"
    change(home, "UPDATE slices SET read_at = now() + INTERVAL 3 DAYS")
    with writing(Home(home)) as connection:
        assert connection.execute(STATES).fetchall() == [("early",)] * 2


def test_a_clock_that_jumps_ahead_is_not_believed() -> None:
    """A run's reading time is never later than its start and the seconds since then."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    now = [start]
    run = SimpleNamespace(
        started=0.0, clock=lambda: now[0], notebook=SimpleNamespace(started_at=start)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.run.monotonic", lambda: 60.0)
        for says, told in (
            (timedelta(days=400), timedelta(seconds=60)),
            (timedelta(seconds=30), timedelta(seconds=30)),
            (timedelta(days=-1), timedelta(days=-1)),
        ):
            now[0] = start + says
            assert Run.steady_clock(cast("Run", run)) == start + told


def test_live_polls_are_not_disturbed(home: Path, sources: Path) -> None:
    """A backfill moves neither watermark nor documents, and doubles nothing that a poll brought."""
    with past_site(sources, {LAST - timedelta(days=1): 3}, "feed", "pages") as site:
        asyncio.run(ingest(["past"]))
        tables = ("source_states", "documents")
        before = [ask(home, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
        assert fill().states == {"proven": 5}
        after = [ask(home, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
        assert before == after
        assert ask(home, "SELECT count(*) FROM article_versions") == [(3,)]
        site.asked.clear()
        asyncio.run(ingest(["past"]))
        assert not [path for path in site.asked if path.startswith("/news/")]
    assert ask(home, "SELECT count(*) FROM failing") == [(0,)]


def test_a_source_that_is_away_fails_the_run_and_can_be_taken_up_again(
    home: Path, sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not asked for every day; the days that were not read have not been begun."""
    monkeypatch.setattr("flows.stretches.MOST_DEAD", 1)
    with past_site(sources, DAYS, "pages") as site:
        site.broken = {f"/archive/{day:%Y/%m/%d}": 503 for day in DAYS}
        with pytest.raises(NewsLedgerError, match=r"cannot be read now.*goes on from there"):
            fill(date(2026, 9, 21), LAST)
        assert ask(home, "SELECT state, count(*)::INT FROM slice_states GROUP BY 1") == [
            ("failed", 10)
        ]
        site.broken.clear()
        assert fill(None, None, only_gaps=True).states["proven"] == 10


def test_a_source_that_cannot_reach_back_is_told(sources: Path) -> None:
    """A feed shows what is newest, whatever day is asked for."""
    with (
        past_site(sources, DAYS, "feed"),
        pytest.raises(NewsLedgerError, match="only a feed of what is newest"),
    ):
        fill()
