"""Extracting and tagging on other machines: the same rows, whatever becomes of a worker."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

from flows.backfill import Backfilled, backfill
from flows.cluster import workers_for
from flows.ingest import ingest
from flows.settings import load_settings
from flows.summary import Summary
from tasks.articles.errors import Deferred, Reason, SettingsError
from tasks.sources.sample.newsroom import Newsroom
from tests.clusters import Running, dask_cluster, ray_cluster
from tests.past_site import days_of, past_site
from warehouse.archive import pending
from warehouse.home import Home
from warehouse.query import query

Result = TypeVar("Result")
ARTICLES = 150
FIRST = date(2026, 9, 28)
TAGS = ("article_tickers", "ticker_mentions", "article_topics", "article_facts")
VERSIONS = (
    "SELECT v.article_key, revision, cause, title, text, authors, language, tickers, topics,"
    " content_hash, published_at FROM article_versions AS v"
    " INNER JOIN article_texts USING (version_id)"
)
OUTCOMES = "SELECT listing_id, outcome, reason FROM outcomes"


def nothing() -> None:
    """Need no knowledge."""


@pytest.fixture(scope="module")
def dask() -> Iterator[Running]:
    """Run two workers for all tests of this file."""
    pytest.importorskip("prefect_dask", reason="the extra dask is not installed")
    with dask_cluster(2) as cluster:
        yield cluster


@pytest.fixture
def larger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scale the newsroom up, so that there are batches for all."""
    monkeypatch.setattr("flows.start.Newsroom", partial(Newsroom, articles=ARTICLES))
    monkeypatch.setenv("NEWSLEDGER_BATCH_SIZE", "15")


