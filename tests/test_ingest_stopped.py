"""A run of ingest that is stopped: the next run, whenever it comes, takes up what it left."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from flows.ingest import ingest
from tests.polled_site import PolledSite, polled_site
from warehouse.home import Home
from warehouse.leftovers import inherited
from warehouse.query import query

NUMBERS = range(12, 0, -1)
OUTCOMES = "SELECT outcome, count(*) FROM outcomes GROUP BY outcome"
COMMAND = [sys.executable, "-m", "flows", "ingest", "--source", "polled"]
HELD = [  # at which answer it is stopped, and how
    ("/1", signal.SIGINT),
    ("/12", signal.SIGKILL),
    *(
        pytest.param(held, stop, marks=pytest.mark.slow)
        for held, stop in (
            *(("/feed", signal.SIGINT), ("/feed", signal.SIGKILL)),
            *(("/12", signal.SIGINT), ("/1", signal.SIGKILL)),
        )
    ),
]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PolledSite]:
    """Serve twelve articles, in batches of three."""
    for name, value in {"SOURCES": str(tmp_path), "WORKERS": "1", "BATCH_SIZE": "3"}.items():
        monkeypatch.setenv(f"NEWSLEDGER_{name}", value)
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@polled.example")
    with polled_site(tmp_path) as served:
        served.publish(*NUMBERS)
        yield served


@contextmanager
def holding(site: PolledSite, path: str) -> Iterator[threading.Event]:
    """Give no answer at this path; the event is set once somebody asks there."""
    reply, go = site.replies[path], threading.Event()
    held = replace(reply, waits_for=go, is_asked=threading.Event())
    site.replies[path] = held
    try:
        yield held.is_asked
    finally:
        site.replies[path] = reply
        go.set()


@contextmanager
def running() -> Iterator[subprocess.Popen[str]]:
    """Run the command in a process group of its own, against the tests' Prefect server."""
    server = {"PREFECT_API_URL": str(get_current_settings().api.url)}
    with subprocess.Popen(
        COMMAND, env=os.environ | server, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.usefixtures("prefect", "one_worker")
@pytest.mark.parametrize(("held", "stop"), HELD)
def test_the_next_run_takes_up_what_a_stopped_one_left(
    home: Path, site: PolledSite, held: str, stop: signal.Signals
) -> None:
    """Wherever it was stopped, and though its list has not changed and is not due."""
    with holding(site, held) as is_asked, running() as process:
        assert is_asked.wait(120), "the path that is held was never asked for"
        os.killpg(process.pid, stop)
        _, said = process.communicate(timeout=60)
    if stop is signal.SIGINT:
        assert process.returncode == 130
        assert "the next run goes on from there" in said
        assert "Warning" not in said
        assert "Traceback" not in said
    summary = asyncio.run(ingest(["polled"], due_only=True))
    assert query(Home(home), OUTCOMES).rows == [("stored", 12)]
    assert not summary.failing
    assert asyncio.run(ingest(["polled"])).pages == 0, "all of it was done"


@pytest.mark.usefixtures("prefect", "one_worker")
def test_what_a_living_run_is_at_work_on_is_left_to_it(home: Path, site: PolledSite) -> None:
    """A second run beside it asks for the list, and for none of its articles."""
    with holding(site, "/1") as is_asked, running() as process:
        assert is_asked.wait(120), "the path that is held was never asked for"
        site.asked()
        site.replies["/feed"] = replace(site.replies["/feed"], status=304)
        asyncio.run(ingest(["polled"]))
        meanwhile = site.asked()
        os.killpg(process.pid, signal.SIGKILL)
    assert set(meanwhile) <= {"/feed", "/robots.txt", *(f"/{n}" for n in NUMBERS)}
    assert meanwhile["/1"] == 0
    asyncio.run(ingest(["polled"]))
    assert query(Home(home), OUTCOMES).rows == [("stored", 12)]


def test_one_run_at_a_time_inherits(tmp_path: Path) -> None:
    """The second is given what the first does not have, and all once that has ended."""
    home = Home(tmp_path)
    with inherited(home, ["a", "b"]) as first, inherited(home, ["b", "c"]) as second:
        assert (first, second) == ({"a", "b"}, {"c"})
    with inherited(home, ["a", "b", "c"]) as third:
        assert third == {"a", "b", "c"}


@pytest.mark.parametrize("module", ["typer", "_duckdb", "prefect.flows"])
def test_ctrl_c_while_it_loads_is_a_sentence(module: str) -> None:
    """Also within a compiled module, whose import makes another error of it."""
    command = [sys.executable, "-X", "importtime", *COMMAND[1:3], "ingest"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if line.split()[-1] == module:
                break
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped." in said
    assert "Traceback" not in said
