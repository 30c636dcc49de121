"""The flow `ingest`, for real: Prefect, HTTP on loopback, trafilatura, DuckDB."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from prefect.settings import get_current_settings

from flows.accounts import OUTCOMES
from flows.cluster import workers_for
from flows.ingest import ingest
from flows.settings import load_settings
from flows.start import opened
from flows.summary import Summary
from tasks.articles.errors import NewsLedgerError, SettingsError, SourceError
from tasks.articles.identity import stable_uuid
from tasks.sources.registry import load_sources
from tasks.sources.sample.faults import faults
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.sample.story import stories
from warehouse.archive import pending
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")
LISTED = [fault for fault in faults() if fault.listed]


def run() -> Summary:
    """Ingest the bundled newsroom once."""
    return asyncio.run(ingest(["sample"]))


def counts(summary: Summary) -> dict[str, int]:
    """Return the outcomes of a run that had any."""
    (poll,) = summary.polls
    return {name: poll.counts[name] for name in OUTCOMES if poll.counts[name]}


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def test_the_first_run_brings_everything_in(first: Path) -> None:
    """Each story is an article, each fault has its outcome with a reason, nothing is missing."""
    outcomes = dict(ask(first, "SELECT outcome, count(*)::INT FROM outcomes GROUP BY 1"))
    there = [story for story in stories() if story.from_edition == 1]
    hollow = 1  # a page without any text
    assert outcomes["stored"] == len(there) - hollow
    assert outcomes["rejected"] == hollow + sum(f.outcome == "rejected" for f in LISTED)
    assert outcomes["deferred"] == sum(f.outcome == "deferred" for f in LISTED)
    reasons = ask(
        first,
        "SELECT l.url, o.outcome, o.reason FROM outcomes AS o JOIN listings AS l"
        " USING (listing_id)",
    )
    for fault in LISTED:
        assert ("http://newsroom.example" + fault.path, fault.outcome, fault.reason) in reasons
    ((listed, missing),) = ask(first, "SELECT listed, missing FROM completeness")
    assert (listed, missing) == (len(there) + len(LISTED), 0)


def test_tags_have_evidence(first: Path) -> None:
    """Every ticker has a mention, every mention is where it says, topics name their phrases."""
    assert ask(first, "SELECT count(*) > 50 FROM article_tickers WHERE len(evidence) > 0") == [
        (True,)
    ]
    assert (
        ask(
            first,
            """
        SELECT m.text FROM ticker_mentions AS m JOIN article_texts AS t USING (version_id)
        WHERE m.field = 'text' AND substring(t.text, m.char_start + 1, m.char_end - m.char_start)
            <> m.text
        """,
        )
        == []
    )
    assert ask(first, "SELECT count(*) FROM article_topics WHERE len(evidence) = 0") == [(0,)]
    assert ask(first, "SELECT count(*) FROM topics") == [(50,)]


def test_every_later_run_adds_what_is_new_and_nothing_twice(first: Path) -> None:
    """A correction is a revision, a removal hides the article, the rest is not asked for again."""
    before = ask(first, "SELECT now()")[0][0]
    second = run()
    fetched = {"stored": 1, "revised": 1, "removed": 1}
    assert counts(second) | fetched == counts(second)
    assert second.pages == 3
    assert ask(
        first, "SELECT cause, revision FROM article_versions WHERE revision > 1 ORDER BY cause"
    ) == [("removed", 2), ("revised", 2)]
    (gone,) = [story for story in stories() if story.gone_from_edition]
    corrected = next(story for story in stories() if story.correction)
    assert corrected.correction
    assert ask(first, f"SELECT title FROM articles WHERE title = '{gone.title}'") == []
    knew = f"SELECT text FROM articles_as_of('{before}') WHERE url LIKE '%{corrected.path}'"
    knows = f"SELECT text FROM articles WHERE url LIKE '%{corrected.path}'"
    assert corrected.correction.old in ask(first, knew)[0][0]
    assert corrected.correction.new in ask(first, knows)[0][0]
    third = run()
    assert third.pages == 0
    assert counts(third) == {}, "lists that have not changed list nothing"
    assert (
        ask(
            first,
            "SELECT listed = stored + revised + unchanged + rejected + deferred + removed "
            "FROM polls",
        )
        == [(True,)] * 3
    )


def test_what_a_killed_run_archived_is_loaded_by_the_next(home: Path) -> None:
    """Kill -9 after the archive and before the load: nothing is fetched twice, nothing lost."""
    script = (
        "import asyncio, os, flows.batches\n"
        "from flows.ingest import ingest\n"
        "async def killed(*_): os.kill(os.getpid(), 9)\n"
        "flows.batches.load = killed\n"
        "asyncio.run(ingest(['sample']))\n"
    )
    server = {"PREFECT_API_URL": str(get_current_settings().api.url)}
    died = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | server,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert len(pending(Home(home))) == 1
    summary = run()
    (poll,) = summary.polls
    assert poll.resumed >= 38
    assert poll.counts["stored"] >= 38
    assert pending(Home(home)) == []
    log = ask(home, "SELECT state FROM run_log ORDER BY started_at")
    assert log == [("interrupted",), ("finished",)]
    assert sum(counts(run()).values()) > 0, "what had no page yet was asked for anew"
    assert ask(home, "SELECT count(*) FROM outcomes GROUP BY listing_id HAVING count(*) > 2") == []


def test_a_deferred_listing_is_tried_again_when_it_is_due(first: Path) -> None:
    """Not before its time; then again, and after another failure it waits twice as long."""
    assert counts(run())["deferred"] == 1
    with writing(Home(first)) as connection:
        connection.execute("UPDATE outcomes SET retry_at = fetched_at WHERE outcome = 'deferred'")
    summary = run()
    assert (summary.pages, summary.polls[0].resumed) == (0, 1)
    waits = ask(
        first,
        "SELECT retry_at - fetched_at FROM outcomes WHERE outcome = 'deferred' ORDER BY fetched_at",
    )
    assert waits == [(timedelta(0),), (timedelta(minutes=10),)]


def test_a_damaged_archive_file_costs_itself_alone(first: Path) -> None:
    """It is set aside and named; the run goes on."""
    name = f"{stable_uuid('damaged')}.parquet"
    (first / "archive" / "pending").mkdir(exist_ok=True)
    (first / "archive" / "pending" / name).write_bytes(b"PAR1 no more")
    summary = run()
    assert name in summary.warnings[0]
    assert (first / "archive" / "damaged" / name).exists()
    assert counts(summary)["stored"] == 1


def test_two_runs_at_once_do_no_harm(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deployment fired twice: every article once, every version once."""
    monkeypatch.setattr("flows.start.Newsroom", lambda edition: Newsroom(min(edition, 1)))

    async def twice() -> tuple[Summary, Summary]:
        return await asyncio.gather(ingest(["sample"]), ingest(["sample"]))

    for summary in asyncio.run(twice()):
        assert sum(counts(summary).values()) == summary.polls[0].listed
    there = [story for story in stories() if story.from_edition == 1]
    assert ask(
        home, "SELECT count(*), count(DISTINCT article_key), max(revision) FROM article_versions"
    ) == [(len(there) - 1, len(there) - 1, 1)]


