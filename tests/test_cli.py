"""The command `newsledger`, as a shell runs it: what it prints, and how it fails."""

import csv
import io
import json
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.sample.story import stories
from tests.command import COMMAND, newsledger

STORY = next(story for story in stories() if story.slug == "micron-upgrade")
PAGES = Path(__file__).parent / "pages"
ARTICLE_KEYS = [
    "title",
    "authors",
    "published_at",
    "published_at_from",
    "published_at_precision",
    "published_at_doubts",
    "source_updated_at",
    "language",
    "text",
    "publisher_tickers",
    "publisher_topics",
]


def failing(*arguments: str, **environment: str) -> str:
    """Run a command that must fail with one sentence, and return it."""
    done = newsledger(*arguments, **environment)
    assert done.returncode in {1, 2}, done
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_help_answers_at_once() -> None:
    """A command that runs nothing imports nothing slow."""
    newsledger("--help")  # the first one compiles
    started = time.monotonic()
    done = newsledger("--help")
    assert time.monotonic() - started < 1.5, "what was imported? python -X importtime"
    assert {"ingest", "inspect", "query", "status", "sources"} <= set(done.stdout.split())


def test_a_page_is_inspected_as_json() -> None:
    """One object a line, with the keys that other programs rely on, in the order of the input."""
    done = newsledger(
        "inspect", "--json", str(PAGES / "modern.html"), str(PAGES / "edition_it.html")
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    for found in (first, second):
        assert {
            "input",
            "url",
            "outcome",
            "reason",
            "article",
            "tickers",
            "topics",
            "facts",
        } <= set(found)
        assert list(found["article"]) == ARTICLE_KEYS
        assert found["outcome"] == "stored"
        assert set(found["tickers"][0]) == {
            *("symbol", "exchange", "role", "role_because", "confidence", "relevance"),
            *("evidence", "mentions", "is_verified"),
        }
        assert set(found["topics"][0]) == {
            *("topic", "score", "relevance", "method", "evidence", "taxonomy_version")
        }
    assert first["input"].endswith("modern.html")
    assert second["article"]["language"] == "it"


def test_a_page_is_inspected_for_people() -> None:
    """A card with the title, the text and a line for each tag."""
    done = newsledger("inspect", str(PAGES / "modern.html"))
    found = json.loads(newsledger("inspect", "--json", str(PAGES / "modern.html")).stdout)
    assert found["article"]["title"] in done.stdout
    assert found["tickers"][0]["symbol"] in done.stdout
    assert found["topics"][0]["topic"] in done.stdout


def test_plain_text_is_inspected(tmp_path: Path) -> None:
    """A .txt file is the text of an article: no mark-up is asked for."""
    text = "Example Motors (NYSE:EXM) raised its dividend by 10%.\nThe shares gained 3%."
    (tmp_path / "story.txt").write_text(text)
    found = json.loads(newsledger("inspect", "--json", str(tmp_path / "story.txt")).stdout)
    assert (found["outcome"], found["article"]["text"]) == ("stored", text)
    assert found["tickers"][0]["symbol"] == "EXM"


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("empty.html", b"", "empty"),
        ("a.pdf", b"%PDF-1.7 \x00\x01", "not_html"),
        ("bare.html", b"<html><body></body></html>", "no_text"),
    ],
)
def test_a_page_without_an_article_is_rejected_with_a_reason(
    tmp_path: Path, name: str, body: bytes, reason: str
) -> None:
    """Rejection is an answer, not a failure of the command."""
    (tmp_path / name).write_bytes(body)
    done = newsledger("inspect", "--json", str(tmp_path / name))
    found = json.loads(done.stdout)
    assert (done.returncode, found["outcome"], found["reason"]) == (0, "rejected", reason)
    assert found["article"] is None


def test_an_address_is_inspected() -> None:
    """An http address is fetched; its final address is the article's."""
    with Newsroom() as newsroom:
        for path, outcome in (("/nowhere", "rejected"), (STORY.path, "stored")):
            address = newsroom.address + path
            done = newsledger("inspect", "--json", address, NEWSLEDGER_CONTACT="tests@x.example")
            found = json.loads(done.stdout)
            assert (found["input"], found["outcome"]) == (address, outcome)
    assert found["article"]["title"] == STORY.title


def test_an_unreadable_file_does_not_stop_the_others() -> None:
    """The others are answered; the command fails in the end, and says why."""
    done = newsledger("inspect", "--json", "/nowhere.html", str(PAGES / "modern.html"))
    assert done.returncode == 1
    assert "/nowhere.html cannot be read" in done.stderr
    assert json.loads(done.stdout)["outcome"] == "stored"


