"""Search: the best first, by an index where there is one, by reading where there is none."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_rows import START, Look, batch_of
from warehouse import search as searching
from warehouse.append import append
from warehouse.connection import reading, writing
from warehouse.errors import QueryError, WarehouseMissing
from warehouse.home import Home
from warehouse.search import Found, build_index, search
from warehouse.snapshot import publish
from warehouse.snippets import marked, snippet, words_of

needs_fts = pytest.mark.skipif(
    find_spec("duckdb_extension_fts") is None or duckdb.__version__ != "1.5.5",
    reason="needs the extra search, which exists for duckdb 1.5.5 alone",
)
LONG_AGO = START - timedelta(days=1)
TEXTS = {
    "gold": "Gold rose. Miners of gold rose with it, and gold is what they mine.",
    "mixed": "Copper fell, tin fell, lead fell, and at the very end gold rose a little. " * 5,
    "other": "Nothing but copper here.",
}


def add(home: Home, texts: dict[str, str], hour: int) -> None:
    """Load articles of these names and texts, and publish them."""
    looks = [Look(name, text, 60 * hour + n) for n, (name, text) in enumerate(texts.items())]
    batch = batch_of(looks, available_at=START + timedelta(hours=hour + 1))
    articles = [
        {**row, "title": name, "text": text, "language": "it" if name == "mixed" else "en"}
        for row, (name, text) in zip(batch.articles, texts.items(), strict=True)
    ]
    with writing(home) as connection:
        append(connection, replace(batch, articles=articles))
    publish(home)


@pytest.fixture
def published(tmp_path: Path) -> Home:
    """Give the home of a published warehouse with three articles."""
    home = Home(tmp_path)
    add(home, TEXTS, 1)
    return home


@pytest.fixture
def indexed(published: Home) -> Home:
    """Give the same with a search index."""
    with reading(published.news) as connection:
        assert build_index(connection)
    return published


def titles(found: Found) -> list[str]:
    """Return the titles of what was found."""
    return [hit.title.text for hit in found.hits]


def test_without_an_index_the_texts_are_read(published: Home) -> None:
    """The more of it the better; the last 90 days unless told otherwise."""
    found = search(published, "gold", since=LONG_AGO)
    assert found.method == "reading"
    assert titles(found) == ["gold", "mixed"]
    assert found.hits[0].score == 1 > found.hits[1].score > 0
    assert titles(search(published, "gold")) == []


@needs_fts
def test_with_an_index_there_is_no_window(indexed: Home) -> None:
    """Ranked by BM25, however old."""
    found = search(indexed, "Góld")
    assert found.method == "index"
    assert titles(found) == ["gold", "mixed"]
    assert titles(search(indexed, "gold", since=START + timedelta(days=1))) == []


@needs_fts
def test_what_came_after_the_index_is_found_too(indexed: Home) -> None:
    """Published later without building: new articles, and revised ones by their new words."""
    add(indexed, {"new": "Gold rose again.", "gold": "Now it is about silver."}, 3)
    assert set(titles(search(indexed, "rose"))) == {"new", "mixed"}
    assert titles(search(indexed, "silver")) == ["gold"]
    assert titles(search(indexed, "miners")) == []
    with reading(indexed.news) as connection:
        assert build_index(connection)
    assert set(titles(search(indexed, "rose"))) == {"new", "mixed"}


@pytest.mark.parametrize("has_index", [False, pytest.param(True, marks=needs_fts)])
def test_a_search_can_be_narrowed(published: Home, has_index: bool) -> None:
    """By ticker, topic, language and time, and by how many."""
    append_with_ticker(published)
    if has_index:
        with reading(published.news) as connection:
            assert build_index(connection)
    assert titles(search(published, "gold", since=LONG_AGO, ticker="abx")) == ["Headline gold"]
    assert titles(search(published, "gold", since=LONG_AGO, language="IT")) == ["mixed"]
    assert len(search(published, "gold", since=LONG_AGO, topic="earnings").hits) == 3
    assert len(search(published, "gold", since=LONG_AGO, limit=1).hits) == 1
    assert titles(search(published, "gold copper", since=LONG_AGO)) == ["mixed"]


def test_without_words_the_newest_come_first(published: Home) -> None:
    """However old they are: no text is read, so no time need be set."""
    append_with_ticker(published)
    found = search(published, "", ticker="$abx")
    assert (found.method, titles(found)) == ("newest", ["Headline gold"])
    assert found.hits[0].snippet.text
    newest_first = search(published, "", language="en")
    times = [hit.published_at for hit in newest_first.hits if hit.published_at]
    assert len(times) > 1
    assert times == sorted(times, reverse=True)
    assert search(published, "", since=START + timedelta(days=400)).hits == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"topic": "earning"}, "did you mean 'earnings'"),
        ({"ticker": "ABXX"}, "did you mean 'ABX'"),
        ({"language": "xx"}, "there are: en, it"),
    ],
)
def test_what_nothing_knows_is_a_mistake(
    published: Home, asked: dict[str, str], sentence: str
) -> None:
    """With words and without; a known ticker that no article with the words names is none."""
    append_with_ticker(published)
    for words in ("gold", ""):
        with pytest.raises(QueryError, match=sentence):
            search(published, words, **asked)  # type: ignore[arg-type]
    assert search(published, "nowhere", since=LONG_AGO, ticker="ABX").hits == []


def append_with_ticker(home: Home) -> None:
    """Load one more article, which names a security."""
    with writing(home) as connection:
        append(connection, batch_of([Look("abx", "gold", 1, ("ABX",))]))
    publish(home)


def test_words_are_needed_and_a_warehouse(published: Home, tmp_path: Path) -> None:
    """Both are told in a sentence; quotes and percent signs are only characters."""
    with pytest.raises(QueryError, match="no word to search for"):
        search(published, " ?! ")
    with pytest.raises(WarehouseMissing):
        search(Home(tmp_path / "none"), "gold")
    assert search(published, "gold' OR 1=1 --", since=LONG_AGO).hits == []


@needs_fts
def test_a_damaged_index_is_read_past(indexed: Home) -> None:
    """Until upkeep builds it anew, and so is one that was removed."""
    (indexed.root / "search.duckdb").write_bytes(b"not a database" * 1000)
    assert titles(search(indexed, "gold", since=LONG_AGO)) == ["gold", "mixed"]
    indexed.search_index.unlink()
    assert search(indexed, "gold", since=LONG_AGO).method == "reading"


@needs_fts
def test_the_index_has_no_texts_and_is_replaced_whole(indexed: Home) -> None:
    """A search that has the old one open goes on; the published copy is not touched."""
    before = indexed.news.read_bytes()
    with reading(indexed.news) as connection:
        assert build_index(connection)
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]
    assert indexed.news.read_bytes() == before
    names = sorted(path.name for path in indexed.root.iterdir() if "part" in path.name)
    assert names == []
    with duckdb.connect(indexed.root / "search.duckdb", read_only=True) as index:
        tables = index.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert ("documents",) not in tables


def test_without_the_extra_nothing_is_built(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Upkeep goes on, and search reads; nor is there one for a database in memory."""
    with duckdb.connect() as connection:
        assert not build_index(connection)
    monkeypatch.setattr(searching, "find_spec", lambda _: None)
    with reading(published.news) as connection:
        assert not build_index(connection)
    assert search(published, "gold", since=LONG_AGO).method == "reading"