@contextmanager
def analyst(live: Path) -> Iterator[int]:
    """Hold the live file open in another process, as a notebook would; give its id."""
    script = (
        "import duckdb, sys; "
        f"held = duckdb.connect({str(live)!r}, read_only=True); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout
        reader.stdout.readline()
        try:
            yield reader.pid
        finally:
            reader.communicate()


def test_a_held_database_fails_no_run_and_loses_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An analyst has the live file open for two whole runs; the third one loads all, once."""
    monkeypatch.setenv("NEWSLEDGER_LOCK_SECONDS", "0.3")
    with writing(Home(home)):
        pass
    with analyst(home / "live.duckdb") as pid:
        held = run()
        assert counts(held) == {"deferred": held.polls[0].listed}
        (warning,) = held.warnings
        assert f"process {pid}" in warning
        assert "the next run loads them" in warning
        again = run()
        assert again.polls[0].resumed == held.pages > 30
        assert again.pages == held.pages, "nothing was fetched twice"
        assert counts(again) == {"deferred": again.polls[0].listed}
    summary = run()
    assert summary.warnings == ()
    assert summary.polls[0].resumed >= held.pages
    there = [story for story in stories() if story.from_edition == 1]
    first_looks = "SELECT count(*), count(DISTINCT article_key) FROM article_versions"
    assert ask(home, f"{first_looks} WHERE revision = 1") in [
        [(count, count)] for count in range(len(there) - 1, len(stories()))
    ]
    ((missing,),) = ask(home, "SELECT sum(missing)::INT FROM completeness")
    assert missing == 0
    doubles = "SELECT outcome_id FROM outcomes GROUP BY 1 HAVING count(*) > 1"
    assert ask(home, doubles) == []
    log = "SELECT state, listed = deferred, error FROM run_log ORDER BY started_at"
    assert ask(home, log) == [
        ("finished", True, ""),
        ("finished", True, ""),
        ("finished", False, ""),
    ]
    assert pending(Home(home)) == []
    assert list((home / "unrecorded").iterdir()) == []


class Dead(BaseHTTPRequestHandler):
    """A server whose feed has become a web page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html><body>Welcome to our new site</body></html>")

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def dead_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Declare a source whose feed is not XML."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Dead) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        (tmp_path / "dead.toml").write_text(
            f'title = "Dead"\npublisher = "dead.example"\nhome = "{address}/"\n'
            f'[[lists]]\nkind = "feed"\nurl = "{address}/feed"\n'
            "[politeness]\nallow_private = true\n"
        )
        monkeypatch.setenv("NEWSLEDGER_SOURCES", str(tmp_path))
        monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@newsroom.example")
        yield "dead"
        server.shutdown()