def test_without_a_contact_nothing_is_fetched() -> None:
    """The sentence says which setting is missing."""
    assert "NEWSLEDGER_CONTACT" in failing("inspect", "https://newsroom.example/story")


def test_queries_in_every_format(first: Path, tmp_path: Path) -> None:
    """The same rows as a table, CSV, JSON and Parquet."""
    sql = "SELECT title, tickers, published_at FROM articles ORDER BY published_at, title LIMIT 3"
    table = newsledger("query", sql).stdout.splitlines()
    assert table[0].split() == ["title", "tickers", "published_at"]
    assert len(table) == 4
    rows = json.loads(newsledger("query", sql, "--format", "json").stdout)
    assert [set(row) for row in rows] == [{"title", "tickers", "published_at"}] * 3
    printed = list(csv.DictReader(io.StringIO(newsledger("query", sql, "--format", "csv").stdout)))
    assert [row["title"] for row in printed] == [row["title"] for row in rows]
    (tmp_path / "q.sql").write_text(sql)
    target = tmp_path / "out.parquet"
    done = newsledger(
        "query", "--file", str(tmp_path / "q.sql"), "--format", "parquet", "--output", str(target)
    )
    assert done.returncode == 0, done.stderr
    assert pq.read_table(target).column("title").to_pylist() == [row["title"] for row in rows]


def test_status_says_how_things_stand(first: Path) -> None:
    """The last run, the freshness of each source, and how many rows there are."""
    done = newsledger("status")
    assert done.returncode == 0, done.stderr
    for words in ("Last runs", "finished", "sample", "articles", "news.duckdb"):
        assert words in done.stdout


def test_rejected_listings_are_taken_up_again(first: Path) -> None:
    """A dry run only shows them; then they are due, and there is nothing left to take up."""
    dry = newsledger("retry", "--source", "sample", "--dry-run")
    assert "redirect_loop" in dry.stdout
    assert "would be taken up" in dry.stdout
    one = newsledger("retry", "--reason", "no_text")
    assert one.stdout.splitlines()[1].split() == ["sample", "no_text", "1"]
    assert "4 rejected listings are taken up" in newsledger("retry").stdout
    assert newsledger("retry").stdout.startswith("0 rejected listings")
    assert "did you mean 'no_text'" in failing("retry", "--reason", "no_txt")


def test_sources_are_listed() -> None:
    """Declared ones, and whether they are enabled."""
    lines = newsledger("sources").stdout.splitlines()
    assert any(line.split()[:2] == ["sample", "yes"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("query", "SELECT 1"), "newsledger ingest"),
        (("status",), "newsledger ingest"),
        (("query",), "either as an argument or with --file"),
        (("query", "SELECT 1", "--format", "parquet"), "--output"),
        (("query", "SELECT 1", "--format", "yaml"), "yaml"),
        (("query", "--file", "/nowhere.sql"), "/nowhere.sql"),
        (("ingest", "--source", "sampel"), "did you mean 'sample'"),
        (("inspect", "/nowhere.html"), "/nowhere.html cannot be read"),
        (("inspect", "--source", "x", "/nowhere.html"), "There is no source 'x'"),
        (("nonsense",), "nonsense"),
    ],
)
def test_mistakes_get_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    """What happened and what to do, exit code 1 or 2, no traceback."""
    assert sentence in failing(*arguments)


def test_bad_sql_gets_a_sentence(first: Path) -> None:
    """DuckDB's objection, and what there is instead; the file cannot be changed."""
    assert "SELEC" in failing("query", "SELEC 1")
    assert "articles" in failing("query", "SELECT * FROM artikles")
    assert "read" in failing("query", "DELETE FROM article_versions")


def test_bad_settings_get_a_sentence(tmp_path: Path) -> None:
    """A wrong value, an unknown variable and a broken source file are told before anything runs."""
    assert "NEWSLEDGER_WORKERS" in failing("ingest", NEWSLEDGER_WORKERS="no")
    assert "did you mean NEWSLEDGER_HOME" in failing("status", NEWSLEDGER_HOEM="/x")
    (tmp_path / "mine.toml").write_text("title = 1\ntitel = 2")
    assert "did you mean 'title'" in failing("sources", NEWSLEDGER_SOURCES=str(tmp_path))


def test_a_file_that_is_no_database_gets_a_sentence(home: Path) -> None:
    """Somebody put something else in its place."""
    home.mkdir()
    (home / "news.duckdb").write_bytes(b"not a database" * 1000)
    assert "news.duckdb" in failing("query", "SELECT 1")


def test_a_pipe_that_closes_early_is_no_error(first: Path) -> None:
    """As with `newsledger query ... | head -1`."""
    shell = f"{COMMAND[0]} query 'SELECT * FROM range(200000)' --format csv | head -1"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("range\n", "")