@needs_fts
def test_killed_while_building_the_old_index_stays(indexed: Home) -> None:
    """And what was half written is no index; the next one is."""
    script = (
        "import os, sys, warehouse.files as files\n"
        "from pathlib import Path\n"
        "from warehouse.connection import reading\n"
        "from warehouse.search import build_index\n"
        "files._flush = lambda _: os.kill(os.getpid(), 9)\n"
        "with reading(Path(sys.argv[1])) as connection: build_index(connection)\n"
    )
    project = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", script, str(indexed.news)], cwd=project, check=False
    )
    assert done.returncode == -9
    assert search(indexed, "gold").method == "index"
    with reading(indexed.news) as connection:
        assert build_index(connection)
    assert titles(search(indexed, "gold")) == ["gold", "mixed"]
    assert [path.name for path in indexed.root.iterdir() if "part" in path.name] == []


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Città e CITTÀ, cittadini.", "citta", ["Città", "CITTÀ", "citta"]),
        ("İstanbul ﬁne", "istanbul", ["İstanbul"]),
        ("苹果公司的苹果", "苹果", ["苹果", "苹果"]),
        ("the other heat", "he", ["he"]),
        ("nothing", "gold", []),
    ],
)
def test_words_are_marked_where_they_stand(text: str, words: str, shown: list[str]) -> None:
    """Character for character, whatever case and accents."""
    found = marked(text, words_of(words))
    assert [found.text[start:end] for start, end in found.spans] == shown


def test_a_snippet_shows_the_stretch_with_most_words() -> None:
    """On one line, cut between words, with dots; the beginning where there is none."""
    text = "alpha " + "x " * 300 + "here beta\nand alpha " + "y " * 300
    stretch = snippet(text, ["alpha", "beta"])
    assert "here beta and alpha" in stretch.text
    assert stretch.text.startswith("... ")
    assert stretch.text.endswith(" ...")
    assert len(stretch.text) < 220
    assert snippet("word " * 100, ["none"]).text.startswith("word word")
    assert snippet("short", ["none"]).text == "short"
    assert snippet("a" * 5000, ["a"]).text.startswith("aaa")
    assert snippet("", ["a"]).text == ""
