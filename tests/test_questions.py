"""The commands `query`, `search` and `inspect` on what is stored, and `newsledger` itself."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.command import newsledger
from warehouse.home import Home
from warehouse.query import query

SQL = "SELECT title, language FROM articles ORDER BY title LIMIT 3"


def test_an_output_is_written_as_its_name_ends(first: Path, tmp_path: Path) -> None:
    """CSV, JSON and Parquet by the ending, a table else; --format goes before."""
    titles = [row[0] for row in query(Home(first), SQL).rows]
    files = {name: tmp_path / name for name in ("a.csv", "a.JSON", "a.parquet", "a.txt", "b.csv")}
    for name, file in files.items():
        chosen = ("--format", "json") if name == "b.csv" else ()
        done = newsledger("query", SQL, "--output", str(file), *chosen)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    with files["a.csv"].open(encoding="utf-8", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == titles
    for name in ("a.JSON", "b.csv"):
        assert [row["title"] for row in json.loads(files[name].read_text("utf-8"))] == titles
    assert pq.read_table(files["a.parquet"]).column("title").to_pylist() == titles
    assert files["a.txt"].read_text("utf-8").splitlines()[0].split() == ["title", "language"]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("SELECT 1; SELECT 2", "There are 2 statements"),
        ("COPY (SELECT 1) TO '{folder}/made.csv'", "A query reads"),
        ("EXPORT DATABASE '{folder}/made'", "A query reads"),
        ("ATTACH '{folder}/made.duckdb'", "A query reads"),
    ],
)
@pytest.mark.parametrize("form", ["table", "parquet"])
def test_one_statement_that_reads(
    first: Path, tmp_path: Path, sql: str, sentence: str, form: str
) -> None:
    """Others are refused, whatever the format, and no file is made."""
    folder = tmp_path / "files"
    folder.mkdir()
    where = ("--format", form, "--output", str(tmp_path / "answer"))
    done = newsledger("query", sql.format(folder=folder), *where)
    assert (done.returncode, sentence in done.stderr) == (1, True), done
    assert list(folder.iterdir()) == []


def test_what_one_statement_may_be(first: Path, tmp_path: Path) -> None:
    """A semicolon at the end, a file of one's own, a PIVOT, which is several to DuckDB."""
    (tmp_path / "mine.csv").write_text("title\nx\n")
    for sql in (
        "SELECT 1;",
        f"SELECT * FROM read_csv('{tmp_path}/mine.csv')",
        "PIVOT (SELECT source, language FROM articles) ON language USING count(*)",
        "DESCRIBE articles",
    ):
        done = newsledger("query", sql)
        assert done.returncode == 0, done.stderr


def test_a_ticker_alone_is_a_question(first: Path) -> None:
    """The newest that name it come first, each with a way to look at it."""
    done = newsledger("search", "--ticker", "amzn", "--limit", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n2 articles.\n")
    days = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  2026-")]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--topic", "analyst-rating"), "did you mean 'analyst-ratings'"),
        (("gold", "--lang", "xx"), "there are: en, es, it"),
        (("--ticker", "NOPE"), "There is no ticker 'NOPE'"),
        ((), "give one, or --ticker"),
    ],
)
def test_a_search_for_what_is_not_there(
    first: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    """A mistake ends with 2 and says what is near; what is known and rare is only not found."""
    done = newsledger("search", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert newsledger("search", "nowhere-to-be-found", "--ticker", "META").returncode == 0


def test_an_article_without_an_address_can_be_looked_at(first: Path) -> None:
    """A search says how; an item of a feed is archived like any page."""
    ((key, title),) = query(
        Home(first), "SELECT article_key::VARCHAR, title FROM articles WHERE url = '' LIMIT 1"
    ).rows
    found = newsledger("search", title, "--since", "2020-01-01").stdout
    assert f"no address; newsledger inspect {key}" in found
    assert json.loads(newsledger("inspect", "--json", key).stdout)["article"]["title"] == title


def test_what_is_stored_is_inspected_without_network(first: Path) -> None:
    """By key, or by its address however it is written: the archived page, not a new one."""
    sql = """
        SELECT article_key::VARCHAR, url, title, page_id::VARCHAR, tickers
        FROM articles WHERE title LIKE 'Micron Upgraded%'
    """
    ((key, url, title, page_id, tickers),) = query(Home(first), sql).rows
    for place in (key, url, f"{url}?utm_source=x"):
        done = newsledger("inspect", "--json", place)  # nobody has set a contact
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["input"], found["url"], found["page_id"]) == (place, url, page_id)
        assert found["article"]["title"] == title
        assert [tag["symbol"] for tag in found["tickers"]] == tickers
        assert found["fetched_at"]
    assert f"page {page_id}, fetched " in newsledger("inspect", url).stdout


def test_what_is_not_stored_is_not_made_up(first: Path) -> None:
    """An unknown key is a mistake; an unknown address, or any with --fetch, would be fetched."""
    nobody = newsledger("inspect", "00000000-0000-0000-0000-000000000000")
    assert (nobody.returncode, "No article here has" in nobody.stderr) == (1, True)
    url = query(Home(first), "SELECT url FROM articles WHERE url <> '' LIMIT 1").rows[0][0]
    for arguments in (("http://newsroom.example/nowhere",), ("--fetch", url)):
        done = newsledger("inspect", *arguments)
        assert (done.returncode, "NEWSLEDGER_CONTACT" in done.stderr) == (1, True)


def test_a_page_that_was_erased_says_so(first: Path) -> None:
    """The ledger knows of it, the archive has it no more."""
    url = query(Home(first), "SELECT url FROM articles WHERE url <> '' LIMIT 1").rows[0][0]
    key = query(Home(first), f"SELECT article_key::VARCHAR FROM articles WHERE url = '{url}'").rows
    assert newsledger("takedown", url, "--why", "test").returncode == 0
    done = newsledger("inspect", key[0][0])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_command_says_what_it_is() -> None:
    """Its version; -h is --help, also of a command; what is asked for most comes first, whole."""
    assert newsledger("--version").stdout.split()[0] == "newsledger"
    shown = newsledger("-h").stdout
    assert shown == newsledger("--help").stdout
    commands = shown.partition("Commands:")[2]
    names = [line.split()[0] for line in commands.splitlines() if line[:3].strip()]
    assert names[:5] == ["ingest", "query", "status", "search", "inspect"]
    assert "..." not in commands
    assert newsledger("query", "-h").returncode == 0
