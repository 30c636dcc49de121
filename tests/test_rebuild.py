"""The flow `rebuild`: the drill, from an archive to a whole warehouse, compared table by table."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.clock import utc_now
from flows.ingest import ingest
from flows.rebuild import Rebuilt, rebuild
from flows.takedown import request_of
from tasks.sources.registry import load_sources
from tests.warm_worker import WarmWorker
from warehouse.errors import ArchiveError
from warehouse.export import export
from warehouse.home import Home
from warehouse.query import query
from warehouse.takedown import take_down

WAIT = timedelta(seconds=30)
# Each database has its own.
OWN = {"schema_migrations", "change_count", "check_results"}
PAGES_TELL = (
    "SELECT v.article_key, revision, cause, title, text, tickers, topics, content_hash,"
    " published_at FROM article_versions AS v INNER JOIN article_texts USING (version_id)"
    " WHERE cause <> 'removed'"
)


@pytest.fixture(autouse=True)
def _worker(warm_worker: WarmWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all rebuilds use one worker process."""
    monkeypatch.setattr("flows.rebuild.WorkerPool", warm_worker)


@pytest.fixture(scope="module")
def drilled(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home in which the newsroom was ingested three times, and one article taken down."""
    folder = tmp_path_factory.mktemp("drilled") / "home"
    shutil.copytree(ingested, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLEDGER_HOME", str(folder))
        asyncio.run(ingest(["sample"]))
        asyncio.run(ingest(["sample"]))
    url = query(Home(folder), "SELECT url FROM articles ORDER BY published_at LIMIT 1").rows[0][0]
    take_down(Home(folder), request_of(url, "a drill", load_sources().values()), utc_now, wait=WAIT)
    return folder


@pytest.fixture
def earlier(drilled: Path, home: Path) -> Path:
    """Give the test a copy of it as its home."""
    shutil.copytree(drilled, home)
    return home


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def rows_of(home: Path, table: str) -> list[tuple[Any, ...]]:
    """Return all rows of a table, in no order of their own, but for when they came in here."""
    names = {name for name, *_ in ask(home, f"DESCRIBE {table}")}
    but = ", ".join(sorted(names & {"run_id", "available_at"}))
    found = ask(home, f"SELECT * EXCLUDE ({but}) FROM {table}" if but else f"FROM {table}")
    return sorted(found, key=repr)


def tables(home: Path) -> list[str]:
    """Return the names of all tables that must be the same."""
    names = ask(home, "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL")
    return [name for (name,) in names if name not in OWN]


def made_anew(folder: Path) -> Rebuilt:
    """Rebuild once."""
    return asyncio.run(rebuild(folder))


def test_the_drill(prefect: None, earlier: Path, tmp_path: Path) -> None:
    """All tables are as they were, but for run ids and when rows came in; ingesting goes on."""
    done = made_anew(tmp_path / "anew")
    assert done.problems == ()
    assert {before == now for _, before, now in done.rows} == {True}
    for table in tables(earlier):
        was, is_now = rows_of(earlier, table), rows_of(tmp_path / "anew", table)
        if table == "runs":
            is_now = [row for row in is_now if "rebuild" not in row]
        assert is_now == was, table
    assert ask(earlier, "SELECT count(*) > 0 FROM article_versions WHERE cause = 'removed'") == [
        (True,)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLEDGER_HOME", str(tmp_path / "anew"))
        (poll,) = asyncio.run(ingest(["sample"])).polls
    assert (poll.counts["stored"], poll.counts["revised"]) == (0, 0)


def test_the_archive_alone(prefect: None, earlier: Path, tmp_path: Path) -> None:
    """Without any ledger, all that pages tell is there: articles, versions, tags, outcomes."""
    Home(earlier).news.rename(tmp_path / "kept.duckdb")
    Home(earlier).live.unlink()
    done = made_anew(tmp_path / "anew")
    assert done.told == ""
    (tmp_path / "kept.duckdb").rename(Home(earlier).news)
    for sql in (PAGES_TELL, "SELECT page_id, outcome FROM outcomes WHERE page_id IS NOT NULL"):
        taken = " AND article_key NOT IN (SELECT article_key FROM takedowns)"
        was = ask(earlier, sql + taken if "outcomes" in sql else sql)
        assert sorted(ask(tmp_path / "anew", sql), key=repr) == sorted(was, key=repr)


def test_the_export_stands_in(prefect: None, earlier: Path, tmp_path: Path) -> None:
    """Where the database files are lost, the nightly export tells what no page does."""
    export(Home(earlier), Home(earlier).exports)
    Home(earlier).news.rename(tmp_path / "kept.duckdb")
    Home(earlier).live.unlink()
    done = made_anew(tmp_path / "anew")
    assert done.told == str(Home(earlier).exports)
    (tmp_path / "kept.duckdb").rename(Home(earlier).news)
    for table in ("article_versions", "article_tickers", "outcomes", "takedowns", "listings"):
        assert rows_of(tmp_path / "anew", table) == rows_of(earlier, table), table


def test_a_killed_rebuild_goes_on(
    prefect: None, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its last step, and started again: as if nothing had happened."""
    with monkeypatch.context() as patch:
        patch.setattr("flows.rebuild._finish", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            made_anew(tmp_path / "anew")
    done = made_anew(tmp_path / "anew")
    assert done.batches == 0, "what was loaded is not read again"
    for table in ("article_versions", "article_tickers", "outcomes", "takedowns", "listings"):
        assert rows_of(tmp_path / "anew", table) == rows_of(earlier, table), table


def test_a_corrupt_file_loses_nothing(prefect: None, earlier: Path, tmp_path: Path) -> None:
    """It is named; its articles are carried over as they were."""
    largest = max(earlier.glob("archive/pages/*/*.parquet"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:1000])
    done = made_anew(tmp_path / "anew")
    assert any("damaged" in problem for problem in done.problems)
    assert done.carried > 30
    was = ask(earlier, "SELECT title, text FROM articles ORDER BY ALL")
    assert ask(tmp_path / "anew", "SELECT title, text FROM articles ORDER BY ALL") == was


def test_folders_that_will_not_do(earlier: Path, tmp_path: Path) -> None:
    """Nothing is written over, and the sentence says what to do."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ArchiveError, match="is not empty: rebuild into a new folder"):
        made_anew(tmp_path / "full")
    with pytest.raises(ArchiveError, match="lies within"):
        made_anew(earlier / "anew")
    shutil.rmtree(earlier / "archive")
    with pytest.raises(ArchiveError, match="nothing to rebuild from"):
        made_anew(tmp_path / "anew")
