"""The flow `reprocess`, for real: Prefect, worker processes, trafilatura, DuckDB; no network."""

import asyncio
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from flows.clock import utc_now
from flows.ingest import ingest
from flows.rebuild import rebuild
from flows.replay_card import print_reprocessed
from flows.reprocess import reprocess
from flows.takedown import request_of
from flows.tally import Reprocessed
from tasks.articles.errors import KnowledgeError, NewsLedgerError
from tasks.restate import restate
from tasks.sources.registry import load_sources
from warehouse.changes import count_change
from warehouse.connection import writing
from warehouse.errors import ArchiveError, WarehouseMissing
from warehouse.home import Home
from warehouse.journal import Journal
from warehouse.query import query, table_counts
from warehouse.snapshot import publish
from warehouse.takedown import take_down

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")
WAIT = timedelta(seconds=30)
WIDTH = 80
JANUARY, FEBRUARY = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2))
NAMED = "SELECT count(*) FROM article_tickers WHERE symbol = 'BTC'"
# As if older rules had missed a ticker in every article about it, ...
TICKER_MISSED = (
    "DELETE FROM article_tickers WHERE symbol = 'BTC'",
    "DELETE FROM ticker_mentions WHERE symbol = 'BTC'",
    "UPDATE article_versions SET tickers = list_filter(tickers, lambda t: t <> 'BTC')",
)
# ... and left a line of advertising in every text.
LINE_LEFT = (
    "UPDATE article_texts SET text = text || chr(10) || 'Subscribe now.'",
    "UPDATE article_versions SET text_length = text_length + 15",
    "UPDATE article_versions SET content_hash = md5(page_id::VARCHAR)::UUID WHERE text_length > 0",
    "UPDATE outcomes SET content_hash = md5(page_id::VARCHAR)::UUID WHERE content_hash IS NOT NULL",
)


def by_older_rules(home: Path, statements: Sequence[str]) -> None:
    """Change what is stored, as if other rules had been in force when it was loaded."""
    with writing(Home(home), wait=WAIT) as connection:
        for statement in statements:
            connection.execute(statement)
        count_change(connection)
    publish(Home(home))


def again(**asked: Any) -> Reprocessed:
    """Reprocess once."""
    return asyncio.run(reprocess(**asked))


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def counts(home: Path) -> dict[str, int]:
    """Count the rows of tables that hold articles."""
    found = table_counts(Home(home))
    return {name: found[name] for name in found if name.startswith(("article", "ticker", "super"))}


def test_under_the_same_rules_nothing_changes(first: Path) -> None:
    """All articles are read, and none is another; nobody was asked, and no file is left."""
    before = counts(first)
    done = again()
    (articles,) = ask(first, "SELECT count(*) FROM articles")[0]
    assert (done.tally.read.total(), done.missing, done.tally.problems) == (articles, 0, [])
    assert not done.tally.by_rule, done.tally.by_rule
    assert (done.tally.restated, done.file) == (0, None)
    assert counts(first) == before
    assert list(Home(first).differences.iterdir()) == [], "a lock, journal or empty file is left"


def test_better_rules_become_versions(first: Path) -> None:
    """What is different now is appended, once; what was known before can still be asked for."""
    (had,) = ask(first, NAMED)[0]
    by_older_rules(first, TICKER_MISSED)
    before, told = utc_now(), again()
    assert told.tally.restated == had > 1
    assert ask(first, NAMED) == [(had,)]
    causes = "SELECT DISTINCT v.cause FROM articles JOIN article_versions AS v USING (version_id)"
    assert ask(first, f"{causes} WHERE list_contains(v.tickers, 'BTC')") == [("reprocessed",)]
    earlier = f"articles_as_of('{before}')"
    assert ask(first, f"SELECT count(*) FROM {earlier} WHERE list_contains(tickers, 'BTC')") == [
        (0,)
    ]
    found = counts(first)
    assert again().tally.restated == 0
    assert counts(first) == found


def test_a_dry_run_tells_and_appends_nothing(first: Path) -> None:
    """Each difference is a row of a file and counted by rule and language."""
    by_older_rules(first, TICKER_MISSED)
    before = counts(first)
    told = again(dry_run=True)
    assert counts(first) == before
    assert told.file
    rows = duckdb.sql(
        f"SELECT part, change, subject, rule, language, count(*) FROM '{told.file}' GROUP BY ALL"
    ).fetchall()
    assert {row[:3] for row in rows} == {("tickers", "gained", "CRYPTO:BTC")}
    assert all(rule for _, _, _, rule, *_ in rows)
    assert sum(row[-1] for row in rows) == told.tally.changed.total() == told.tally.by_rule.total()
    assert told.tally.by_language["en", "tickers", "gained"]
    assert ask(first, "SELECT count(*) FROM runs WHERE flow = 'reprocess'") == [(0,)]


