"""What people ask: every example runs, every mistake is explained."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import RUN, START, Look, batch_of, listing_row, outcome_row, poll_row
from warehouse.append import append
from warehouse.connection import writing
from warehouse.errors import QueryError, WarehouseMissing
from warehouse.home import Home
from warehouse.ledger import record_listings, record_polls, start_run
from warehouse.query import query, query_to_file, table_counts
from warehouse.snapshot import publish
from warehouse.taxonomy import load_topics


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Give the home of a small published warehouse."""
    home = Home(tmp_path_factory.mktemp("warehouse"))
    refused, missing = Look("x", "", 1), Look("y", "", 1)
    looks = [Look("a", "A", 1, ("META",)), Look("a", "B", 2, ("META", "GOOGL")), Look("b", "A", 3)]
    topic = {
        "topic": "earnings",
        "topic_group": "company",
        "names": {"it": "Risultati"},
        "iptc_media_topic": "",
        "means": "",
    }
    batch = batch_of(
        looks,
        available_at=START + timedelta(minutes=10),
        listings=[listing_row(refused)],
        outcomes=[outcome_row(refused.listing_id, "rejected", refused.at)],
    )
    with writing(home) as connection:
        start_run(connection, run_id=RUN, flow="ingest", sources=["sample"], started_at=START)
        append(connection, batch)
        record_listings(connection, [listing_row(missing)], run_id=RUN, available_at=START)
        record_polls(connection, [poll_row(RUN, "sample", START)])
        load_topics(connection, [topic])
    publish(home)
    return home


def test_answers_have_names_types_and_plain_values(warehouse: Home) -> None:
    """Instants are aware and in UTC."""
    sql = "SELECT title, tickers, first_seen_at FROM articles WHERE title = $1"
    result = query(warehouse, sql, ["Headline B"])
    assert result.columns == ("title", "tickers", "first_seen_at")
    assert result.types == ("VARCHAR", "VARCHAR[]", "TIMESTAMP WITH TIME ZONE")
    assert result.rows == [("Headline B", ["META", "GOOGL"], START + timedelta(minutes=2))]
    named = query(warehouse, "SELECT $word AS said", {"word": "x"})
    assert named.rows == [("x",)]


def test_a_tickers_articles_are_those_of_now(warehouse: Home) -> None:
    """A version that was superseded is not among them; the symbol may be in any case."""
    assert query(warehouse, "SELECT title FROM latest('meta')").rows == [("Headline B",)]
    day = "SELECT title FROM mentions('META', '2026-03-02', '2026-03-03')"
    assert query(warehouse, day).rows == [("Headline B",)]
    assert query(warehouse, day.replace("2026-03-03", "2026-03-02 09:00")).rows == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM artikles", r"artikles does not exist.*articles.*latest\(ticker, n\)"),
        ("SELECT headline FROM articles", r'"headline" not found.*DESCRIBE'),
        ("SELEC 1", "syntax error"),
        ("SELECT", "(?i)syntax error|SELECT clause"),
        ("", "There is no SQL to run"),
        ("-- nothing", "There is no SQL to run"),
        ("DELETE FROM articles", "."),
        ("DELETE FROM runs", "can be read, not changed"),
        ("CREATE TABLE mine (a INT)", "can be read, not changed"),
        ("SELECT 'x'::INT", "Could not convert"),
        ("SELECT $1", "."),
        ("SELECT '\ud800'", "no text"),
        ("FROM 'https://127.0.0.1:9/a.parquet'", "."),
        ("FROM '/nowhere/a.parquet'", "No files found"),
    ],
)
def test_a_mistake_is_explained_in_words(warehouse: Home, sql: str, message: str) -> None:
    """What is wrong, and what there is instead; never a crash."""
    with pytest.raises(QueryError, match=message) as caught:
        query(warehouse, sql)
    assert "\n" not in str(caught.value)


def test_before_the_first_publishing_there_is_nothing_to_ask(tmp_path: Path) -> None:
    """The message says how to begin."""
    with pytest.raises(WarehouseMissing, match="newsledger ingest"):
        query(Home(tmp_path / "none"), "SELECT 1")


def test_an_answer_can_be_written_to_a_file(warehouse: Home, tmp_path: Path) -> None:
    """As Parquet, CSV or JSON; a quote in the name is no trouble, nor a comment at the end."""
    sql = "SELECT title, text FROM articles WHERE title <> $1 ORDER BY title; -- that is all"
    sql = sql.replace(";", "")
    for kind in ("parquet", "csv", "json"):
        path = tmp_path / f"ada's news.{kind}"
        assert query_to_file(warehouse, sql, path, kind, ["x"]) == 2
    quoted = str(tmp_path / "ada''s news.parquet")
    titles = duckdb.execute(f"SELECT title FROM '{quoted}'").fetchall()
    assert titles == [("Headline A",), ("Headline B",)]
    with (tmp_path / "ada's news.csv").open(newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == ["Headline A", "Headline B"]
    lines = (tmp_path / "ada's news.json").read_text().splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Headline A", "Headline B"]


def test_days_are_days_in_utc_for_every_reader(warehouse: Home) -> None:
    """Also for one whose own session is on the other side of midnight."""
    with duckdb.connect(warehouse.news, read_only=True) as connection:
        connection.execute("SET TimeZone = 'Pacific/Honolulu'")
        for view in ("mentions_daily", "completeness"):
            days = connection.execute(f"SELECT DISTINCT day FROM {view}").fetchall()
            assert days == [(START.date(),)]


def test_the_tables_can_be_counted(warehouse: Home) -> None:
    """By name, every one."""
    counts = table_counts(warehouse)
    assert counts["article_versions"] == 3
    assert counts["listings"] == 5
    assert counts["outcomes"] == 4
