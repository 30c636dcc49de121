"""The flow `upkeep` and its commands, on a newsroom that was ingested for real."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.clock import utc_now
from flows.takedown import request_of
from flows.upkeep import steps, upkeep
from tasks.articles.errors import NewsLedgerError
from tasks.articles.identity import article_key, stable_uuid
from tasks.sources.registry import load_sources
from tasks.sources.schema import Rights
from tests.command import newsledger
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query, table_counts
from warehouse.retention import Expired, expire
from warehouse.snapshot import publish

WAIT = timedelta(seconds=30)


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


def test_a_night(first: Path, prefect: None) -> None:
    """Each step tells what it came to; the export has every row; a second night doubles nothing."""
    told = asyncio.run(upkeep())
    names = [line.split(":")[0] for line in told]
    assert names[:4] == ["takedowns", "checkpoint", "checks", "compaction"]
    assert names[4:] == ["publishing", "search index", "export"]
    counts = table_counts(Home(first))
    rows = f"read_parquet('{first}/export/article_versions/**/*.parquet')"
    exported = f"SELECT count(*) FROM {rows}"
    assert duckdb.execute(exported).fetchall() == [(counts["article_versions"],)]
    asyncio.run(upkeep())
    assert duckdb.execute(exported).fetchall() == [(counts["article_versions"],)]


def test_one_step_that_fails_keeps_the_others_from_nothing(first: Path, prefect: None) -> None:
    """The flow fails at its end, with the sentence; what could be done was done."""
    (first / "export").write_text("in the way")
    with pytest.raises(NewsLedgerError, match="export could not be exported to"):
        asyncio.run(upkeep())
    assert not [p for p in first.glob("archive/pages/*/*") if "packed" not in p.name][1:]


def test_a_licence_that_ends_takes_texts_and_pages(first: Path) -> None:
    """Headlines, tags and the ledger stay; the rest leaves the bytes too; repeating is nothing."""
    home = Home(first)
    text = ask(first, "SELECT text FROM articles ORDER BY text_length DESC LIMIT 1")[0][0]
    sample = load_sources()["sample"].model_copy(update={"rights": Rights(retention_days=0)})
    (step,) = [step for step in steps(home, WAIT, [sample]) if step.name.startswith("retention")]
    expired = step.work()
    assert isinstance(expired, Expired)
    assert min(expired.texts, expired.listings, expired.pages) > 30
    publish(home)
    assert ask(first, "SELECT count(*) > 30, max(text), max(text_length) > 0 FROM articles") == [
        (True, "", True)
    ]
    assert list(first.glob("archive/pages/*/*.parquet")) == []
    words = text.encode()[:60]
    assert not [path for path in first.rglob("*.duckdb") if words in path.read_bytes()]
    assert expire(home, "sample", utc_now()) == Expired(0, 0, 0)


def test_a_young_text_stays(first: Path) -> None:
    """Only what is older goes, and only of that source."""
    assert expire(Home(first), "sample", utc_now() - timedelta(days=1)) == Expired(0, 0, 0)
    assert expire(Home(first), "other", utc_now()) == Expired(0, 0, 0)


def test_an_address_is_taken_down_by_the_command(first: Path) -> None:
    """With a tracking parameter and all; a word of its text is in no file afterwards."""
    url, title = ask(first, "SELECT url, title FROM articles ORDER BY text_length DESC LIMIT 1")[0]
    assert newsledger("export", str(first / "out")).returncode == 0
    done = newsledger("takedown", f"{url}?utm_source=x", "--why", "the publisher asked")
    assert done.stdout.startswith("1 articles, 1 raw pages and 1 headlines are gone, 1 exports")
    assert [
        p.name for p in first.rglob("*") if p.is_file() and title.encode() in p.read_bytes()
    ] == []
    assert ask(first, f"SELECT count(*) FROM articles WHERE url = '{url}'") == [(0,)]
    assert ask(first, "SELECT why FROM takedowns") == [("the publisher asked",)]
    wrong = newsledger("takedown", "no address", "--why", "x")
    assert (wrong.returncode, "neither an article_key" in wrong.stderr) == (1, True)


def test_what_a_takedown_may_be_given() -> None:
    """A key as it is; an address as every key that a source could have made of it."""
    sources = load_sources().values()
    key = stable_uuid("x")
    assert request_of(str(key), "w", sources).keys == {key}
    asked = request_of("https://unknown.example/a?utm_id=1", "w", sources)
    assert article_key("", url="https://unknown.example/a") in asked.keys
    assert asked.places == {"https://unknown.example/a?utm_id=1", "https://unknown.example/a"}


@pytest.mark.usefixtures("prefect", "one_worker")
def test_the_newsroom_does_not_bring_it_back(first: Path) -> None:
    """The next run refuses what was taken down, counts it, and keeps no page of it."""
    from flows.ingest import ingest  # noqa: PLC0415  Prefect only where a test needs it

    url = ask(first, "SELECT url FROM articles ORDER BY text_length DESC LIMIT 1")[0][0]
    assert newsledger("takedown", url, "--why", "test").returncode == 0
    with writing(Home(first)) as connection:
        connection.execute("DELETE FROM outcomes WHERE reason = 'taken_down'")  # as if unknown
        connection.execute(
            "DELETE FROM outcomes WHERE listing_id IN (SELECT listing_id FROM "
            "listings WHERE title = '')"
        )
    summary = asyncio.run(ingest(["sample"]))
    assert summary.polls[0].counts["rejected"] == 1
    assert ask(first, "SELECT count(*) FROM outcomes WHERE reason = 'taken_down'") == [(1,)]
    assert ask(first, f"SELECT count(*) FROM articles WHERE url = '{url}'") == [(0,)]
    archived = f"read_parquet('{first}/archive/pages/*/*.parquet')"
    assert duckdb.execute(f"SELECT count(*) FROM {archived} WHERE url = '{url}'").fetchall() == [
        (0,)
    ]