def test_texts_change_with_their_tags(first: Path) -> None:
    """A line that should not be there goes; the difference quotes none of it."""
    by_older_rules(first, LINE_LEFT)
    told = again()
    assert told.tally.restated == told.tally.read.total() > 30
    assert ask(first, "SELECT count(*) FROM articles WHERE text LIKE '%Subscribe now.'") == [(0,)]
    assert ask(
        first,
        "SELECT DISTINCT text[char_start + 1:char_end] = mention FROM articles INNER JOIN"
        " (SELECT version_id, char_start, char_end, text AS mention FROM ticker_mentions"
        " WHERE field = 'text') USING (version_id)",
    ) == [(True,)]
    assert told.file
    kept = duckdb.sql(f"SELECT before, after FROM '{told.file}' WHERE subject = 'text'").fetchall()
    assert all("characters" in said for row in kept for said in row)


def test_only_holds_the_other_parts(first: Path) -> None:
    """Tickers alone: topics and the text stay as older rules had them, and nothing is extracted."""
    by_older_rules(first, [*TICKER_MISSED, *LINE_LEFT, "DELETE FROM article_topics"])
    shutil.rmtree(first / "archive")
    told = again(only=["tickers"])
    assert told.tally.restated > 1
    assert {part for part, *_ in told.tally.by_rule} == {"tickers"}
    assert ask(first, "SELECT count(*) FROM article_topics") == [(0,)]
    assert (
        ask(first, "SELECT count(*), count(*) FILTER (text LIKE '%Subscribe now.') FROM articles")[
            0
        ]
        == (told.tally.read.total(),) * 2
    )


def test_what_is_gone_stays_gone(first: Path) -> None:
    """Neither what the publisher removed nor what was taken down is said again."""
    asyncio.run(ingest(["sample"]))
    ((url,),) = ask(first, "SELECT url FROM articles WHERE list_contains(tickers, 'BTC') LIMIT 1")
    request = request_of(url, "a test", load_sources().values())
    take_down(Home(first), request, utc_now, wait=WAIT)
    by_older_rules(first, LINE_LEFT)
    gone = ask(first, "SELECT article_key FROM article_versions WHERE cause = 'removed'")
    told = again()
    assert told.tally.restated
    assert told.missing == 0
    said = ask(first, "SELECT article_key, url FROM articles")
    assert gone
    assert not {key for (key,) in gone} & {key for key, _ in said}
    assert url not in {there for _, there in said}


def test_a_corrupt_file_among_good_ones(first: Path) -> None:
    """It is named, its articles stay as they are, the others are read."""
    asyncio.run(ingest(["sample"]))
    files = list(first.glob("archive/pages/*/*.parquet"))
    smallest = min(files, key=lambda path: path.stat().st_size)
    content = smallest.read_bytes()
    smallest.write_bytes(content[: len(content) // 2])
    by_older_rules(first, LINE_LEFT)
    told = again()
    (problem,) = told.tally.problems
    assert str(smallest) in problem
    assert "damaged" in problem
    assert told.missing
    assert told.tally.restated == told.tally.read.total()


def test_only_what_was_asked_for(first: Path) -> None:
    """Since is the first instant that counts, until the first that does not."""
    by_older_rules(first, LINE_LEFT)
    ((at,),) = ask(first, "SELECT median(published_at) FROM articles")
    at = at.replace(microsecond=0)
    told = again(since=at, until=at + timedelta(days=2), sources=["sample"], dry_run=True)
    expected = ask(
        first,
        f"SELECT count(*)::INT FROM articles WHERE published_at >= '{at}'"
        f" AND published_at < '{at + timedelta(days=2)}'",
    )
    assert [(told.tally.changed.total(),)] == expected
    assert 0 < expected[0][0] < 30


def test_it_goes_on_where_it_was_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped between a commit and its note in the journal: each article is restated once."""
    monkeypatch.setenv("NEWSLEDGER_BATCH_SIZE", "10")
    asyncio.run(ingest(["sample"]))
    by_older_rules(home, LINE_LEFT)
    units: list[int] = []

    async def killed(*given: Any) -> frozenset[UUID]:
        found: frozenset[UUID] = await restate(*given)
        units.append(len(found))
        if len(units) == 3:
            raise RuntimeError("killed")
        return found

    with monkeypatch.context() as patch:
        patch.setattr("flows.replay.restate", killed)
        with pytest.raises(RuntimeError, match="killed"):
            again()
    told = again()
    articles = ask(home, "SELECT count(*)::INT FROM articles")[0][0]
    assert told.tally.read.total() == articles
    assert told.tally.restated < articles, "what was not noted had been restated all the same"
    restated = "SELECT count(*)::INT FROM article_versions WHERE cause = 'reprocessed'"
    assert ask(home, restated) == [(articles,)]
    assert ask(home, "SELECT count(*) FROM articles WHERE text LIKE '%Subscribe now.'") == [(0,)]


def test_beside_a_run_that_ingests(first: Path) -> None:
    """Both write; the checks find nothing wrong, and nobody's work is lost."""
    by_older_rules(first, TICKER_MISSED)

    async def both() -> None:
        await asyncio.gather(reprocess(), ingest(["sample"]))

    asyncio.run(both())
    publish(Home(first))
    assert ask(first, "SELECT check_name, subject, detail FROM failing") == []
    assert ask(first, NAMED + " AND available_at > (SELECT min(available_at) FROM batches)")[0][0]
    assert ask(first, "SELECT count(*) FROM article_versions WHERE cause = 'removed'") == [(1,)]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"since": FEBRUARY, "until": JANUARY}, "give a later --until"),
        ({"since": FEBRUARY, "until": FEBRUARY}, "Nothing lies between"),
        ({"only": ["ticker"]}, "there is no 'ticker'"),
        ({"sources": ["smaple"]}, "smaple"),
    ],
)
def test_orders_that_make_no_sense(home: Path, asked: dict[str, Any], sentence: str) -> None:
    """A sentence says what is wrong, before anything is looked for."""
    with pytest.raises(NewsLedgerError, match=sentence):
        again(**asked)
    assert not home.exists()


