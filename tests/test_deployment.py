"""prefect.yaml for real: a server, a work pool, a worker, a deployment that runs to its end.

This is what proves a change of the pins in pyproject.toml: without them Prefect deploys, and then
fails in silence.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.prefect_server import BIN, deploy_all, environment_of, prefect_command, running, server
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> dict[str, str]:
    """Give Prefect a home and a port of its own."""
    return environment_of(tmp_path)


def test_a_deployment_runs_on_a_worker(
    environment: dict[str, str], home: Path, tmp_path: Path
) -> None:
    """Deploy all, start a worker, run `ingest/manual` to Completed, and find the rows."""
    with server(environment, tmp_path / "server.log"):
        deployed = deploy_all(environment)
        assert "ingest/scheduled" in deployed
        assert "ingest/manual" in deployed
        # Else a tick of the schedule falls into the test at some times of the day.
        prefect_command("deployment", "schedule", "pause", "--all", env=environment)
        with running(
            *("prefect", "worker", "start", "--pool", "newsledger", "--name", "test"),
            env=environment,
            log=tmp_path / "worker.log",
        ):
            told = prefect_command("deployment", "run", "ingest/manual", "--watch", env=environment)
        assert "Completed" in told or "finished" in told, (tmp_path / "worker.log").read_text()
        schedules = prefect_command("deployment", "inspect", "ingest/scheduled", env=environment)
        assert "market-hours" in schedules
    assert query(Home(home), "SELECT count(*) > 30 FROM articles").rows == [(True,)]
    assert query(Home(home), "SELECT state FROM run_log").rows == [("finished",)]


def test_ctrl_c_stops_at_once(home: Path, tmp_path: Path) -> None:
    """One sentence, exit code 130, and no process left behind."""
    with subprocess.Popen(
        [str(BIN / "newsledger"), "ingest", "--source", "sample"],
        env=os.environ | {"PREFECT_HOME": str(tmp_path / "prefect")},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        said = ""
        while "listings to work on" not in said:
            said = process.stderr.readline()
            assert said, "the run ended before it could be stopped"
        children = subprocess.check_output(["pgrep", "-P", str(process.pid)], text=True).split()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "Stopped. What was loaded stays" in rest
    assert "Traceback" not in rest
    for child in children:
        for _ in range(100):
            if not Path(f"/proc/{child}").exists():
                break
            time.sleep(0.1)  # the workers see that their parent has gone
        else:
            pytest.fail(Path(f"/proc/{child}/cmdline").read_text())


def test_the_readmes_first_command(home: Path, tmp_path: Path) -> None:
    """`newsledger ingest --source sample` with an empty Prefect home: what `make ingest` runs."""
    done = subprocess.run(
        [str(BIN / "newsledger"), "ingest", "--source", "sample"],
        env=os.environ | {"PREFECT_HOME": str(tmp_path / "prefect"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Starting Prefect")
    assert "Traceback" not in done.stderr
    assert "listed" in done.stdout
    assert str(home / "news.duckdb") in done.stdout
