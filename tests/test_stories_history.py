"""Stories as they grow: repeated, revised, taken down, and in whatever order articles arrive."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tellings import (
    ITALIAN,
    NOTE,
    RESULTS,
    TEXTS,
    Telling,
    batch,
    key,
    lines,
    load,
    results,
    reworded,
    stories,
)
from tests.warehouse_rows import RUN, START, Look, batch_of
from warehouse.append import append
from warehouse.burial import Request, bury, find
from warehouse.lineage import Line, Link, lines_to_add
from warehouse.schema import bring_up_to_date


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty database in memory, at the newest schema."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


def told_by(connection: DuckDBPyConnection) -> set[frozenset[str]]:
    """Return which articles stand together."""
    return {frozenset(names) for names in stories(connection).values()}


def test_loads_repeated_or_killed_add_nothing(connection: DuckDBPyConnection) -> None:
    """The rows of all three tables are there once."""
    told = [results(), results("copy", minute=9)]
    first = batch(told)
    append(connection, first)
    counted = [_count(connection, t) for t in ("article_stories", "article_fingerprints")]
    bands = _count(connection, "fingerprint_bands")
    append(connection, first)
    append(connection, batch(told[:1]))
    assert counted == [2, 2]
    assert _count(connection, "article_stories") == 2
    assert _count(connection, "fingerprint_bands") == bands


def _count(connection: DuckDBPyConnection, table: str) -> int:
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(rows)


def test_a_revised_version_keeps_its_story(connection: DuckDBPyConnection) -> None:
    """It follows the version before it; whoever copied that one stays, too."""
    revised = results(text=RESULTS + "\nThis story was updated with a comment.", seen=30)
    load(connection, [results()], [results("copy", minute=9)], [revised])
    assert stories(connection) == {"first": {"first", "copy"}}
    before, after = lines(connection, "story_id, is_first, delay_seconds", "first")
    assert before == after == (before[0], True, 0.0)


def test_a_version_with_another_text_tells_another_story(connection: DuckDBPyConnection) -> None:
    """A live page that was emptied and used again."""
    load(connection, [results()], [results(text=TEXTS["trial"], seen=30)])
    before, after = lines(connection, "story_id, follows", "first")
    assert before[0] != after[0]
    assert before[1] is after[1] is None


def test_an_older_article_found_later_becomes_the_first(connection: DuckDBPyConnection) -> None:
    """Those that follow it now are moved by rows of their own; what was known before stays."""
    load(connection, [results("copy", minute=60)], [results("third", minute=90)], [results()])
    assert stories(connection) == {"first": {"first", "copy", "third"}}
    assert lines(connection, "moves, is_first, delay_seconds", "copy") == [
        (0, True, 0.0),
        (1, False, 3600.0),
    ]
    assert lines(connection, "moves, is_first, delay_seconds", "third") == [
        (0, False, 1800.0),
        (1, False, 5400.0),
    ]
    assert lines(connection, "moves, is_first", "first") == [(0, True)]


def test_an_article_between_two_stories_joins_them(connection: DuckDBPyConnection) -> None:
    """Two halves are one story once the whole is known, and bear the name of the older."""
    halves = RESULTS.split("\n")
    start, end = "\n".join(halves[:3]), "\n".join(halves[3:])
    load(connection, [results("start", start, 5), results("end", end, 9)])
    before = dict(
        connection.execute("SELECT article_key, story_id FROM article_stories").fetchall()
    )
    assert len(set(before.values())) == 2
    load(connection, [results("whole", RESULTS + "\n" + RESULTS, 0)])
    whole = stories(connection)
    assert "start" in whole["whole"]


VARIANTS = [
    results(),
    results("copy", minute=0),
    results("cut", "\n".join(RESULTS.split("\n")[:3]), 30),
    results("reworded", reworded(RESULTS), 10),
    results("cut again", "\n".join(reworded(RESULTS).split("\n")[:2]), 20),
    results("italian", ITALIAN, 40, language="it"),
    results("italian cut", "\n".join(ITALIAN.split("\n")[:3]), 35, language="it"),
    results("note", NOTE, 50),
    results("late", RESULTS, 4_000),
    results("later", RESULTS, 7_000),
]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(VARIANTS), size=st.integers(1, 4))
@example(order=[VARIANTS[n] for n in (1, 2, 3, 6, 4, 5, 0, 7, 8, 9)], size=1)  # moved out and away
def test_stories_come_out_the_same_in_whatever_order(
    connection: DuckDBPyConnection, order: Sequence[Telling], size: int
) -> None:
    """Which articles stand together, who follows whom and who is first: all in any batches."""
    expected = _known_in_the_end(connection, [VARIANTS])
    arriving = [order[at : at + size] for at in range(0, len(order), size)]
    assert _known_in_the_end(connection, arriving) == expected


def _known_in_the_end(
    connection: DuckDBPyConnection, batches: Sequence[Sequence[Telling]]
) -> set[tuple[Any, ...]]:
    for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
        if table not in ("schema_migrations", "change_count"):
            connection.execute(f"DELETE FROM {table}")
    load(connection, *batches)
    return set(
        connection.execute(
            "SELECT url, story_id, follows, is_first, delay_seconds, similarity, novelty"
            " FROM story_articles"
        ).fetchall()
    )


@settings(max_examples=200, deadline=None)
@given(
    alike=st.lists(st.sampled_from([None, 0.5, 0.7, 0.7, 0.9]), min_size=21, max_size=21),
    order=st.permutations(range(7)),
    size=st.integers(1, 7),
)
def test_lines_do_not_depend_on_the_order(
    alike: list[float | None], order: list[int], size: int
) -> None:
    """Seven versions with any likenesses, in any order and batches, as if all had come at once."""
    pairs = dict(zip(itertools.combinations(range(7), 2), alike, strict=True))
    assert _lines(pairs, order, size) == _lines(pairs, list(range(7)), 7)


def _lines(
    pairs: dict[tuple[int, int], float | None], order: list[int], size: int
) -> set[tuple[Any, ...]]:
    known: dict[UUID, Line] = {}
    arrived: set[int] = set()
    for at in range(0, 7, size):
        now = order[at : at + size]
        arrived |= set(now)
        links = [
            Link(younger=UUID(int=high), elder=UUID(int=low), similarity=like, novelty=0.1)
            for (low, high), like in pairs.items()
            if like and {low, high} & set(now) and {low, high} <= arrived
        ]
        new = {UUID(int=n): _line(n) for n in now}
        known |= {line.version_id: line for line in lines_to_add(new, known, links)}
    return {
        (line.version_id, line.story_id, line.follows, line.similarity, line.delay_seconds)
        for line in known.values()
    }


def _line(number: int) -> Line:
    name, at = UUID(int=number), START + timedelta(minutes=number)
    return Line(
        rank=(at, name, at, name),
        article_key=name,
        version_id=name,
        published_at=at,
        first_seen_at=at,
        story_id=name,
    )


def test_what_followed_an_article_that_was_taken_down_stays_together(
    connection: DuckDBPyConnection,
) -> None:
    """Its fingerprint and bands go with it, and a later copy joins the others."""
    load(connection, [results(), results("copy", minute=9)])
    request = Request(
        run_id=RUN, keys=frozenset({key("first")}), places=frozenset(), why="a court said so"
    )
    bury(connection, request, find(connection, request.keys, ()), START)
    assert _count(connection, "article_fingerprints") == 1
    assert (
        len(connection.execute("SELECT DISTINCT version_id FROM fingerprint_bands").fetchall()) == 1
    )
    load(connection, [results("third", minute=12)])
    assert stories(connection) == {"copy": {"copy", "third"}}


def test_articles_without_fingerprints_are_loaded_without_stories(
    connection: DuckDBPyConnection,
) -> None:
    """Rows that another program made."""
    append(connection, batch_of([Look("a", "A", 1)]))
    assert _count(connection, "article_versions") == 1
    assert _count(connection, "article_stories") == 0


@pytest.mark.parametrize("years", [-2_000, 7_900])
def test_a_wild_time_costs_nothing_but_its_own_story(
    connection: DuckDBPyConnection, years: int
) -> None:
    """A publisher's clock may say anything."""
    wild = results("wild", minute=years * 365 * 24 * 60)
    load(connection, [wild, results(), results("copy", minute=1)])
    assert told_by(connection) == {frozenset({"wild"}), frozenset({"first", "copy"})}


def test_a_flood_of_copies_is_one_story(connection: DuckDBPyConnection) -> None:
    """Each is compared with fifty others at most."""
    flood = [results(f"copy {n}", minute=n) for n in range(150)]
    load(connection, flood[:75], flood[75:])
    assert [len(names) for names in stories(connection).values()] == [150]
