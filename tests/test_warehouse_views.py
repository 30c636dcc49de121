"""The views and macros: what people ask, and above all that no answer looks ahead."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.warehouse_rows import START, Look, batch_of
from warehouse.append import append
from warehouse.schema import bring_up_to_date

STATE = "SELECT article_key, title, text, tickers, topics, source_updated_at, published_at FROM {}"


def committed(hour: int) -> datetime:
    """Return the moment at which the batch of that hour was committed."""
    return START + timedelta(hours=hour)


def fresh() -> DuckDBPyConnection:
    """Return an empty warehouse in memory."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    bring_up_to_date(connection)
    return connection


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    """Give an empty warehouse in memory."""
    with fresh() as connection:
        yield connection


def ask(connection: DuckDBPyConnection, sql: str, *given: object) -> list[tuple[Any, ...]]:
    """Return what a query answers."""
    return connection.execute(sql, list(given)).fetchall()


def state(connection: DuckDBPyConnection, relation: str) -> list[str]:
    """Return the articles of a relation, in an order of their own."""
    return sorted(repr(row) for row in ask(connection, STATE.format(relation)))


@pytest.mark.parametrize("seed", range(4))
def test_as_of_is_what_one_would_have_seen_then(seed: int) -> None:
    """At any instant: what a warehouse has that never loaded anything later.

    Batches of looks at three articles, in any order of time, with repeats, revisions back and
    forth, removals, and older copies that split a version in two.
    """
    dice = random.Random(seed)
    looks = [
        Look(dice.choice("abc"), dice.choice(["x", "y", "z", None]), minute, ("META",))
        for minute in range(1, 25)
    ]
    dice.shuffle(looks)
    batches = [looks[start : start + 3] for start in range(0, len(looks), 3)]
    batches.insert(5, batches[2])  # a repeat
    with fresh() as whole, fresh() as grown:
        for hour, batch in enumerate(batches):
            append(whole, batch_of(batch, available_at=committed(hour)))
        assert state(whole, f"articles_as_of('{committed(-1)}')") == []
        for hour, batch in enumerate(batches):
            append(grown, batch_of(batch, available_at=committed(hour)))
            for moment in (committed(hour), committed(hour + 1) - timedelta(microseconds=1)):
                then = f"articles_as_of('{moment}')"
                assert state(whole, then) == state(grown, "articles")
            late = f"SELECT count(*) FROM {then} WHERE available_at > '{committed(hour)}'"
            assert ask(whole, late) == [(0,)]
        assert state(whole, "articles_as_of('9999-01-01')") == state(whole, "articles")


def test_a_moment_before_it_was_known_it_was_not(connection: DuckDBPyConnection) -> None:
    """Published at nine, loaded at ten: until ten we did not know. Zones are the reader's."""
    append(connection, batch_of([Look("a", "A", 1)], available_at=committed(1)))
    append(connection, batch_of([Look("a", "B", 90)], available_at=committed(2)))
    append(connection, batch_of([Look("a", None, 150)], available_at=committed(3)))
    titles = "SELECT title FROM articles_as_of(?)"
    moment = timedelta(microseconds=1)
    assert ask(connection, titles, committed(1) - moment) == []
    assert ask(connection, titles, committed(1)) == [("Headline A",)]
    assert ask(connection, titles, committed(2) - moment) == [("Headline A",)]
    assert ask(connection, titles, committed(2)) == [("Headline B",)]
    assert ask(connection, titles, committed(3)) == []
    connection.execute("SET TimeZone = 'America/New_York'")
    assert ask(connection, "SELECT title FROM articles_as_of('2026-03-02 05:00')") == [
        ("Headline A",)
    ]


def test_versions_of_an_article_say_what_changed(connection: DuckDBPyConnection) -> None:
    """Title, length, tickers and lines against the version before, in the order of time."""
    first, second = Look("a", "A", 1, ("META", "MSFT")), Look("a", "Bee", 60, ("META", "GOOGL"))
    late = batch_of([second, Look("a", None, 90)], available_at=committed(3))
    append(connection, batch_of([first], available_at=committed(1)))
    append(connection, late)
    rows = ask(
        connection,
        """
        SELECT
            revision, cause, is_title_changed, length_difference, tickers_gained, tickers_lost,
            topics_lost, lines_added, lines_removed
        FROM versions_of(?)
        """,
        first.key,
    )
    assert rows == [
        (1, "new", False, 0, [], [], [], [], []),
        (
            *(2, "revised", True, 2, ["GOOGL"], ["MSFT"], []),
            *(["The text says Bee."], ["The text says A."]),
        ),
        (
            *(3, "removed", False, -18, [], ["META", "GOOGL"], ["earnings"]),
            *([], ["The text says Bee."]),
        ),
    ]
    assert ask(connection, "SELECT * FROM versions_of(uuid())") == []