def test_a_mistake_in_a_rule_is_told_before_anything_is_read(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the rules of any language, whether it comes or not; a rebuild tells it, too."""

    def broken(_: object) -> None:
        raise KnowledgeError("de.toml: [crypto] strong")

    monkeypatch.setattr("flows.start.knowledge_version", lambda: "mistaken")
    monkeypatch.setattr("flows.start.apart", broken)
    runs = ask(first, "SELECT count(*) FROM runs")
    with pytest.raises(KnowledgeError, match=r"de\.toml"):
        again()
    with pytest.raises(KnowledgeError, match=r"de\.toml"):
        asyncio.run(rebuild(tmp_path / "anew"))
    assert ask(first, "SELECT count(*) FROM runs") == runs


def test_without_data_there_is_a_sentence(home: Path) -> None:
    """Nothing was ever loaded."""
    with pytest.raises(WarehouseMissing, match="nothing was ever loaded there"):
        again()


def test_a_span_without_articles(first: Path) -> None:
    """It is no error, and is said."""
    told = again(until=datetime(1990, 1, 1, tzinfo=UTC))
    assert "Nothing to read again" in printed(told)


def test_what_is_printed_fits_a_terminal(first: Path) -> None:
    """A row a language, a row a rule, examples with headlines, and where the file is."""
    by_older_rules(first, TICKER_MISSED)
    lines = printed(again(dry_run=True)).splitlines()
    told = next(n for n, line in enumerate(lines) if "articles read again" in line)
    assert max(map(len, lines[:told])) <= WIDTH
    for said in ("language", "Differences by rule", "Examples", "this was a dry run", ".parquet"):
        assert any(said in line for line in lines), said


def printed(told: Reprocessed) -> str:
    """Return what the command prints, on a terminal of the usual width."""
    out = io.StringIO()
    print_reprocessed(told, Console(file=out, width=WIDTH, highlight=False))
    return out.getvalue()


def test_the_same_run_twice_at_once(tmp_path: Path) -> None:
    """The second one says so, and does nothing; when the first is done, its turn has come."""
    first, second = (Journal(tmp_path / "run.jsonl", pa.schema([])) for _ in range(2))
    refused = pytest.raises(ArchiveError, match="doing the very same now")
    with first.held(), refused, second.held():
        pass
    with second.held():
        pass


def test_a_torn_journal_is_taken_up_to_its_last_whole_unit(tmp_path: Path) -> None:
    """What a killed run half wrote is dropped, and its unit is done again."""
    schema = pa.schema([pa.field("subject", pa.string())])
    journal = Journal(tmp_path / "run.jsonl", schema)
    journal.add({"unit": "1"}, [{"subject": "a"}])
    journal.add({"unit": "2"}, [{"subject": "b"}])
    with (tmp_path / "run.jsonl").open("a") as file:
        file.write('{"subject": "c"}\n{"unit": "3')
    assert [unit["unit"] for unit, _ in Journal(tmp_path / "run.jsonl", schema).units()] == [
        "1",
        "2",
    ]
    journal.add({"unit": "3"}, [{"subject": "c"}])
    journal.finish(tmp_path / "rows.parquet")
    assert pq.read_table(tmp_path / "rows.parquet")["subject"].to_pylist() == ["a", "b", "c"]
    assert not (tmp_path / "run.jsonl").exists()


@pytest.mark.slow
def test_killed_for_real(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`kill -9` while units are being restated; the same command then finishes the work."""
    monkeypatch.setenv("NEWSLEDGER_BATCH_SIZE", "3")
    asyncio.run(ingest(["sample"]))
    by_older_rules(home, LINE_LEFT)
    command = str(Path(sys.executable).parent / "newsledger")
    run = subprocess.Popen([command, "reprocess"], start_new_session=True)
    try:
        while run.poll() is None and not journalled(home):
            time.sleep(0.01)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    told = again()
    articles = ask(home, "SELECT count(*)::INT FROM articles")[0][0]
    restated = "SELECT count(*)::INT FROM article_versions WHERE cause = 'reprocessed'"
    assert ask(home, restated) == [(articles,)]
    assert told.tally.restated <= articles


def journalled(home: Path) -> bool:
    """Tell whether a run has noted a unit."""
    return any(path.stat().st_size for path in Home(home).differences.glob("*.jsonl"))
