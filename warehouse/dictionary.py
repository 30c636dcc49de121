"""Writes the data dictionary, a Markdown page, from the comments in the database.

``python -m warehouse.dictionary > docs/data-dictionary.md`` makes the page anew; a test compares.
"""

import sys
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.schema import bring_up_to_date

_HEAD = """# Data dictionary

Every view, macro and table of the warehouse, from the comments in the database itself
(`COMMENT ON`), written by `python -m warehouse.dictionary > docs/data-dictionary.md`.
Ask the views and macros first; the tables beneath them hold every version and all evidence.
All instants are in UTC.
"""
_MACROS = """
SELECT function_name || '(' || array_to_string(parameters, ', ') || ')', comment
FROM duckdb_functions()
WHERE function_type = 'table_macro' AND NOT internal
ORDER BY 1
"""
_RELATIONS = """
SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND $1 = 'views'
UNION ALL
SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND $1 = 'tables'
ORDER BY 1
"""
_COLUMNS = """
SELECT column_name, data_type, is_nullable, coalesce(comment, '')
FROM duckdb_columns()
WHERE table_name = $1
ORDER BY column_index
"""


def data_dictionary() -> str:
    """Return the page for the schema that this version's migrations and views make."""
    with duckdb.connect() as connection:
        bring_up_to_date(connection)
        parts = [_HEAD, "## Macros\n", *(_macro(*row) for row in _rows(connection, _MACROS))]
        for kind in ("views", "tables"):
            parts.append(f"## {kind.capitalize()}\n")
            parts += [
                _relation(connection, name, comment, kind)
                for name, comment in _rows(connection, _RELATIONS, kind)
            ]
    return "\n".join(parts)


def _macro(call: str, comment: str) -> str:
    return f"### {call}\n\n{comment}\n"


def _relation(connection: DuckDBPyConnection, name: str, comment: str, kind: str) -> str:
    columns = _rows(connection, _COLUMNS, name)
    if kind == "views":
        listed = ", ".join(f"`{column}`" for column, *_ in columns)
        return f"### {name}\n\n{comment}\n\nColumns: {listed}.\n"
    lines = ["| column | type | meaning |", "| --- | --- | --- |"]
    lines += [
        f"| `{column}` | {_type(kind_of, nullable)} | {_cell(meaning)} |"
        for column, kind_of, nullable, meaning in columns
    ]
    return f"### {name}\n\n{comment}\n\n" + "\n".join(lines) + "\n"


def _type(name: str, nullable: bool) -> str:
    short = name.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
    return f"{short}, may be null" if nullable else short


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows(connection: DuckDBPyConnection, sql: str, *given: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql, list(given)).fetchall()


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