def test_what_is_named_together_is_counted(connection: DuckDBPyConnection) -> None:
    """By article as it is now, the ticker itself left out, within the time asked for."""
    looks = [
        Look("a", "A", 1, ("META", "GOOGL")),
        Look("b", "B", 2, ("META", "GOOGL", "AMZN")),
        Look("c", "C", 3, ("META",)),
        Look("d", "D", 4, ("GOOGL",)),
    ]
    append(connection, batch_of(looks))
    append(connection, batch_of([Look("b", "B2", 9, ("META", "AMZN"))]))
    sql = "SELECT symbol, articles, round(share, 3) FROM co_mentions('meta'{})"
    assert ask(connection, sql.format("")) == [("AMZN", 1, 0.333), ("GOOGL", 1, 0.333)]
    assert ask(connection, sql.format(", since := '2026-03-03'")) == []
    assert len(ask(connection, sql.format(", until := '2026-03-03'"))) == 2


def test_a_topic_is_measured_against_its_week(connection: DuckDBPyConnection) -> None:
    """Its articles, their share of the day, and the average of the seven days before."""
    days = [0, 1, 1, 3, 8, 8, 8]
    batch = batch_of([Look(f"a{n}", "A", n) for n in range(len(days))])
    articles = [
        {**row, "published_at": START + timedelta(days=day)}
        for row, day in zip(batch.articles, days, strict=True)
    ]
    topics = [row for row in batch.article_topics if row["page_id"] != articles[-1]["page_id"]]
    append(connection, replace(batch, articles=articles, article_topics=topics))
    rows = ask(
        connection,
        "SELECT (day - DATE '2026-03-02')::INT, articles, round(share, 3), round(week_average, 3)"
        " FROM topic_trend ORDER BY day",
    )
    assert rows == [(0, 1, 1, 0), (1, 2, 1, 0.143), (3, 1, 1, 0.429), (8, 2, 0.667, 0.429)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("utile", {"it"}),
        ("UTILE,  citta!", {"it"}),
        ("città", {"it"}),
        ("util", {"it"}),  # the beginning of a word is enough
        ("tile", set()),  # its middle is not
        ("苹果", {"zh"}),  # but where words have no spaces
        ("says", {"it", "zh"}),
        ("says missing", set()),
        ("?!", set()),
        ("", set()),
        ("100", {"zh"}),
    ],
)
def test_plain_matching_wants_all_words(
    connection: DuckDBPyConnection, words: str, found: set[str]
) -> None:
    """Whatever case and accents, at the beginning of a word."""
    looks = [Look("it", "utile della Città", 1), Look("zh", "100新苹果手机", 2)]
    append(connection, batch_of(looks))
    rows = ask(connection, "SELECT url FROM search(?, since := '2026-01-01')", words)
    assert {url.rsplit("/", 1)[1] for (url,) in rows} == found


def test_plain_matching_has_a_window(connection: DuckDBPyConnection) -> None:
    """The last 90 days, unless told otherwise; a title weighs more than the text."""
    batch = batch_of([Look("a", "gold", 1), Look("b", "tin", 2)])
    articles = [
        batch.articles[0],
        {**batch.articles[1], "text": "Of gold it says little."},
    ]
    append(connection, replace(batch, articles=articles))
    sql = "SELECT title FROM search('gold'{}) ORDER BY score DESC"
    assert ask(connection, sql.format("")) == []
    assert ask(connection, sql.format(", since := '2026-03-01'")) == [
        ("Headline gold",),
        ("Headline tin",),
    ]
    assert ask(connection, sql.format(", since := '2026-03-01', until := '2026-03-02'")) == []
    connection.execute("UPDATE article_versions SET published_at = now() - INTERVAL 89 DAYS")
    assert len(ask(connection, sql.format(""))) == 2


def test_facts_and_fingerprints_hang_on_their_version(connection: DuckDBPyConnection) -> None:
    """They are loaded with the article, carry its times, and mentions carry them too."""
    look = Look("a", "A", 1, ("META",))
    fact = {
        "page_id": look.page_id,
        "fact_number": 1,
        "kind": "analyst_rating",
        "symbol": "META",
        "exchange": "NASDAQ",
        "name": "target",
        "value": 310.0,
        "value_text": "",
        "unit": "USD",
        "period": "",
        "field": "text",
        "char_start": 0,
        "char_end": 3,
        "text": "310",
        "evidence": "target",
        "confidence": 0.9,
    }
    fingerprint = {
        "page_id": look.page_id,
        "language": "en",
        "signature": b"",
        "shingle_count": 0,
        "subjects": ["META"],
        "firms": [],
        "numbers": [],
        "names": [],
        "main_names": [],
        "first_seen_at": START,
    }
    batch = batch_of([look], article_facts=[fact], article_fingerprints=[fingerprint])
    append(connection, batch)
    append(connection, batch)
    for table in ("article_facts", "article_fingerprints", "article_stories", "ticker_mentions"):
        rows = ask(
            connection,
            f"SELECT t.article_key, t.published_at, t.available_at FROM {table} AS t"
            " INNER JOIN article_versions USING (version_id)",
        )
        assert rows == [(look.key, START, START + timedelta(hours=1))]
