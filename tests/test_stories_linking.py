"""Stories: copies, edits and translations are linked; what only looks alike stays apart."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests import eval_stories
from tests.tellings import (
    ITALIAN,
    NOTE,
    RESULTS,
    TEXTS,
    Telling,
    filled,
    key,
    lines,
    load,
    results,
    reworded,
    stories,
)
from warehouse.schema import bring_up_to_date


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty database in memory, at the newest schema."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


SAME: dict[str, Callable[[], Telling]] = {
    "a copy without its citation": lambda: results("other", RESULTS.replace("(NASDAQ: MRDF) ", "")),
    "a copy with a credit and a footer": lambda: results(
        "other", f"By Ann Lee, Example Wire\n{RESULTS}\nThis story was produced by Example Wire."
    ),
    "a copy that was cut": lambda: results("other", "\n".join(RESULTS.split("\n")[:3])),
    "a correction": lambda: results("other", RESULTS.replace("8.4%", "8.9%")),
    "another wording here and there": lambda: results("other", reworded(RESULTS)),
    "a translation into Italian": lambda: results("other", ITALIAN, language="it"),
    "a translation into Japanese": lambda: results("other", TEXTS["japanese"], language="ja"),
    "a copy without a time": lambda: results("other", RESULTS, is_timed=False),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_one_story_told_twice(connection: DuckDBPyConnection, other: Callable[[], Telling]) -> None:
    """Whoever tells it, in whatever language, a few hours later."""
    later = replace(other(), minute=200.0)
    load(connection, [results()], [later])
    assert stories(connection) == {"first": {"first", "other"}}
    ((first, delay, new),) = lines(connection, "is_first, delay_seconds, novelty", "other")
    assert not first
    assert delay == (200 * 60 if later.is_timed else 201 * 60)
    assert new < 0.5


APART = {
    pair["about"]: (
        filled(pair["template"], *pair["one"]),
        filled(pair["template"], *pair["other"]),
    )
    for pair in TEXTS["apart"]
} | {
    "a note on results, and the results": (RESULTS, NOTE),
    "two events above one price and one ranking": (TEXTS["trial"], TEXTS["deal"]),
    "nothing at all, twice": ("", ""),
    "one word, twice": ("Advertisement", "Advertisement"),
}


@pytest.mark.parametrize(("one", "other"), APART.values(), ids=APART)
def test_what_only_looks_alike_stays_apart(
    connection: DuckDBPyConnection, one: str, other: str
) -> None:
    """Templates, routine reports, and articles with one ending."""
    told = [
        Telling(name="one", title="The news", text=one),
        Telling(name="other", title="The news", text=other, minute=90),
    ]
    load(connection, told)
    assert stories(connection) == {"one": {"one"}, "other": {"other"}}
    assert [row[0] for name in ("one", "other") for row in lines(connection, "is_first", name)] == [
        True,
        True,
    ]


def test_a_template_sent_again_after_the_window_is_another_story(
    connection: DuckDBPyConnection,
) -> None:
    """Four days later the same words are news again."""
    load(connection, [results()], [results("again", minute=4 * 24 * 60)])
    assert len(stories(connection)) == 2


def test_the_views_show_one_article_a_story(connection: DuckDBPyConnection) -> None:
    """With how far it spread; and all articles of the story of one."""
    italian = results("italian", ITALIAN, 40, language="it")
    load(connection, [results(), italian, results("note", NOTE, 9)])
    rows = connection.execute(
        "SELECT article_key, articles, languages, spread_seconds FROM stories ORDER BY told_at"
    ).fetchall()
    assert rows == [(key("first"), 2, ["en", "it"], 2400.0), (key("note"), 1, ["en"], 0.0)]
    found = connection.execute(
        f"SELECT article_key, is_first FROM story_of('{key('italian')}')"
    ).fetchall()
    assert found == [(key("first"), True), (key("italian"), False)]


def test_labelled_pairs_stay_apart_or_are_found() -> None:
    """Of the pairs that others labelled, none is linked wrongly, and nine in ten are found."""
    groups = list(eval_stories.groups())
    told = [telling for name, group in groups for telling in eval_stories.tellings(name, group)]
    first = eval_stories.together(told)
    pairs = [pair for name, group in groups for pair in eval_stories.pairs(name, group)]
    linked = {pair for pair in pairs if first[pair.one] == first[pair.other]}
    alike = {pair for pair in pairs if pair.is_same}
    assert not linked - alike, "Ask for more in warehouse/likeness.py: these are two stories."
    assert len(linked) >= 0.9 * len(alike) > 0
