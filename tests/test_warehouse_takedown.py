"""Takedowns: out of everything, down to the bytes, and never back; the ledger keeps the fact."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from tests.warehouse_rows import Look, article_row, batch_of, listing_row, page_row, uid
from warehouse import takedown
from warehouse.append import append
from warehouse.archive import pending, read_batch, settle, write_batch
from warehouse.backlog import Note, catch_up, set_down
from warehouse.burial import Request
from warehouse.compaction import compact
from warehouse.connection import writing
from warehouse.errors import WarehouseError
from warehouse.export import export
from warehouse.home import Home
from warehouse.query import query
from warehouse.snapshot import publish
from warehouse.takedown import TakenDown, finish_takedowns, take_down

SECRET = "Zwyczajna-Tajemnica"  # in title and text of the article that goes
NOW = datetime(2026, 4, 1, tzinfo=UTC)
BAD = [Look("bad", f"{SECRET}-{minute}", minute, ("META",)) for minute in (1, 2)]
GOOD = [Look("good", f"Harmless {minute}", minute, ("META",)) for minute in (3, 4)]
URL = "http://newsroom.example/bad"


def clock() -> datetime:
    """Return the time of the takedown."""
    return NOW


def load(home: Home, looks: list[Look]) -> UUID:
    """Archive, load and settle looks, as the pipeline does."""
    pages = [page_row(look, listing=listing_json(look)) for look in looks]
    batch_id = write_batch(home, pages)
    with writing(home) as connection:
        appended = append(connection, batch_of(looks))
        settle(home, batch_id, without=appended.refused)
    return batch_id


def listing_json(look: Look) -> str:
    """Return what the list said of a look."""
    return f'{{"url": "http://newsroom.example/{look.article}", "title": "{look.says}"}}'


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give a warehouse with two articles, published, exported; one batch packed, one pending."""
    home = Home(tmp_path / "warehouse")
    load(home, [BAD[0], GOOD[0]])
    load(home, [BAD[1], GOOD[1]])
    publish(home)
    export(home, home.exports)
    compact(home)
    load(home, [Look("bad", f"{SECRET}-5", 5), Look("other", "Other", 5)])
    write_batch(
        home,
        [
            page_row(look, listing=listing_json(look))
            for look in (Look("bad", f"{SECRET}-6", 6), Look("waiting", "Waiting", 6))
        ],
    )
    return home


def request(number: int = 7, **changes: Any) -> Request:
    """Return a request for the bad article by its address."""
    given = {"keys": frozenset({uid("article", "bad")}), "places": frozenset({URL}), "why": "law"}
    return Request(run_id=UUID(int=number), **(given | changes))


def holders(home: Home) -> Iterator[str]:
    """Tell the files in which a word of the article is left, compressed or not."""
    for path in sorted(p for p in home.root.rglob("*") if p.is_file()):
        if SECRET.encode() in path.read_bytes():
            yield path.name
        if path.suffix == ".parquet":
            with path.open("rb") as file:
                if SECRET in repr(pq.ParquetFile(file).read().to_pylist()):
                    yield path.name


def test_nothing_is_left_but_the_fact(warehouse: Home) -> None:
    """Not in tables, archive, exports and copy, nor in the bytes of any file."""
    assert {"live.duckdb", "news.duckdb", "article_versions.parquet"} <= set(holders(warehouse))
    before = query(warehouse, "SELECT count(*) FROM articles").rows
    assert take_down(warehouse, request(), clock) == TakenDown(1, 3, 4, 1)
    assert list(holders(warehouse)) == []
    assert before == [(2,)]
    assert query(warehouse, "SELECT title FROM articles ORDER BY 1").rows == [
        ("Headline Harmless 4",),
        ("Headline Other",),
    ]
    facts = "SELECT l.url, l.title, o.outcome, o.reason FROM listings AS l JOIN listing_outcomes"
    gone = query(warehouse, f"{facts} AS o USING (listing_id) WHERE l.url LIKE '%bad'").rows
    assert gone == [(URL, "", "rejected", "taken_down")] * 3
    missing = query(warehouse, "SELECT sum(missing)::INT FROM completeness").rows
    assert missing == [(0,)]
    tombstone = "SELECT why, taken_down_at, erased_at IS NOT NULL FROM takedowns"
    with writing(warehouse) as connection:
        assert connection.execute(tombstone).fetchall() == [("law", NOW, True)]


def test_the_others_keep_their_batches(warehouse: Home) -> None:
    """A batch keeps its identity without the page that went; what waits still waits."""
    first = write_batch(warehouse, [page_row(look) for look in (BAD[0], GOOD[0])])
    take_down(warehouse, request(), clock)
    assert [row["page_id"] for row in read_batch(warehouse, first)] == [GOOD[0].page_id]
    (waiting,) = pending(warehouse)
    assert [row["url"][-7:] for row in read_batch(warehouse, waiting)] == ["waiting"]
    assert write_batch(warehouse, [page_row(look) for look in (BAD[0], GOOD[0])]) == first
    assert pending(warehouse) == [waiting]


