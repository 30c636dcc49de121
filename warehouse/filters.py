"""What a search can be narrowed down to: the topics, tickers and languages that are known."""

from collections.abc import Mapping
from difflib import get_close_matches

from duckdb import DuckDBPyConnection

from warehouse.errors import QueryError

_MANY = 20  # values that are told in full
_KNOWN = {
    "topic": "SELECT topic FROM topics UNION SELECT topic FROM article_topics ORDER BY ALL",
    "ticker": """
        SELECT symbol FROM securities UNION SELECT symbol FROM article_tickers ORDER BY ALL
    """,
    "language": "SELECT DISTINCT language FROM article_versions WHERE language <> '' ORDER BY ALL",
}


def see_that_known(connection: DuckDBPyConnection, asked: Mapping[str, object]) -> None:
    """Raise QueryError for a ``topic``, ``ticker`` or ``language`` that nothing here knows.

    It names what is near. A known one that no article has is no mistake.
    """
    for name, sql in _KNOWN.items():
        value = str(asked[name])
        known = [row[0] for row in connection.execute(sql).fetchall()] if value else []
        if value and value not in known:
            raise QueryError(f"There is no {name} {value!r} here{_hint(value, known)}")


def _hint(value: str, known: list[str]) -> str:
    near = get_close_matches(value, known, n=3, cutoff=0.5)
    if near:
        return f"; did you mean {' or '.join(map(repr, near))}?"
    return f"; there are: {', '.join(known)}." if 0 < len(known) <= _MANY else "."