def test_a_dead_feed_is_a_failure_not_an_empty_success(home: Path, dead_source: str) -> None:
    """Alone it fails the run; beside a living source it is told, and costs the other nothing."""
    with pytest.raises(NewsLedgerError, match="not an RSS, Atom or JSON feed"):
        asyncio.run(ingest([dead_source]))
    summary = asyncio.run(ingest([dead_source, "sample"]))
    dead, sample = summary.polls
    assert dead.is_dead
    assert sample.counts["stored"] > 30
    assert ask(home, "SELECT state FROM run_log ORDER BY started_at") == [
        ("failed",),
        ("finished",),
    ]
    ((error,),) = ask(home, "SELECT DISTINCT error FROM polls WHERE source = 'dead'")
    assert "not_a_list" in error  # the reason, once


def test_mistakes_are_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown source and a wrong setting raise their sentence."""
    with pytest.raises(SourceError, match="did you mean 'sample'"):
        asyncio.run(ingest(["sampel"]))
    monkeypatch.setenv("NEWSLEDGER_WORKERS", "none")
    with pytest.raises(SettingsError, match="NEWSLEDGER_WORKERS"):
        asyncio.run(ingest(["sample"]))


def test_a_failing_batch_waits_in_the_archive(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in one batch is told, its pages stay, and the next run loads them."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("flows.batches.tag", broken)
        summary = run()
        assert counts(summary) == {"deferred": summary.polls[0].listed}
        assert "ZeroDivisionError" in summary.warnings[0]
    assert len(pending(Home(home))) == 1
    assert run().polls[0].counts["stored"] >= 38


def children() -> set[int]:
    """Return the ids of the processes that this one has started."""
    return {child.pid for child in psutil.Process().children()}


def test_resources_are_closed_when_a_run_fails(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newsroom's port is free again, the workers are gone, the run is written down."""
    monkeypatch.setattr("flows.start.workers_for", workers_for)
    before = children()
    settings, sources = load_settings(), load_sources()
    run_id = stable_uuid("failing")

    async def failing() -> None:
        async with opened(settings, sources, [sources["sample"]], run_id):
            raise RuntimeError("in the middle")

    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="in the middle"):
        asyncio.run(failing())
    assert threading.active_count() <= threads
    assert children() <= before