def rows_of(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a warehouse knows, but for when and in which run it came to know it."""
    own = "* EXCLUDE (version_id, available_at)"
    asked = {table: f"SELECT {own} FROM {table}" for table in TAGS}
    asked |= {"versions": VERSIONS, "outcomes": OUTCOMES}
    return {name: sorted(query(Home(home), sql).rows, key=repr) for name, sql in asked.items()}


def run(
    home: Path, flow: Callable[[], Coroutine[Any, Any, Result]], settings: Mapping[str, str]
) -> Result:
    """Run a flow for a home, with these settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ({"NEWSLEDGER_HOME": str(home)} | settings).items():
            patch.setenv(name, value)
        return asyncio.run(flow())


async def polled() -> Summary:
    """Ingest the newsroom."""
    return await ingest(["sample"])


async def filled() -> Backfilled:
    """Fill five past days."""
    return await backfill("past", FIRST, FIRST + timedelta(days=5))


def wait_for_work(address: str) -> int:
    """Wait until a worker has a batch; return its process id."""
    from distributed import Client  # noqa: PLC0415 - an extra

    with Client(address, set_as_default=False) as client:
        pids = client.run(os.getpid)
        while True:
            for worker, batches in client.processing().items():
                if batches:
                    return int(pids[worker])


@contextmanager
def a_worker_killed(address: str) -> Iterator[None]:
    """End a worker that has a batch as a machine ends that goes away."""
    killer = threading.Thread(target=lambda: os.kill(wait_for_work(address), signal.SIGKILL))
    killer.start()
    yield
    killer.join()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("prefect", "larger")
def test_a_cluster_gives_the_same_rows(dask: Running, tmp_path: Path) -> None:
    """Two workers, and two of which one is killed at work: what one machine knows, they know."""
    run(tmp_path / "alone", polled, {})
    summary = run(tmp_path / "together", polled, dask.settings)
    assert summary.warnings == ()
    alone = rows_of(tmp_path / "alone")
    assert len(alone["versions"]) > ARTICLES * 0.9
    assert rows_of(tmp_path / "together") == alone
    with a_worker_killed(dask.address):
        run(tmp_path / "bereft", polled, dask.settings)
    assert rows_of(tmp_path / "bereft") == alone
    assert pending(Home(tmp_path / "bereft")) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("prefect")
def test_a_backfill_on_a_cluster_gives_the_same_rows(
    dask: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a worker killed at work; every day is proven at once."""
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(tmp_path))
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@past.example")
    monkeypatch.setenv("NEWSLEDGER_BATCH_SIZE", "15")
    with past_site(tmp_path, days_of(f"{FIRST}", 5, 20), "sitemap"):
        run(tmp_path / "alone", filled, {})
        with a_worker_killed(dask.address):
            done = run(tmp_path / "bereft", filled, dask.settings)
    assert done.states == {"proven": 5}
    alone = rows_of(tmp_path / "alone")
    assert len(alone["versions"]) == 100
    assert rows_of(tmp_path / "bereft") == alone


@pytest.mark.slow
def test_ray_gives_the_same_rows(ingested: Path, home: Path) -> None:
    """Where the extra ray is installed."""
    pytest.importorskip("prefect_ray", reason="the extra ray is not installed")
    server = {"PREFECT_API_URL": str(get_current_settings().api.url)}
    with ray_cluster(2) as cluster:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "newsledger"), "ingest", "--source", "sample"],
            env=os.environ | server | cluster.settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
    assert done.returncode == 0, done.stderr
    assert rows_of(home) == rows_of(ingested)


@pytest.mark.slow
@pytest.mark.usefixtures("prefect")
def test_a_cluster_that_goes_away_puts_its_articles_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is rejected for it: a later run takes them up again."""
    pytest.importorskip("prefect_dask", reason="the extra dask is not installed")

    async def bereft() -> list[object]:
        with dask_cluster(1) as cluster:
            for name, value in cluster.settings.items():
                monkeypatch.setenv(name, value)
            with workers_for(load_settings(), 60, nothing) as workers:
                asked = asyncio.create_task(workers.map(time.sleep, [50, 50]))
                await asyncio.to_thread(wait_for_work, cluster.address)
                cluster.scheduler.kill()
                return list(await asked)

    for result in asyncio.run(bereft()):
        assert isinstance(result, Deferred)
        assert result.reason is Reason.WORKER_DIED


@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_what_a_cluster_needs_is_asked_for(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster and no Prefect server is started in secret."""
    monkeypatch.setenv("NEWSLEDGER_RUNNER", runner)
    with pytest.raises(SettingsError, match=f"{runner} needs NEWSLEDGER_RUNNER_ADDRESS"):
        workers_for(load_settings(), 1, nothing)
    monkeypatch.setenv("NEWSLEDGER_RUNNER_ADDRESS", "127.0.0.1:9")
    with (
        temporary_settings({PREFECT_API_URL: None}),
        pytest.raises(SettingsError, match=f"{runner} needs PREFECT_API_URL"),
    ):
        workers_for(load_settings(), 1, nothing)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what installs it."""
    monkeypatch.setitem(sys.modules, "prefect_ray", None)
    monkeypatch.setenv("NEWSLEDGER_RUNNER", "ray")
    monkeypatch.setenv("NEWSLEDGER_RUNNER_ADDRESS", "127.0.0.1:9")
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(SettingsError, match=r"pip install 'newsledger\[ray\]'"),
    ):
        workers_for(load_settings(), 1, nothing)


@pytest.mark.slow
@pytest.mark.usefixtures("prefect")
def test_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run does not begin, and says at which address it asked."""
    pytest.importorskip("prefect_dask", reason="the extra dask is not installed")
    monkeypatch.setenv("NEWSLEDGER_RUNNER", "dask")
    monkeypatch.setenv("NEWSLEDGER_RUNNER_ADDRESS", "tcp://127.0.0.1:9")
    with (
        pytest.raises(SettingsError, match=r"No scheduler answers at tcp://127\.0\.0\.1:9 "),
        workers_for(load_settings(), 1, nothing),
    ):
        pass
