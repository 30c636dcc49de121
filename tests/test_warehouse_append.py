"""Appending batches: versions, outcomes, tags; nothing twice, nothing lost, in any order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby, pairwise
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse_rows import (
    START,
    Look,
    article_row,
    batch_of,
    listing_row,
    outcome_row,
    ticker_row,
    uid,
)
from warehouse.append import append
from warehouse.errors import RowError, WarehouseError
from warehouse.schema import bring_up_to_date

COUNTED = (
    "article_versions",
    "article_texts",
    "superseded_versions",
    "article_tickers",
    "ticker_mentions",
    "article_topics",
    "listings",
    "outcomes",
    "batches",
)


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty database in memory, at the newest schema."""
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(opened)
        yield opened


def empty(connection: DuckDBPyConnection) -> None:
    """Forget everything, for the next example."""
    for table in COUNTED:
        connection.execute(f"DELETE FROM {table}")


def rows(connection: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    return connection.execute(sql).fetchall()


def counts(connection: DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of each table that loading writes."""
    return {table: rows(connection, f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


def newest(connection: DuckDBPyConnection, article: str = "a") -> list[str]:
    """Return the text that the view articles shows of an article."""
    key = Look(article, "", 0).key
    return [
        text
        for (text,) in rows(connection, f"SELECT text FROM articles WHERE article_key = '{key}'")
    ]


def story(connection: DuckDBPyConnection, article: str = "a") -> list[tuple[str, str, int]]:
    """Return title, cause and revision of an article's versions in the order of time."""
    key = Look(article, "", 0).key
    return rows(
        connection,
        f"SELECT title, cause, revision FROM article_versions WHERE article_key = '{key}'"
        " ORDER BY first_seen_at",
    )


def outcome(connection: DuckDBPyConnection, look: Look, **changes: datetime) -> str:
    """Load one look in a batch of its own and return its outcome."""
    return append(connection, batch_of([look], **changes)).outcomes[look.listing_id][0]


def test_a_new_article_is_stored_with_its_tags(connection: DuckDBPyConnection) -> None:
    """All of its rows are there, joined by the version."""
    look = Look("a", "A", 1, ("META", "GOOGL"))
    assert outcome(connection, look) == "stored"
    assert rows(
        connection, "SELECT title, tickers, topics, text_length, text, revision FROM articles"
    ) == [("Headline A", ["META", "GOOGL"], ["earnings"], 16, "The text says A.", 1)]
    tags = (
        "SELECT symbol, m.text FROM article_tickers"
        " JOIN ticker_mentions AS m USING (version_id, symbol)"
    )
    assert sorted(rows(connection, tags)) == [("GOOGL", "Headline"), ("META", "Headline")]


def test_a_text_that_goes_and_comes_back_is_three_versions(connection: DuckDBPyConnection) -> None:
    """A, B, A: each change is kept."""
    assert [outcome(connection, Look("a", says, minute)) for minute, says in enumerate("ABA")] == [
        "stored",
        "revised",
        "revised",
    ]
    assert story(connection) == [
        ("Headline A", "new", 1),
        ("Headline B", "revised", 2),
        ("Headline A", "revised", 3),
    ]
    assert newest(connection) == ["The text says A."]


def test_the_same_text_again_adds_no_version(connection: DuckDBPyConnection) -> None:
    """A later look that reads the same is unchanged."""
    outcome(connection, Look("a", "A", 1))
    assert outcome(connection, Look("a", "A", 2)) == "unchanged"
    assert counts(connection)["article_versions"] == 1


def test_an_older_copy_that_arrives_later_stays_in_the_past(connection: DuckDBPyConnection) -> None:
    """It is a version, but not the one that articles shows."""
    outcome(connection, Look("a", "B", 5))
    assert outcome(connection, Look("a", "A", 1)) == "revised"
    assert newest(connection) == ["The text says B."]
    assert [title for title, _, _ in story(connection)] == ["Headline A", "Headline B"]
    assert outcome(connection, Look("a", "A", 2)) == "unchanged"


def test_a_change_found_between_two_equal_looks_does_not_become_the_newest(
    connection: DuckDBPyConnection,
) -> None:
    """A at 1 and 3, then B at 2: A is the newest, with its text and its tags."""
    outcome(connection, Look("a", "A", 1, ("META",)))
    assert outcome(connection, Look("a", "A", 3, ("META",))) == "unchanged"
    assert outcome(connection, Look("a", "B", 2)) == "revised"
    assert newest(connection) == ["The text says A."]
    assert [title for title, _, _ in story(connection)] == [
        "Headline A",
        "Headline B",
        "Headline A",
    ]
    assert counts(connection)["article_tickers"] == 2
    assert rows(connection, "SELECT first_seen_at FROM articles") == [(Look("a", "", 3).at,)]


def test_one_batch_may_bring_two_states_of_an_article(connection: DuckDBPyConnection) -> None:
    """The second is compared with the first, in the order of time."""
    looks = [Look("a", "B", 2), Look("a", "A", 1), Look("a", "B", 3)]
    decided = append(connection, batch_of(looks)).outcomes
    assert [decided[look.listing_id][0] for look in looks] == ["revised", "stored", "unchanged"]
    assert newest(connection) == ["The text says B."]


def test_the_same_page_twice_in_a_batch_counts_once(connection: DuckDBPyConnection) -> None:
    """Doubles inside a batch are left out, tags too."""
    look = Look("a", "A", 1, ("META",))
    append(connection, batch_of([look, look]))
    assert {name: n for name, n in counts(connection).items() if n != 1} == {
        "superseded_versions": 0
    }


def test_a_removed_article_leaves_articles_and_may_come_back(
    connection: DuckDBPyConnection,
) -> None:
    """A removal is a version without a text; a return is a revision."""
    outcome(connection, Look("a", "A", 1, ("META",)))
    assert outcome(connection, Look("a", None, 2)) == "removed"
    assert newest(connection) == []
    assert rows(connection, "SELECT * FROM latest('META')") == []
    assert outcome(connection, Look("a", None, 3)) == "removed"
    assert outcome(connection, Look("a", "A", 4)) == "revised"
    assert [cause for _, cause, _ in story(connection)] == ["new", "removed", "revised"]
    assert newest(connection) == ["The text says A."]


def test_a_removal_finds_its_article_by_the_url_that_led_to_it(
    connection: DuckDBPyConnection,
) -> None:
    """The caller need not know the key of an article that its page named otherwise."""
    outcome(connection, Look("a", "A", 1))
    gone = Look("a", None, 2)
    removed = outcome_row(gone.listing_id, "removed", gone.at)
    batch = replace(batch_of([]), listings=[listing_row(gone)], outcomes=[removed])
    append(connection, batch)
    assert [cause for _, cause, _ in story(connection)] == ["new", "removed"]


def test_the_removal_of_an_article_never_seen_is_only_an_outcome(
    connection: DuckDBPyConnection,
) -> None:
    """There is no version of what was never known."""
    assert outcome(connection, Look("a", None, 1)) == "removed"
    assert counts(connection)["article_versions"] == 0


def test_a_repeated_batch_answers_as_it_did_first_and_adds_nothing(
    connection: DuckDBPyConnection,
) -> None:
    """Loading again after a crash is harmless."""
    refused = Look("x", "", 1)
    looks = [Look("a", "A", 1, ("META",)), Look("a", "B", 2), Look("b", "A", 1)]
    batch = batch_of(
        looks,
        listings=[listing_row(refused)],
        outcomes=[outcome_row(refused.listing_id, "rejected", refused.at)],
    )
    first = append(connection, batch)
    before = counts(connection), rows(connection, "SELECT * FROM change_count")
    again = append(connection, batch)
    assert again.outcomes == first.outcomes
    assert again.versions == 0
    assert (counts(connection), rows(connection, "SELECT * FROM change_count")) == before


def test_nothing_is_written_when_anything_fails(connection: DuckDBPyConnection) -> None:
    """All tables in one transaction: a row that DuckDB refuses takes the others with it."""
    look = Look("a", "A", 1, ("META",))
    batch = batch_of([look])
    bad = replace(batch, article_tickers=[ticker_row(look, "META", 1.0, role="friend")])
    with pytest.raises(WarehouseError, match="could not be written"):
        append(connection, bad)
    assert set(counts(connection).values()) == {0}
    assert outcome(connection, look) == "stored"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"titel": "x"}, "articles.*unknown: titel"),
        ({"title": 7}, r"articles\.title"),
        ({"title": None}, "no value for title"),
        ({"published_at": datetime(2026, 1, 1)}, "with a time zone"),  # noqa: DTZ001 - the point
        ({"published_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))}, "years 1 to"),
        ({"authors": "Ada"}, r"articles\.authors"),
        ({"authors": (7,)}, r"articles\.authors"),
        ({"first_seen_at": START.replace(tzinfo=None)}, "with a time zone"),
        ({"text": None}, "no value for text"),
        ({"content_hash": None}, "no value for content_hash"),
        ({"page_id": uid("another")}, "no article in the batch"),
        ({"listing_id": uid("another")}, "alone stand"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(
    connection: DuckDBPyConnection, change: dict[str, Any], message: str
) -> None:
    """The message names the table and what is wrong; nothing is written."""
    look = Look("a", "A", 1, ("META",))
    batch = replace(batch_of([look]), articles=[article_row(look, **change)])
    with pytest.raises(RowError, match=message):
        append(connection, batch)
    assert set(counts(connection).values()) == {0}


def test_a_tag_that_does_not_fit_is_refused_by_name(connection: DuckDBPyConnection) -> None:
    """Before it could take part in anything."""
    look = Look("a", "A", 1, ("META",))
    row = ticker_row(look, "META", 1.0) | {"relevance": None}
    bad = replace(batch_of([look]), article_tickers=[row])
    with pytest.raises(RowError, match="article_tickers has no value for relevance"):
        append(connection, bad)


def test_a_missing_key_is_named(connection: DuckDBPyConnection) -> None:
    """Also where a list of a batch has keys that its table has not."""
    look = Look("a", "A", 1)
    row = article_row(look)
    del row["text"]
    with pytest.raises(RowError, match="missing: text"):
        append(connection, replace(batch_of([look]), articles=[row]))


def test_only_loading_decides_what_is_stored(connection: DuckDBPyConnection) -> None:
    """An outcome that needs an article cannot be handed in."""
    look = Look("a", "A", 1)
    handed = outcome_row(look.listing_id, "stored", look.at)
    with pytest.raises(RowError, match="'stored' is decided by"):
        append(connection, replace(batch_of([]), listings=[listing_row(look)], outcomes=[handed]))


def test_a_deferred_listing_must_say_how_it_is_tried_again(connection: DuckDBPyConnection) -> None:
    """Else it would be lost."""
    look = Look("a", "A", 1)
    deferred = outcome_row(look.listing_id, "deferred", look.at)
    with pytest.raises(RowError, match="needs retry_at"):
        append(connection, replace(batch_of([]), listings=[listing_row(look)], outcomes=[deferred]))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    title=st.text(st.characters(exclude_categories=()), max_size=20),
    text=st.text(st.characters(exclude_categories=()), max_size=50),
    published_at=st.datetimes(timezones=st.just(UTC)),
    minute=st.integers(min_value=0, max_value=10**6),
)
def test_any_text_and_any_instant_come_back(
    connection: DuckDBPyConnection, title: str, text: str, published_at: datetime, minute: int
) -> None:
    """NUL, control characters and lone surrogates are replaced one for one; years 1 to 9999 fit."""
    look = Look("a", "A", minute)
    row = article_row(
        look, title=title, text=text, published_at=published_at, article_key=uid(minute, title)
    )
    append(connection, replace(batch_of([look]), articles=[row]))
    stored = rows(
        connection,
        "SELECT title, text, text_length, published_at FROM article_versions"
        f" JOIN article_texts USING (version_id) WHERE page_id = '{look.page_id}'",
    )
    assert len(stored) == 1
    assert (len(stored[0][0]), len(stored[0][1]), stored[0][2]) == (
        len(title),
        len(text),
        len(text),
    )
    if (title + text).isprintable():
        assert stored[0][:2] == (title, text)
    empty(connection)


def test_control_characters_keep_their_places(connection: DuckDBPyConnection) -> None:
    """Offsets of mentions stay true: one character stands for one."""
    look = Look("a", "A", 1)
    row = article_row(look, text="A\x00B\ud800C\x85\nD\tE\x1b")
    append(connection, replace(batch_of([look]), articles=[row]))
    assert newest(connection) == ["A B\ufffdC \nD\tE "]


def test_what_was_known_at_an_instant_leaves_out_what_came_later(
    connection: DuckDBPyConnection,
) -> None:
    """articles_as_of follows available_at, not the time of the fetch or of publication."""
    nine, ten, eleven = (START + timedelta(hours=hour) for hour in (0, 1, 2))
    outcome(connection, Look("a", "B", 5), available_at=nine)
    outcome(connection, Look("a", "A", 1), available_at=ten)
    outcome(connection, Look("a", None, 9), available_at=eleven)
    known = "SELECT text FROM articles_as_of(TIMESTAMPTZ '{}')"
    assert rows(connection, known.format(nine - timedelta(seconds=1))) == []
    assert rows(connection, known.format(nine)) == [("The text says B.",)]
    assert rows(connection, known.format(ten)) == [("The text says B.",)]
    assert rows(connection, known.format(eleven)) == []


LOOKS = st.lists(
    st.builds(
        Look,
        article=st.sampled_from("ab"),
        says=st.sampled_from(["A", "B", None]),
        minute=st.integers(min_value=0, max_value=8),
        tickers=st.sampled_from([(), ("META",)]),
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda look: (look.article, look.minute),
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(LOOKS, st.data())
def test_batches_repeated_in_any_order_come_to_the_same(
    connection: DuckDBPyConnection, looks: list[Look], data: st.DataObject
) -> None:
    """Whatever comes in whatever order and however often, articles shows what was seen last."""
    cuts = data.draw(st.lists(st.integers(1, len(looks)), max_size=3), label="cuts")
    edges = [0, *sorted(set(cuts) | {len(looks)})]
    batches = [batch_of(looks[low:high]) for low, high in pairwise(edges)]
    again = data.draw(st.lists(st.sampled_from(batches), max_size=3), label="repeated")
    order = data.draw(st.permutations([*batches, *again]), label="order")
    empty(connection)
    for hour, batch in enumerate(order):
        append(connection, replace(batch, available_at=START + timedelta(hours=hour)))
    for article in {look.article for look in looks}:
        check_story(connection, article, looks)
    check_rows_belong_together(connection, looks)
    for hour in range(len(order)):
        check_as_of(connection, START + timedelta(hours=hour))


def check_as_of(connection: DuckDBPyConnection, known_at: datetime) -> None:
    """Check the macro against sorting all the versions that were known at an instant."""
    sorting = (
        "SELECT version_id FROM (FROM article_versions WHERE available_at <= $1"
        " QUALIFY row_number() OVER (PARTITION BY article_key ORDER BY first_seen_at DESC) = 1)"
        " WHERE cause <> 'removed' ORDER BY 1"
    )
    macro = "SELECT version_id FROM articles_as_of($1) ORDER BY 1"
    expected = connection.execute(sorting, [known_at]).fetchall()
    assert connection.execute(macro, [known_at]).fetchall() == expected


def check_story(connection: DuckDBPyConnection, article: str, looks: list[Look]) -> None:
    """Check an article's versions against what was seen of it."""
    seen = [look for look in sorted(looks, key=lambda look: look.minute) if look.article == article]
    states = [says for says, _ in groupby(look.says for look in seen)]
    expected = states[1:] if states[0] is None else states
    told = [
        None if cause == "removed" else title.removeprefix("Headline ")
        for title, cause, _ in story(connection, article)
    ]
    assert told == expected
    last = expected[-1] if expected else None
    assert newest(connection, article) == ([f"The text says {last}."] if last else [])


def check_rows_belong_together(connection: DuckDBPyConnection, looks: list[Look]) -> None:
    """Check that each attempt, version and part is there exactly once."""
    numbers = counts(connection)
    assert numbers["outcomes"] == numbers["listings"] == len(looks)
    unique = "SELECT count(*), count(DISTINCT version_id) FROM {}"
    for table in ("article_versions", "article_texts", "superseded_versions", "article_topics"):
        total, distinct = rows(connection, unique.format(table))[0]
        assert total == distinct, f"{table} has doubles"
    texts = rows(connection, "SELECT count(*) FROM article_versions WHERE cause <> 'removed'")
    assert numbers["article_texts"] == numbers["article_topics"] == texts[0][0]
    articles = rows(connection, "SELECT count(DISTINCT article_key) FROM article_versions")[0][0]
    assert numbers["superseded_versions"] == numbers["article_versions"] - articles
    revisions = (
        "SELECT article_key FROM article_versions GROUP BY 1 HAVING max(revision) <> count(*)"
    )
    assert rows(connection, revisions) == []
