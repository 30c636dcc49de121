"""The views of facts: one row each, on a real DuckDB, from what the tagger reads."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tasks.articles.rows import _fact_rows
from tests.facts import facts_of
from tests.warehouse_rows import Look, batch_of
from warehouse.append import append
from warehouse.schema import bring_up_to_date

MU = "Micron (NASDAQ:MU)"
TEXT = f"""
Goldman Sachs upgraded {MU} from Neutral to Buy and raised its price target from $195 to $210.
{MU} posted earnings of $1.06 per share in the third quarter, above the consensus of $1.00.
Micron said revenue reached $9 billion, below the $10 billion that analysts had expected.
Micron sees fourth-quarter earnings between $1.05 and $1.07 per share.
Micron declared a quarterly dividend of $0.52 per share, payable on January 15, 2027.
Micron agreed to acquire Foobar Systems for $1.2 billion in cash.
Shares of Micron rose 3% to $84 in premarket trading.
Benzinga Edge rankings give Micron a momentum score of 78.90% and a quality score of 12.5%.
"""


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckDBPyConnection]:
    """Give a warehouse with one article, loaded twice, and its older version."""
    older, newer = Look("a", "A", 1, ("MU",)), Look("a", "B", 2, ("MU",))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(connection)
        for look, text in ((older, TEXT.replace("$210", "$205")), (newer, TEXT)):
            rows = [
                row
                for number, fact in enumerate(facts_of(text), 1)
                for row in _fact_rows(look.page_id, number, fact)
            ]
            batch = batch_of([look], article_facts=rows)
            append(connection, batch)
            append(connection, batch)
        yield connection


@pytest.mark.parametrize(
    ("view", "columns", "wanted"),
    [
        (
            "analyst_ratings",
            "firm, action, rating_before, rating, target_before, target, currency",
            ("Goldman Sachs", "upgrade", "Neutral", "Buy", 195, 210, "USD"),
        ),
        (
            "earnings_surprises",
            "period, eps, eps_estimate, round(eps_surprise, 3), round(revenue_surprise, 3), result",
            ("Q3", 1.06, 1.0, 0.06, -0.1, None),
        ),
        ("guidance", "metric, period, low, high, unit", ("eps", "Q4", 1.05, 1.07, "USD")),
        (
            "dividends",
            "amount, currency, frequency, ex_date, pay_date::VARCHAR",
            (0.52, "USD", "quarterly", None, "2027-01-15"),
        ),
        (
            "deals",
            "acquirer, target, amount, currency",
            ("Micron", "Foobar Systems", 1.2e9, "USD"),
        ),
        ("price_moves", "change, price, currency, session", (3, 84, "USD", "premarket")),
        ("edge_rankings", "momentum, growth, value, quality", (78.9, None, None, 12.5)),
    ],
)
def test_one_row_a_fact_of_the_newest_version(
    warehouse: DuckDBPyConnection, view: str, columns: str, wanted: tuple[Any, ...]
) -> None:
    """Values become columns; neither the version before nor the second load counts again."""
    rows = warehouse.execute(f"SELECT symbol, exchange, {columns} FROM {view}").fetchall()
    assert rows == [("MU", "NASDAQ", *wanted)]
