"""Keeps the table of topics as the taxonomy's file has it."""

from duckdb import DuckDBPyConnection

from warehouse.rows import Rows, insert, table_schema, to_arrow, with_rows
from warehouse.transaction import transaction


def load_topics(connection: DuckDBPyConnection, rows: Rows) -> bool:
    """Make ``topics`` hold exactly these rows and return whether anything changed.

    Rows have the columns of ``topics``; ``names`` maps a language (ISO 639-1) to a name.
    """
    wanted = to_arrow("topics", table_schema(connection, "topics"), rows)
    with transaction(connection):
        differing = with_rows(
            connection,
            wanted,
            "(FROM topics EXCEPT ALL FROM given_rows)"
            " UNION ALL (FROM given_rows EXCEPT ALL FROM topics)",
        )
        if differing:
            connection.execute("DELETE FROM topics")
            insert(connection, "topics", rows)
    return bool(differing)
