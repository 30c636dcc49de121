"""How restated versions take part in an article's history, on a real database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_warehouse_append import counts, empty, newest, outcome, rows, story
from tests.warehouse_rows import (
    RUN,
    START,
    Look,
    article_row,
    mention_row,
    ticker_row,
    topic_row,
)
from warehouse.checking import CHECKS
from warehouse.restating import Restatement, restate
from warehouse.schema import bring_up_to_date

LATER = START + timedelta(hours=2)
SAYS = ["A", "B", "C", None]
NEW_RULES = {"A": "a", "B": "a", "C": "C"}  # two texts become one, one stays as it was
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 9), st.sampled_from(SAYS)),
        st.just("reprocess"),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda event: event[0] if isinstance(event, tuple) else object(),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[DuckDBPyConnection]:
    """Give one database in memory to all tests of this file; each begins with ``empty``."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


@pytest.fixture(autouse=True)
def _fresh(connection: DuckDBPyConnection) -> None:
    empty(connection)


def newest_version(connection: DuckDBPyConnection) -> tuple[UUID, UUID] | None:
    """Return version and page of the article's newest version that is not a removal."""
    found = rows(connection, "SELECT version_id, page_id FROM articles")
    return found[0] if found else None


def say_again(connection: DuckDBPyConnection, look: Look, says: str, **tags: Any) -> bool:
    """Restate the article's newest version, which began with this look; tell whether it was."""
    current = newest_version(connection)
    assert current
    again = replace(look, says=says)
    tables = {
        "article_tickers": [ticker_row(look, ticker, 0.5) for ticker in look.tickers],
        "ticker_mentions": [mention_row(look, ticker) for ticker in look.tickers],
        "article_topics": [topic_row(look)],
        "article_facts": [],
    } | tags
    one = Restatement(version_id=current[0], article=article_row(again), tags=tables)
    return bool(restate(connection, [one], run_id=RUN, available_at=LATER))


def test_a_restatement_takes_the_place_of_the_newest(connection: DuckDBPyConnection) -> None:
    """It is a version more, with its own tags; what was known before can still be asked for."""
    look = Look("a", "A", 1, ("META",))
    outcome(connection, look)
    assert say_again(connection, replace(look, tickers=("AAPL",)), "a")
    assert story(connection) == [("Headline A", "new", 1), ("Headline a", "reprocessed", 2)]
    assert newest(connection) == ["The text says a."]
    assert rows(connection, "SELECT tickers, first_seen_at FROM articles") == [(["AAPL"], look.at)]
    before = f"articles_as_of('{START + timedelta(minutes=90)}')"
    assert rows(connection, f"SELECT text, tickers FROM {before}") == [
        ("The text says A.", ["META"])
    ]


def test_a_restatement_tells_the_story_of_its_version(connection: DuckDBPyConnection) -> None:
    """What hangs on a version and is not read again is copied; also from tables without a time."""
    look = Look("a", "A", 1)
    outcome(connection, look)
    current = newest_version(connection)
    assert current
    connection.execute("CREATE TABLE notes (version_id UUID, note VARCHAR)")
    try:
        connection.execute("INSERT INTO notes VALUES ($1, 'kept')", [current[0]])
        assert say_again(connection, look, "a")
        told = "SELECT note, count(*) FROM notes INNER JOIN article_versions USING (version_id)"
        assert rows(connection, f"{told} GROUP BY ALL") == [("kept", 2)]
    finally:
        connection.execute("DROP TABLE notes")


def test_a_version_that_is_not_the_newest_is_not_restated(connection: DuckDBPyConnection) -> None:
    """A page that came meanwhile goes before what was read again."""
    outcome(connection, Look("a", "A", 1))
    current = newest_version(connection)
    assert current
    outcome(connection, Look("a", "B", 2))
    tags: dict[str, Any] = dict.fromkeys(
        ("article_tickers", "ticker_mentions", "article_topics", "article_facts"), ()
    )
    one = Restatement(version_id=current[0], article=article_row(Look("a", "a", 1)), tags=tags)
    counted = counts(connection)
    assert not restate(connection, [one], run_id=RUN, available_at=LATER)
    assert counts(connection) == counted


def test_a_later_copy_read_by_the_new_rules_is_unchanged(connection: DuckDBPyConnection) -> None:
    """The publisher changed nothing, so nothing is called revised."""
    look = Look("a", "A", 1)
    outcome(connection, look)
    say_again(connection, look, "a")
    assert outcome(connection, Look("a", "a", 2)) == "unchanged"
    assert outcome(connection, Look("a", "B", 3)) == "revised"
    assert newest(connection) == ["The text says B."]


def test_a_copy_that_said_the_same_goes_on_saying_the_same(connection: DuckDBPyConnection) -> None:
    """A at 1 and 3, restated as a; B at 2 turns up: at 3 it is a again, a copy of the restated."""
    look = Look("a", "A", 1)
    outcome(connection, look)
    outcome(connection, Look("a", "A", 3))
    say_again(connection, look, "a")
    assert outcome(connection, Look("a", "B", 2)) == "revised"
    assert newest(connection) == ["The text says a."]


def test_a_removal_follows_the_restated(connection: DuckDBPyConnection) -> None:
    """The article is gone from the view, and repeats the headline of what it was last."""
    look = Look("a", "A", 1)
    outcome(connection, look)
    say_again(connection, look, "a")
    assert outcome(connection, Look("a", None, 2)) == "removed"
    assert newest(connection) == []
    assert story(connection)[-1] == ("Headline a", "removed", 3)


@settings(max_examples=40)
@given(EVENTS)
def test_the_newest_is_what_the_last_look_says_by_the_newest_rules(
    connection: DuckDBPyConnection, events: list[Any]
) -> None:
    """Whatever arrives when, and however often it is reprocessed; each article has one newest."""
    empty(connection)
    looks: dict[UUID, Look] = {}
    are_new = False  # the rules, from the first reprocessing on
    for event in [*events, "reprocess"]:
        if event == "reprocess":
            are_new = True
            current = newest_version(connection)
            said = newest(connection)
            if current and said != [f"The text says {NEW_RULES[looks[current[1]].says or '']}."]:
                look = looks[current[1]]
                assert say_again(connection, look, NEW_RULES[look.says or ""])
        else:
            look = Look("a", event[1], event[0])
            looks[look.page_id] = look
            read = replace(look, says=NEW_RULES[look.says]) if look.says and are_new else look
            outcome(connection, read)
            counted = counts(connection)
            outcome(connection, read)
            assert counts(connection) == counted
    last = max(looks.values(), key=lambda look: look.minute, default=None)
    expected = [f"The text says {NEW_RULES[last.says]}."] if last and last.says else []
    assert newest(connection) == expected
    for check in ("one_newest_version", "nothing_twice"):
        connection.execute("SET VARIABLE since = TIMESTAMPTZ '2000-01-01 00:00:00+00'")
        sql = (CHECKS / f"{check}.sql").read_text(encoding="utf-8")
        assert rows(connection, sql) == [], check
