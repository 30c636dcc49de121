"""What all tests share: no traffic beyond this machine, a clean environment, one Prefect."""

import asyncio
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stamina
from hypothesis import HealthCheck, settings

from flows.settings import prepare_prefect

if TYPE_CHECKING:
    from tests.warm_worker import WarmWorker

# Machines that share their cores cannot promise times.
settings.register_profile("newsledger", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("newsledger")
prepare_prefect()  # before any test imports Prefect


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to any address that is not this machine's own."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int] | str) -> None:
        if self.family != socket.AF_UNIX and not ipaddress.ip_address(address[0]).is_loopback:
            pytest.fail(f"A test wanted to reach {address}: serve it on loopback instead.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a data folder of its own, and none of the developer's settings."""
    for variable in [name for name in os.environ if name.startswith("NEWSLEDGER_")]:
        monkeypatch.delenv(variable)
    folder = tmp_path / "home"
    monkeypatch.setenv("NEWSLEDGER_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """Run flows against one real, temporary Prefect server (15 to 20 seconds to start)."""
    from prefect.settings import (  # noqa: PLC0415  Prefect only where a test needs it
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415

    quiet = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None, PREFECT_LOGGING_TO_API_ENABLED: False}
    with prefect_test_harness(server_startup_timeout=120), temporary_settings(quiet):
        yield


@pytest.fixture(scope="session")
def warm_worker() -> "Iterator[WarmWorker]":
    """Give one real worker process to all runs: each start takes seconds."""
    from tests.warm_worker import WarmWorker  # noqa: PLC0415  slow to import

    with WarmWorker.started() as worker:
        yield worker


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """Let requests be tried as often as ever, without a wait between the tries."""
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


@pytest.fixture
def one_worker(warm_worker: "WarmWorker", no_pauses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test's runs use the worker process that is there, and never pause between tries."""
    for name in ("start.workers_for", "rebuild.workers_for", "reprocess.WorkerPool"):
        monkeypatch.setattr(f"flows.{name}", warm_worker)


@pytest.fixture(scope="session")
def ingested(
    prefect: None, warm_worker: "WarmWorker", tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Ingest the newsroom's first edition once, for all tests that begin with it."""
    from flows.ingest import ingest  # noqa: PLC0415  Prefect only where a test needs it

    folder = tmp_path_factory.mktemp("ingested")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLEDGER_HOME", str(folder))
        patch.setattr("flows.start.workers_for", warm_worker)
        asyncio.run(ingest(["sample"]))
    return folder


@pytest.fixture
def first(ingested: Path, home: Path) -> Path:
    """Give the test a data folder in which the first edition has been ingested."""
    shutil.copytree(ingested, home)
    return home
