"""The schedules of prefect.yaml: when they fire, and what a real server makes of them.

Late runs, a failing check, and a server that is killed together with a run.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.prefect_server import PROJECT, deploy_all, environment_of, running, server
from tests.scheduled_weeks import ticks
from tests.warehouse_rows import Look, listing_row
from warehouse import ledger
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

YEAR = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHECK = """
import asyncio
from datetime import timedelta
from uuid import uuid4
from flows.clock import utc_now
from flows.settings import load_settings
from tasks.check import check
from warehouse.home import Home
home = Home(load_settings().home)
found = asyncio.run(check(home, utc_now, timedelta(seconds=20), uuid4()))
print(*(failure.check_name for failure in found))
"""


def test_a_year_of_the_schedule_has_no_doubled_run_and_no_hole() -> None:
    """Not at the seams of the three schedules, and not when the clocks change."""
    found = ticks("scheduled", *YEAR)
    pauses = [later - sooner for sooner, later in pairwise(found)]
    assert min(pauses) == 5 * MINUTE
    assert Counter(pauses).keys() == {5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR}
    assert pauses.count(2 * HOUR) == 1, "the hour that comes twice in November is run once"


def test_upkeep_comes_once_every_night() -> None:
    """In the night whose 2:40 there is not, too."""
    found = ticks("upkeep", *YEAR)
    pauses = {later - sooner for sooner, later in pairwise(found)}
    assert len(found) == 365
    assert pauses == {23 * HOUR, 24 * HOUR, 25 * HOUR}


class Prefect:
    """A client of the server's API."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=120)
        self._deployments: dict[str, str] = {}

    def call(self, path: str, **body: Any) -> Any:
        """Post and return the answer; while its SQLite is locked, the server says 503."""
        for _ in range(50):
            answer = self._client.post(path, json=body)
            if answer.status_code != 503:
                break
            time.sleep(0.2)
        assert answer.is_success, answer.text
        return answer.json()

    def deployment(self, name: str) -> str:
        """Return the id of a deployment such as ingest/scheduled."""
        if name not in self._deployments:
            said = self._client.get(f"/deployments/name/{name}").json()
            self._deployments[name] = str(said["id"])
        return self._deployments[name]

    def states(self, deployment: str) -> Counter[str]:
        """Return how many of its runs are in which state; those to come are left out."""
        runs = self.call(
            "/flow_runs/filter", deployments={"id": {"any_": [self.deployment(deployment)]}}
        )
        now = datetime.now(UTC).isoformat()
        return Counter(x["state_name"] for x in runs if x["expected_start_time"] <= now)

    def late_run(self, deployment: str, minutes: int) -> str:
        """Create a run that ought to have started so many minutes ago, and return its id."""
        due = (datetime.now(UTC) - minutes * MINUTE).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": due}}
        path = f"/deployments/{self.deployment(deployment)}/create_flow_run"
        return str(self.call(path, state=state)["id"])

    def take_place(self, run: str) -> str:
        """Ask, as a worker does, whether a run may start; return its state then."""
        said = self.call(f"/flow_runs/{run}/set_state", state={"type": "PENDING"})
        return str(said["state"]["type"])


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    """Look every second until it is so; False when it was not in time."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(1)
    return True


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> dict[str, str]:
    """Give Prefect a home and a port of its own, and places that come free within half a minute."""
    return environment_of(tmp_path) | {
        "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "30",
        "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "1",
    }


@pytest.fixture
def prefect_api(environment: dict[str, str], tmp_path: Path) -> Iterator[Prefect]:
    """Start a server with everything deployed."""
    with server(environment, tmp_path / "server.log"):
        deploy_all(environment)
        yield Prefect(environment["PREFECT_API_URL"])


@pytest.mark.slow
def test_late_runs_do_not_pile_up(
    environment: dict[str, str], prefect_api: Prefect, home: Path, tmp_path: Path
) -> None:
    """Twenty wait when the worker comes back: few of them run, one asks, the rest is dropped."""
    for number in range(20):
        prefect_api.late_run("ingest/scheduled", 5 * (20 - number))

    def is_done() -> bool:
        return prefect_api.states("ingest/scheduled").keys() == {"Completed", "Cancelled"}

    worker = ("prefect", "worker", "start", "--pool", "newsledger", "--name", "late")
    log = tmp_path / "worker.log"
    with running(*worker, env=environment, log=log):
        assert wait_for(is_done, 180), f"{prefect_api.states('ingest/scheduled')} {log.read_text()}"
    assert prefect_api.states("ingest/scheduled")["Completed"] <= 8
    assert query(Home(home), "SELECT count(*) FROM polls WHERE is_asked").rows == [(1,)]


@pytest.mark.slow
def test_a_failing_check_starts_the_run_that_mends_it(
    environment: dict[str, str], prefect_api: Prefect, home: Path
) -> None:
    """Its event fires the automation once, though the check goes on failing."""
    now, lost = datetime.now(UTC), Look("lost", "A", 0)
    with writing(Home(home)) as connection:
        for number, minutes in enumerate((60, 1)):
            run_id = Look("run", None, number).listing_id
            started_at = now - minutes * MINUTE
            run = {"run_id": run_id, "flow": "ingest", "sources": ["sample"]}
            ledger.start_run(connection, **run, started_at=started_at)
            poll = dict.fromkeys(_COUNTS, 0) | {"run_id": run_id, "source": "sample", "error": ""}
            poll |= {"is_asked": True, "started_at": started_at, "finished_at": started_at}
            ledger.record_polls(connection, [poll])
            ledger.finish_run(connection, run_id=run_id, finished_at=started_at)
        row = listing_row(lost) | {"listed_at": now - 30 * MINUTE}
        ledger.record_listings(connection, [row], run_id=run_id, available_at=now)

    def checked() -> str:
        return subprocess.run(
            [sys.executable, "-c", CHECK],
            env=environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout

    assert "listings_without_outcome" in checked()
    fired = "ingest/after-a-failed-check"
    assert wait_for(lambda: prefect_api.states(fired).total() == 1, 60), "nothing was fired"
    assert "listings_without_outcome" in checked()
    assert not wait_for(lambda: prefect_api.states(fired).total() > 1, 10), "it was fired twice"


@pytest.mark.slow
def test_a_place_comes_free_though_run_and_server_were_killed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Else every later run would be cancelled, for ever: [tool.prefect] in pyproject.toml."""
    with server(environment, tmp_path / "first.log") as process:
        deploy_all(environment)
        api = Prefect(environment["PREFECT_API_URL"])
        assert api.take_place(api.late_run("ingest/scheduled", 5)) == "PENDING"
        assert api.take_place(api.late_run("ingest/scheduled", 5)) == "CANCELLED"
        process.kill()
        process.wait()
    with server(environment, tmp_path / "second.log"):

        def may_start() -> bool:
            return api.take_place(api.late_run("ingest/scheduled", 5)) == "PENDING"

        assert wait_for(may_start, 90)


_COUNTS = (
    *("listed", "stored", "revised", "unchanged", "rejected", "deferred", "removed"),
    *("resumed", "revisited", "new_listings"),
)
