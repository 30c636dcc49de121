"""A backfill that is stopped at any moment: started again, it ends as if nothing had happened."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import get_current_settings

from flows.backfill import backfill
from tests.past_site import PastSite, days_of, past_site
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect")
FIRST, LAST = date(2026, 9, 28), date(2026, 10, 3)
DAYS = days_of("2026-09-01", 40, 12)
RANGE = ("--since", str(FIRST), "--until", str(LAST))
COMMAND = [str(Path(sys.executable).parent / "newsledger"), "backfill", "past", *RANGE]
COMPARED = (
    "SELECT url, title, revision, cause, content_hash FROM article_versions ORDER BY ALL",
    "SELECT url, outcome FROM listings JOIN listing_outcomes USING (listing_id) ORDER BY ALL",
    "SELECT count(*), count(DISTINCT listing_id) FROM slice_listings",
    "SELECT day, state, stated, listed, stored FROM slice_states ORDER BY day",
    "SELECT symbol, role, count(*) FROM article_tickers GROUP BY ALL ORDER BY ALL",
    "SELECT source, day, missing FROM completeness ORDER BY day",
    "SELECT check_name, subject FROM failing",
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PastSite]:
    """Serve 60 articles of five days, among others, in batches of five."""
    (tmp_path / "sources").mkdir()
    settings = {
        "SOURCES": str(tmp_path / "sources"),
        "ENABLED": "past",
        "WORKERS": "1",
        "BATCH_SIZE": "5",
        "CONTACT": "tests@past.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"NEWSLEDGER_{name}", value)
    with past_site(tmp_path / "sources", DAYS, "pages") as served:
        yield served


def ending(home: Path) -> list[list[tuple[Any, ...]]]:
    """Return all that a run must come to, however often it was stopped on the way."""
    return [query(Home(home), sql).rows for sql in COMPARED]


@contextmanager
def running() -> Iterator[subprocess.Popen[str]]:
    """Run the command in a process of its own, against the tests' Prefect server."""
    server = {"PREFECT_API_URL": str(get_current_settings().api.url)}
    with subprocess.Popen(
        COMMAND, env=os.environ | server, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def killed(site: PastSite, moment: random.Random) -> None:
    """Kill the command after some request and a part of a second; it may be through by then."""
    site.reached.clear()
    site.counted = site.asked.total() + moment.randrange(1, 70)
    with running() as process:
        while process.poll() is None and not site.reached.wait(0.1):
            pass
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment.random() * 2)


def undisturbed(home: Path, tmp_path: Path) -> list[list[tuple[Any, ...]]]:
    """Return what a run comes to that nobody stops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLEDGER_HOME", str(tmp_path / "undisturbed"))
        asyncio.run(backfill("past", FIRST, LAST))
    found = ending(tmp_path / "undisturbed")
    assert len(found[0]) == 60
    assert not home.exists()
    return found


def killed_often(home: Path, site: PastSite, times: int, seed: int) -> None:
    """Kill a backfill so often, each time where the one before was left, and let it end."""
    moment = random.Random(seed)
    for _ in range(times):
        killed(site, moment)
    assert asyncio.run(backfill("past", FIRST, LAST)).states == {"proven": 5}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_at_twenty_moments(
    home: Path, site: PastSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 twenty times, four in each of five homes."""
    wanted = undisturbed(home, tmp_path)
    for seed in range(5):
        again = tmp_path / f"home-{seed}"
        monkeypatch.setenv("NEWSLEDGER_HOME", str(again))
        killed_often(again, site, 4, seed)
        assert ending(again) == wanted, f"seed {seed}"


@pytest.mark.parametrize(
    "stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_stopped_by_a_signal_it_goes_on_later(
    home: Path, site: PastSite, stop: signal.Signals
) -> None:
    """Ctrl-C ends it at once with a sentence; SIGTERM, sent by Prefect's Cancel, as soon as it can.

    Neither waits for the server.
    """
    last = site.paths(FIRST)[-1]
    site.hold(last)
    with running() as process:
        assert site.arrived.wait(240), "the article that is held was never asked for"
        process.send_signal(stop)
        _, said = process.communicate(timeout=120)
    site.release(last)
    if stop is signal.SIGTERM:
        assert process.returncode == -signal.SIGTERM
    else:
        assert process.returncode == 130
        assert "the next run goes on from there" in said
        assert "Traceback" not in said
    assert asyncio.run(backfill("past", FIRST, LAST)).states == {"proven": 5}
    assert query(Home(home), "SELECT count(*) FROM article_versions").rows == [(60,)]
