"""Weeks of the schedule in minutes, on sites that publish, correct, remove and fail.

At the end nothing is lost, nothing is there twice, and nothing has grown that should not.
"""

import asyncio
import os
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.living_site import KINDS, LivingSite, living_site
from tests.living_site import stories as stories_of
from tests.scheduled_weeks import Killed, Machine, MovingClock, machine, ticks
from warehouse.archive import pending
from warehouse.checking import failing, run_checks
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

# What a run that is ended in the middle had not begun to await, or not closed.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*was never awaited"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MONDAY = datetime(2026, 3, 2, 5, tzinfo=UTC)  # midnight in New York; its clocks change on the 8th
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Soak:
    """Sites, and the machine that polls them."""

    def __init__(self, home: Path, sites: list[LivingSite], machine: Machine) -> None:
        self.home, self.sites, self.machine = Home(home), sites, machine
        self.night_at = MONDAY

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published file."""
        return query(self.home, sql).rows

    def work(self, since: datetime, until: datetime, share: float) -> None:
        """Work off this share of the ticks: the others come while a run still goes."""
        for tick in ticks("scheduled", since, until):
            if self.machine.rng.random() > share:
                continue
            self.machine.clock.wait_until(tick)
            self.machine.tick()
            if tick - self.night_at > DAY:
                self.night_at = tick
                self.machine.night()

    def settle(self, step: timedelta, times: int) -> None:
        """Let all sites be well, and run on: what waits has its turn, the last looks are taken."""
        for site in self.sites:
            site.failing = 0
        clock = self.machine.clock
        for _ in range(times):
            clock.wait_until(clock.true + step)
            asyncio.run(self.machine.run())
        self.machine.night()

    def measure(self) -> dict[str, float]:
        """Return what must not grow but with what is stored: memory, files, in MB."""
        pages = list(self.home.archive.rglob("*.parquet"))
        ((versions,),) = self.ask("SELECT count(*) FROM article_versions")
        return {
            "memory": _memory(),
            "live": self.home.live.stat().st_size / 1e6,
            "archive": sum(path.stat().st_size for path in pages) / 1e6,
            "archive files": len(pages),
            "files": sum(path.is_file() for path in self.home.root.rglob("*")),
            "versions": versions,
            "checks": self.ask("SELECT count(*) FROM check_results")[0][0],
            "threads": threading.active_count(),
            "open": len(list(Path("/proc/self/fd").iterdir())),
        }

    def tell(self, *measured: dict[str, float]) -> None:
        """Print what happened and what was measured: `pytest -s` shows it."""
        counts = dict(self.machine.counts)
        counts |= {"asked": sum(x.asked for x in self.sites)}
        counts |= {"failed": sum(x.failed for x in self.sites)}
        lines = [counts, *({k: round(v, 1) for k, v in sizes.items()} for sizes in measured)]
        print("", *lines, sep="\n")  # noqa: T201

    def check(self, extra: int = 0, *, told_too: frozenset[str] = frozenset()) -> None:
        """Nothing is lost, nothing is there twice, and the ledger says so too.

        ``extra`` versions more than there were states may come of a clock that was set wrong;
        ``told_too`` are checks that may fail besides the one that tells that a source is silent.
        """
        now = self.machine.clock.outside()
        there = {row[0]: row[1:] for row in self.ask(_ARTICLES)}
        stories = {site.url(story): story for site in self.sites for story in site.stories}
        wanted = {url: story.mark(now) for url, story in stories.items() if story.is_there(now)}
        assert sorted(wanted.keys() - there.keys()) == [], "these were lost"
        assert sorted(there.keys() - wanted.keys()) == [], "these were removed, and are still there"
        old = [url for url, mark in wanted.items() if mark not in there[url][0]]
        assert old == [], "these were corrected, and we have the old text"
        assert self.ask("SELECT count(*) - count(DISTINCT url) FROM articles") == [(0,)]
        states = {url: 2 if stories[url].corrected_at else 1 for url in wanted}
        more = {url: there[url][1] - most for url, most in states.items() if there[url][1] > most}
        assert sum(more.values()) <= extra, f"these have more versions than states: {more}"
        assert self.ask(_GAPS) == []
        gone = {url for url, story in stories.items() if not story.is_there(now)}
        lost = [row for row in self.ask(_REJECTED) if row[0] not in gone or row[1] != "http_status"]
        assert lost == [], "only what was removed before it could be read may be rejected"
        assert pending(self.home) == []
        assert list(self.home.unrecorded.glob("*")) == []
        with writing(self.home) as connection:
            run_checks(connection, self.machine.clock.now())
            said = {found.check_name for found in failing(connection)}
        # The sites tell nothing new any more; that is said once a rhythm is known.
        assert said <= {"source_silent"} | told_too


def _memory() -> float:
    """Return what this process holds in memory, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


_ARTICLES = "SELECT url, text, revision FROM articles"
_GAPS = """
SELECT source, day, listed, deferred, missing FROM completeness
WHERE deferred > 0 OR missing > 0
    OR listed <> stored + revised + unchanged + rejected + deferred + removed + missing
"""
_REJECTED = """
SELECT l.url, o.reason, l.source, l.listed_at, o.fetched_at, o.attempts
FROM listing_outcomes AS o JOIN listings AS l USING (listing_id)
WHERE o.outcome = 'rejected'
"""