def test_it_never_comes_back(warehouse: Home) -> None:
    """Under its key, its address, in an edited line, again and again: refused, page and all."""
    take_down(warehouse, request(), clock)
    again = Look("bad", f"{SECRET}-9", 9)
    moved = Look("moved", f"{SECRET}-10", 10)
    for _ in range(2):
        batch_id = load(warehouse, [again, Look("new", "New", 9)])
        assert len(read_batch(warehouse, batch_id)) == 1
    with writing(warehouse) as connection:
        batch = batch_of([moved])
        batch.articles[0]["url"] = URL  # type: ignore[index]
        assert append(connection, batch).outcomes[moved.listing_id] == ("rejected", "taken_down")
        gone = append(connection, batch_of([Look("bad", None, 11)]))
        assert list(gone.outcomes.values()) == [("rejected", "taken_down")]
        assert connection.execute(
            "SELECT count(*) FROM articles WHERE text LIKE '%Tajemnica%'"
        ).fetchall() == [(0,)]
        titles = "SELECT count(*) FROM listings WHERE title LIKE '%Tajemnica%'"
        assert connection.execute(titles).fetchall() == [(0,)]
    alone = load(warehouse, [again])
    assert settle(warehouse, alone, without={again.page_id}) is None, "it went the first time"
    assert list(holders(warehouse)) == []


def test_notes_for_the_ledger_are_reached_too(warehouse: Home) -> None:
    """One made before the takedown, and one made after it by a run that was already under way."""
    notes = [
        Note(run_id=uid("run"), noted_at=look.at, listings=[listing_row(look)])
        for look in (Look("bad", SECRET, 20), Look("bad", SECRET, 21))
    ]
    set_down(warehouse, notes[0])
    take_down(warehouse, request(), clock)
    assert list(holders(warehouse)) == []
    set_down(warehouse, notes[1])
    with writing(warehouse) as connection:
        catch_up(connection, warehouse, NOW)
    assert list(holders(warehouse)) == []


def test_what_was_never_seen_is_kept_out_too(warehouse: Home) -> None:
    """The address alone is enough."""
    place = "http://newsroom.example/later"
    asked = request(keys=frozenset({uid("never seen")}), places=frozenset({place}))
    assert take_down(warehouse, asked, clock) == TakenDown(0, 0, 0, 1)
    with writing(warehouse) as connection:
        later = append(connection, batch_of([Look("later", "Later", 1)]))
    assert list(later.outcomes.values()) == [("rejected", "taken_down")]
    with pytest.raises(WarehouseError, match="needs the key"):
        take_down(warehouse, request(keys=frozenset(), places=frozenset()), clock)


def test_a_takedown_that_was_killed_is_finished_later(
    warehouse: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at any of its steps: the article is refused at once, and erased by the next one."""
    steps = ["erase_pages", "rewrite", "publish", "export"]
    for number, step in enumerate(steps):
        with monkeypatch.context() as patch:
            patch.setattr(takedown, step, lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                take_down(warehouse, request(number), clock)
        with writing(warehouse) as connection:
            assert connection.execute("SELECT erased_at FROM takedowns").fetchall() == [(None,)]
    finish_takedowns(warehouse, clock)
    assert list(holders(warehouse)) == []
    assert finish_takedowns(warehouse, clock) == (0, 0)
    runs = "SELECT count(*) FROM run_log WHERE flow = 'takedown'"
    with writing(warehouse) as connection:
        assert connection.execute(runs).fetchall() == [(1,)]


def test_a_rewritten_database_is_the_same(warehouse: Home) -> None:
    """Every other row, comment, view and macro is there, in the same order."""
    with writing(warehouse) as connection:
        rows = connection.execute("SELECT * FROM article_versions WHERE url <> $1", [URL])
        before = rows.fetchall()
        connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
    take_down(warehouse, request(), clock)
    with writing(warehouse) as connection:
        assert connection.execute("FROM article_versions").fetchall() == before
        assert connection.execute("FROM mine").fetchall() == [(1,)]
        comments = "SELECT count(*) FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
        tables = " AND table_name NOT IN ('mine') AND table_oid IN (SELECT table_oid FROM"
        assert connection.execute(f"{comments}{tables} duckdb_tables())").fetchall() == [(0,)]


def test_a_listing_row_and_article_row_are_as_the_pipeline_makes_them() -> None:
    """The addresses that this file relies on."""
    assert listing_row(BAD[0])["url"] == article_row(BAD[0])["url"] == URL
