"""The flow `backfill`, for real: Prefect, HTTP on loopback, DuckDB."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.backfill import Backfilled, backfill
from tests.past_site import days_of, past_site
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect")
FIRST, LAST = date(2026, 9, 28), date(2026, 10, 3)
DAYS = days_of("2026-09-01", 40, 3)


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


@pytest.mark.parametrize("kind", ["sitemap", "pages", "benzinga"])
def test_past_days_are_filled_and_proven(home: Path, sources: Path, kind: str) -> None:
    """Each kind gives each day its articles and no other, and a second run asks nothing."""
    with past_site(sources, DAYS, kind) as site:
        done = fill()
        assert done.states == {"proven": 5}
        assert ask(
            home, "SELECT day, listed, stored, stated, attempts FROM slice_states ORDER BY day"
        ) == [(FIRST + timedelta(days=n), 3, 3, 3, 1) for n in range(5)]
        assert ask(home, "SELECT count(*) FROM articles") == [(15,)]
        assert ask(home, "SELECT sum(listed)::INT, sum(missing)::INT FROM completeness") == [
            (15, 0)
        ]
        site.asked.clear()
        assert fill().proven_before == 5
        assert not site.asked
