"""A loader killed at any moment: nothing is lost, nothing is doubled, nothing is half there."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from tests.warehouse_rows import START, Look, batch_of, page_row
from warehouse.append import append
from warehouse.archive import pending, read_batch, settle, write_batch
from warehouse.compaction import compact
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query
from warehouse.snapshot import publish

ROOT = Path(__file__).parent.parent
ARTICLES = 10
AHEAD = 6  # batches that always wait, so that a loader never runs out of work
LOADER = """
import sys
from pathlib import Path
from tests.test_warehouse_crash import load_pending
from warehouse.home import Home
print("ready", flush=True)
for batch_id in load_pending(Home(Path(sys.argv[1]))):
    print(batch_id, flush=True)
"""


def looks_of(number: int) -> list[Look]:
    """Return the looks of one batch: ten articles, each with a ticker, revised by every batch."""
    return [Look(f"{name}", f"{number}", number, ("META",)) for name in range(ARTICLES)]


def write_looks(home: Home, number: int) -> UUID:
    """Archive one batch."""
    return write_batch(home, [page_row(look) for look in looks_of(number)])


def load_pending(home: Home) -> Iterator[UUID]:
    """Load and settle what is pending, as the pipeline does; tell each batch when it is done."""
    for count, batch_id in enumerate(pending(home)):
        since = read_batch(home, batch_id)[0]["fetched_at"] - START
        with writing(home) as connection:
            append(connection, batch_of(looks_of(since // timedelta(minutes=1))))
            settle(home, batch_id)
        yield batch_id
        if count % 3 == 0:
            publish(home)
            compact(home)


def run_and_kill(home: Home, seconds: float) -> list[UUID]:
    """Run a loader in a process of its own, kill it, and return what it said was loaded."""
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, str(home.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
        said = process.stdout.read().splitlines(keepends=True)
        assert "Error" not in (problem := process.stderr.read()), problem
    return [UUID(line.strip()) for line in said if line.endswith("\n")]


def check_whole(home: Home, batch_ids: list[UUID], loaded: set[UUID]) -> None:
    """Check that each batch is there exactly once, with all of its rows, and can be read."""
    total = len(batch_ids) * ARTICLES
    counts = query(
        home,
        """
        SELECT
            (SELECT count(*) FROM article_versions),
            (SELECT count(*) FROM article_texts),
            (SELECT count(*) FROM article_tickers),
            (SELECT count(*) FROM outcomes),
            (SELECT count(*) FROM superseded_versions),
            (SELECT count(*) FROM batches),
            (SELECT count(DISTINCT batch_id) FROM batches),
            (SELECT count(*) FROM articles)
        """,
    ).rows
    whole = (*[total] * 4, total - ARTICLES, *[len(batch_ids)] * 2, ARTICLES)
    assert counts == [whole]
    assert pending(home) == []
    assert loaded <= set(batch_ids)
    for batch_id in batch_ids:
        assert len(read_batch(home, batch_id)) == ARTICLES
    files = f"read_parquet('{home.archive}/pages/*/*.parquet')"
    assert query(home, f"SELECT count(*) FROM {files}").rows == [(total,)]


def survive(home: Home, kills: int, seed: int) -> int:
    """Kill so many loaders at random moments, let one finish, check; return batches loaded."""
    random = Random(seed)
    batch_ids = [write_looks(home, number) for number in range(AHEAD)]
    loaded: set[UUID] = set()
    for _ in range(kills):
        said = run_and_kill(home, random.uniform(0, 0.7))
        assert not loaded & set(said), "what was acknowledged is not loaded again"
        loaded |= set(said)
        while len(pending(home)) < AHEAD:
            batch_ids.append(write_looks(home, len(batch_ids)))
    loaded |= set(load_pending(home))
    publish(home)
    compact(home)
    check_whole(home, batch_ids, loaded)
    return len(batch_ids)


def test_ten_killed_loaders_lose_and_double_nothing(tmp_path: Path) -> None:
    """Ten die by kill -9 while they load, settle, publish and pack; the next one finishes."""
    assert survive(Home(tmp_path), kills=10, seed=1) > AHEAD


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [2, 3])
def test_sixty_killed_loaders_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    """The same over minutes."""
    assert survive(Home(tmp_path), kills=60, seed=seed) > AHEAD