@pytest.fixture
def soak(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Soak]:
    """Serve a site of each kind for so many days, with so many stories a day."""
    days, a_day, is_through_prefect = request.param
    if is_through_prefect:
        request.getfixturevalue("prefect")
    rng = random.Random(20260302)
    clock = MovingClock(MONDAY)
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(tmp_path))
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@newsroom.example")
    monkeypatch.setenv("NEWSLEDGER_BENZINGA_TOKEN", "loopback-only")
    with ExitStack() as stack:
        sites = []
        for kind in KINDS:
            told = stories_of(MONDAY, days, a_day, rng, removes=kind != "whole")
            site = LivingSite(kind, told, clock.outside, rng, failing=0.04)
            sites.append(stack.enter_context(living_site(tmp_path, site)))
        made = machine(list(KINDS), clock, rng, is_through_prefect=is_through_prefect)
        yield Soak(home, sites, stack.enter_context(made))


@pytest.mark.parametrize("soak", [(1, 8, False)], indirect=True, ids=["a day"])
def test_a_day_of_the_schedule(soak: Soak) -> None:
    """One day, with faults in between: all of it is there, once."""
    soak.work(MONDAY, MONDAY + DAY, share=0.03)
    soak.settle(step=12 * HOUR, times=4)
    soak.check()


@pytest.mark.parametrize("soak", [(1, 1, False)], indirect=True, ids=["a story"])
def test_an_old_state_that_an_ended_run_left_is_not_the_newest(soak: Soak) -> None:
    """A whole item is as old as the list that it came in, however late it is loaded."""
    (site,) = [site for site in soak.sites if site.name == "whole"]
    clock, (told,) = soak.machine.clock, site.stories
    for other in soak.sites:
        other.failing, other.stories = 0, ()
    corrected_at = told.appears_at + HOUR
    site.stories = [replace(told, stated_at=told.appears_at, corrected_at=corrected_at)]
    clock.wait_until(told.appears_at)
    with patch("tests.scheduled_weeks.work_on", side_effect=Killed):
        asyncio.run(soak.machine.run())
    clock.wait_until(corrected_at)
    with patch("flows.notebook.ledger.due", return_value=[]):
        asyncio.run(soak.machine.run())
    soak.settle(step=HOUR, times=1)
    soak.check()
    assert soak.ask("SELECT count(*) FROM outcomes") == [(2,)]


@pytest.mark.slow
@pytest.mark.parametrize("soak", [(1, 8, True)], indirect=True, ids=["a day"])
def test_a_day_through_prefect(soak: Soak) -> None:
    """The same, each run a run of the flow."""
    soak.work(MONDAY, MONDAY + DAY, share=0.03)
    soak.settle(step=12 * HOUR, times=4)
    soak.check()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("soak", [(14, 18, False)], indirect=True, ids=["two weeks"])
def test_two_weeks_of_the_schedule(soak: Soak) -> None:
    """Faults, ended runs, runs at once, two outages, a wrong clock, the change of the clocks."""
    clock, share = soak.machine.clock, 0.18
    soak.work(MONDAY, MONDAY + 2 * DAY, share)
    clock.wrong_by = timedelta(hours=3)
    soak.work(MONDAY + 2 * DAY, MONDAY + 2 * DAY + 10 * HOUR, share)
    clock.wrong_by = timedelta()
    soak.work(MONDAY + 2 * DAY + 19 * HOUR, MONDAY + 7 * DAY, share)  # after nine hours without it
    first = soak.measure()
    soak.work(MONDAY + 7 * DAY, MONDAY + 8 * DAY, share)
    clock.wrong_by = timedelta(hours=-2)
    soak.work(MONDAY + 8 * DAY, MONDAY + 8 * DAY + 10 * HOUR, share)
    clock.wrong_by = timedelta()
    soak.work(MONDAY + 8 * DAY + 10 * HOUR, MONDAY + 12 * DAY, share)
    soak.work(MONDAY + 13 * DAY + 2 * HOUR, MONDAY + 14 * DAY, share)  # and after a day
    second = soak.measure()
    soak.settle(step=4 * HOUR, times=16)
    last = soak.measure()
    soak.tell(first, second, last)
    # The clock was set back, and of a weekday whose fellows had many stories there are none.
    soak.check(extra=20, told_too=frozenset({"clocks", "volume"}))
    counts = soak.machine.counts
    assert min(counts["polls"], sum(site.asked for site in soak.sites)) > 1_000
    assert min(counts["ended"], counts["held"], counts["at once"]) > 0
    assert second["memory"] < first["memory"] + 50, "MB: something is kept from run to run"
    assert second["threads"] <= first["threads"] + 2
    assert second["open"] <= first["open"] + 5
    assert second["live"] < first["live"] * 2, "a week's articles are as many as the week's before"
    assert last["archive files"] <= 2, "upkeep packs them"
