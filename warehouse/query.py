"""Answers people's SQL from the published copy, and puts DuckDB's objections into words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
from duckdb import DuckDBPyConnection, StatementType

from warehouse.connection import reading
from warehouse.errors import QueryError
from warehouse.home import Home
from warehouse.transaction import one_line

Parameters = Sequence[object] | Mapping[str, object] | None

_WRITING = {StatementType.COPY, StatementType.EXPORT, StatementType.ATTACH}  # files, that is
_FORMATS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER true",
    "json": "FORMAT json",
}


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a query, all of it."""

    columns: tuple[str, ...]
    types: tuple[str, ...]  # DuckDB's names, such as VARCHAR[]
    rows: list[tuple[Any, ...]]  # plain Python; instants aware, in UTC

    def records(self) -> list[dict[str, Any]]:
        """Return the rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def query(home: Home, sql: str, parameters: Parameters = None) -> Result:
    """Run SQL on the published copy, read-only, and return its answer.

    ``$1`` or ``$name`` in the SQL stand for ``parameters``. Files that the SQL names (Parquet,
    CSV) are read too. Raises WarehouseMissing, and QueryError for SQL that cannot run.
    """
    with reading(home.news) as connection, _explaining(connection):
        return _result(_run(connection, sql, parameters))


def ask(home: Home, sql: str) -> Result:
    """Answer what a person asks: as ``query``, but one statement alone, and one that only reads.

    Raises QueryError for several statements, and for one that would write a file.
    """
    with reading(home.news) as connection, _explaining(connection):
        _see_that_it_reads(connection, sql)
        return _result(_run(connection, sql, None))


def query_to_file(
    home: Home,
    sql: str,
    path: Path,
    format: Literal["parquet", "csv", "json"],  # noqa: A002 - what SQL calls it, too
    parameters: Parameters = None,
) -> int:
    """Write a query's answer to a file, replacing it, and return how many rows it has.

    Parquet is compressed with zstd; CSV has a header; JSON is one object a line. Raises as
    ``ask`` does.
    """
    target = str(path).replace("'", "''")
    statement = f"COPY (\n{sql.rstrip().rstrip(';')}\n) TO '{target}' ({_FORMATS[format]})"
    with reading(home.news) as connection, _explaining(connection):
        _see_that_it_reads(connection, sql)
        return int(_run(connection, statement, parameters).fetchall()[0][0])


def table_counts(home: Home) -> dict[str, int]:
    """Return the number of rows of every table of the published copy, by name."""
    with reading(home.news) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_name"
        ).fetchall()
        return {
            name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0])
            for (name,) in names
        }


def _result(answer: DuckDBPyConnection) -> Result:
    described = answer.description or []
    columns = tuple(str(column[0]) for column in described)
    types = tuple(str(column[1]) for column in described)
    return Result(columns, types, answer.fetchall())


def _see_that_it_reads(connection: DuckDBPyConnection, sql: str) -> None:
    sql.encode()
    statements = connection.extract_statements(sql)
    # Parts of a PIVOT, which DuckDB runs in several steps, have no text of their own.
    texts = [statement.query for statement in statements if statement.query]
    number = len(texts) + (len(texts) < len(statements))
    if number > 1:
        raise QueryError(f"There are {number} statements; give one at a time.")
    if _WRITING & {statement.type for statement in statements}:
        raise QueryError(
            "A query reads: give the SELECT alone, and say with --output FILE where the answer"
            " goes. The DuckDB shell on news.duckdb can copy, export and attach."
        )


def _run(connection: DuckDBPyConnection, sql: str, parameters: Parameters) -> DuckDBPyConnection:
    sql.encode()  # a lone surrogate is refused here: each DuckDB fails on it in another way
    answer: DuckDBPyConnection | None = connection.execute(sql, parameters)
    if answer is None:
        raise QueryError("There is no SQL to run; try: SELECT title FROM articles LIMIT 5")
    return answer


@contextmanager
def _explaining(connection: DuckDBPyConnection) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, UnicodeError) as error:
        raise QueryError(_explain(connection, error)) from error


def _explain(connection: DuckDBPyConnection, error: Exception) -> str:
    if not isinstance(error, duckdb.Error):
        return f"The SQL holds characters that are no text: {error}."
    message = one_line(error)
    if "read-only mode" in message:
        return f"{message} This is the published copy: it can be read, not changed."
    if isinstance(error, duckdb.CatalogException):
        return f"{message} There are: {', '.join(_names(connection))}."
    if isinstance(error, duckdb.BinderException) and "not found in FROM clause" in message:
        return f"{message} `DESCRIBE name` lists the columns of a table or view."
    return message


def _names(connection: DuckDBPyConnection) -> list[str]:
    """Return what can be queried: views, then table macros with their parameters, then tables."""
    rows = connection.execute(
        """
        SELECT name FROM (
            SELECT 1 AS place, view_name AS name FROM duckdb_views() WHERE NOT internal
            UNION ALL
            SELECT 2, function_name || '(' || array_to_string(parameters, ', ') || ')'
            FROM duckdb_functions()
            WHERE function_type = 'table_macro' AND NOT internal
            UNION ALL
            SELECT 3, table_name FROM duckdb_tables() WHERE NOT internal
        )
        ORDER BY place, name
        """
    ).fetchall()
    return [name for (name,) in rows]
