"""Everybody at once: scheduled loads, a backfill, and readers; nobody fails, all is kept."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.warehouse_rows import Look, batch_of, page_row
from warehouse.append import append
from warehouse.archive import settle, write_batch
from warehouse.connection import reading, writing
from warehouse.home import Home
from warehouse.query import query
from warehouse.snapshot import publish

ROOT = Path(__file__).parent.parent
CHECK = """
SELECT
    (SELECT count(*) FROM batches),
    (SELECT count(*) FROM articles),
    (SELECT count(*) FROM article_versions) - (SELECT count(*) FROM article_texts),
    (SELECT count(*) FROM mentions('META', '2026-01-01', '2027-01-01'))
"""
ROLES = {"scheduled": 5, "backfill": 100}  # articles in a batch


def write(home: Home, role: str, until: float) -> dict[str, int]:
    """Load batch after batch, publishing each, as a flow does."""
    batches = 0
    while time.time() < until:
        looks = [Look(f"{role}{batches}.{n}", "A", n, ("META",)) for n in range(ROLES[role])]
        batch_id = write_batch(home, [page_row(look) for look in looks])
        with writing(home) as connection:
            append(connection, batch_of(looks))
            settle(home, batch_id)
        publish(home)
        batches += 1
    return {"batches": batches, "articles": batches * ROLES[role]}


def read(home: Home, role: str, until: float) -> dict[str, int]:
    """Ask again and again; what one saw never grows less. The holder keeps one connection."""
    reads, seen = 0, 0
    with reading(home.news) as held:
        while time.time() < until:
            ((batches, articles, torn, mentions),) = (
                held.execute(CHECK).fetchall() if role == "holder" else query(home, CHECK).rows
            )
            assert torn == 0
            assert mentions == articles
            assert batches >= seen
            seen = batches
            reads += 1
            if role != "holder":
                held.close()
    return {"reads": reads}


def main() -> None:
    """Play one role until a time; print what came of it."""
    role, root, until = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    work = write if role in ROLES else read
    json.dump(work(Home(root), role, until), sys.stdout)


def contend(home: Home, seconds: float) -> None:
    """Let two writers and four readers work at once, each in its own process, and check all."""
    with writing(home):
        pass
    publish(home)
    until = time.time() + 2 + seconds  # two seconds to start
    started = {
        (role, number): subprocess.Popen(
            [sys.executable, "-m", "tests.test_warehouse_contention", role, home.root, str(until)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number, role in enumerate([*ROLES, "holder", "reader", "reader", "reader"])
    }
    told = {}
    for (role, number), process in started.items():
        out, problem = process.communicate(timeout=seconds + 60)
        assert process.returncode == 0, f"{role} failed: {problem}"
        told[role, number] = json.loads(out)
    assert all(min(counts.values()) > 0 for counts in told.values()), told
    batches = sum(counts.get("batches", 0) for counts in told.values())
    articles = sum(counts.get("articles", 0) for counts in told.values())
    assert query(home, CHECK).rows == [(batches, articles, 0, articles)], told
    sys.stdout.write(f"{told}\n")  # shown by pytest -s


def test_nobody_fails_and_nothing_is_lost(tmp_path: Path) -> None:
    """Five seconds of it."""
    contend(Home(tmp_path), 5)


@pytest.mark.slow
def test_nobody_fails_and_nothing_is_lost_for_long(tmp_path: Path) -> None:
    """Thirty seconds of it."""
    contend(Home(tmp_path), 30)


if __name__ == "__main__":
    main()
