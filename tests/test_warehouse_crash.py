"""A loader killed at any moment: nothing is lost, nothing is doubled, nothing is half there."""

import subprocess
import sys
from pathlib import Path

from tests.warehouse_rows import Look, batch_of, page_row
from warehouse.append import append
from warehouse.archive import pending, read_batch, settle, write_batch
from warehouse.connection import writing
from warehouse.home import Home

ROOT = Path(__file__).parent.parent
BATCHES = 24
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
    return [Look(f"{name}", f"{number}", number, ("META",)) for name in range(10)]


def load_pending(home: Home):  # noqa: ANN201 - a generator of batch ids
    """Load and settle what is pending, as the pipeline does; tell each batch when it is done."""
    for batch_id in pending(home):
        minute = read_batch(home, batch_id)[0]["fetched_at"].minute
        with writing(home) as connection:
            append(connection, batch_of(looks_of(minute)))
        settle(home, batch_id)
        yield batch_id


def kill_after(home: Home, lines: int) -> None:
    """Run a loader in a process of its own and kill it once it has said so many lines."""
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, str(home.root)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout
        for _ in range(lines):
            assert process.stdout.readline(), "The loader ended before it was killed."
        process.kill()


def test_a_killed_loader_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Five loaders die by kill -9; the next one finishes what they left."""
    home = Home(tmp_path)
    for number in range(BATCHES):
        write_batch(home, [page_row(look) for look in looks_of(number)])
    for lines in (1, 2, 3, 2, 1):
        kill_after(home, lines)
    list(load_pending(home))
    assert pending(home) == []
    with writing(home) as connection:
        counts = connection.execute(
            """
            SELECT
                (SELECT count(*) FROM article_versions),
                (SELECT count(*) FROM article_texts),
                (SELECT count(*) FROM article_tickers),
                (SELECT count(*) FROM outcomes),
                (SELECT count(*) FROM superseded_versions),
                (SELECT count(*) FROM batches),
                (SELECT count(*) FROM articles WHERE title = 'Headline 23')
            """
        ).fetchall()
    total = BATCHES * 10
    assert counts == [(total, total, total, total, total - 10, BATCHES, 10)]
