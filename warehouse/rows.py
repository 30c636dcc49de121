"""Turns rows of plain Python into Arrow and inserts them: the one way into the tables.

The Arrow types follow the migrated table, so a column is declared once, in SQL. Text is cleaned
here of what no reader of a table should meet.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.errors import RowError

Rows = Sequence[Mapping[str, object]]
_SCHEMAS: dict[str, pa.Schema] = {}

_ARROW_TYPES = {
    "BIGINT": pa.int64(),
    "BLOB": pa.binary(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "DOUBLE": pa.float64(),
    "INTEGER": pa.int32(),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
    "UUID": pa.uuid(),
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
}

# Control characters but tab, line feed and carriage return (Unicode C0, DEL and C1), and
# surrogates, which UTF-8 cannot hold. One character stands for one, so that offsets into a text
# stay true.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNCLEAN = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}")


def clean_text(text: str) -> str:
    """Return the text with spaces for control characters and U+FFFD for lone surrogates."""
    plain = str(text)
    if plain.isprintable() or not _UNCLEAN.search(plain):  # the first is quicker, and mostly true
        return plain
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", plain))


def table_schema(connection: DuckDBPyConnection, table: str) -> pa.Schema:
    """Return the Arrow schema of a table of the migrated database, in the order of its columns.

    Asked for once in a process: all databases that it writes have been through the same migrations.
    """
    if table not in _SCHEMAS:
        _SCHEMAS[table] = _read_schema(connection, table)
    return _SCHEMAS[table]


def _read_schema(connection: DuckDBPyConnection, table: str) -> pa.Schema:
    columns = connection.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns()"
        " WHERE database_name = current_database() AND table_name = $1 ORDER BY column_index",
        [table],
    ).fetchall()
    return pa.schema(
        [pa.field(name, _ARROW_TYPES[kind], nullable=nullable) for name, kind, nullable in columns]
    )


def insert(connection: DuckDBPyConnection, table: str, rows: Rows) -> int:
    """Append rows, by the names of their columns, to a table and return how many there were.

    Nothing is compared with what is there; call it inside a transaction. Raises RowError.
    """
    if not rows:
        return 0
    schema = table_schema(connection, table)
    names = ", ".join(schema.names)
    connection.register("arrow_rows", to_arrow(table, schema, rows))
    try:
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM arrow_rows")
    finally:
        connection.unregister("arrow_rows")
    count_change(connection)
    return len(rows)


def with_rows(connection: DuckDBPyConnection, rows: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    """Run SQL that reads an Arrow table under the name ``given_rows`` and return its rows."""
    # Copied first: DuckDB cannot push the filters of a join into an Arrow column of UUIDs.
    connection.register("arrow_rows", rows)
    try:
        connection.execute("CREATE OR REPLACE TEMP TABLE given_rows AS FROM arrow_rows")
    finally:
        connection.unregister("arrow_rows")
    found = connection.execute(sql).fetchall()
    connection.execute("DROP TABLE temp.given_rows")
    return found


def among(connection: DuckDBPyConnection, sql: str, ids: Iterable[UUID]) -> list[tuple[Any, ...]]:
    """Run SQL that reads these ids from ``given_rows(id)`` and return its rows; none for no ids."""
    unique = sorted(set(ids))
    if not unique:
        return []
    column = pa.array([value.bytes for value in unique], pa.uuid())
    return with_rows(connection, pa.table({"id": column}), sql)


def to_arrow(table: str, schema: pa.Schema, rows: Rows) -> pa.Table:
    """Return rows as an Arrow table of this schema, text cleaned and instants in UTC.

    ``table`` is for messages. Raises RowError for an unknown or missing key, a null where none
    may be, an instant without a time zone, and a value of another type.
    """
    names = set(schema.names)
    for row in rows:
        _check_keys(table, row, names)
    arrays = [_to_array(table, field, [row[field.name] for row in rows]) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def ids(table: str, rows: Rows, key: str) -> list[UUID]:
    """Return the ids that rows have under a key. Raises RowError where there is none."""
    values = [row.get(key) for row in rows]
    found = [value for value in values if isinstance(value, UUID)]
    if len(found) < len(values):
        raise RowError(f"A row for {table} needs a UUID as {key}.")
    return found


def in_utc(where: str, value: datetime) -> datetime:
    """Return an instant in UTC; ``where`` is for messages. Raises RowError, naming the place."""
    if value.tzinfo is None:
        raise RowError(f"{where} takes instants with a time zone; {value.isoformat()} has none.")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise RowError(
            f"{where}: {value.isoformat()} is outside the years 1 to 9999 in UTC."
        ) from error


def _check_keys(table: str, row: Mapping[str, object], wanted: set[str]) -> None:
    """Raise RowError, naming table and keys, unless the row has exactly the wanted keys."""
    if row.keys() == wanted:
        return
    unknown, missing = sorted(row.keys() - wanted), sorted(wanted - row.keys())
    problems = [f"unknown: {', '.join(unknown)}"] if unknown else []
    problems += [f"missing: {', '.join(missing)}"] if missing else []
    raise RowError(f"A row for {table} has other keys than the table; {'; '.join(problems)}.")


def _to_array(table: str, field: pa.Field, values: list[object]) -> pa.Array:
    where = f"{table}.{field.name}"
    try:
        array = pa.array(_plain(where, field.type, values), field.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise RowError(f"{where} takes {field.type}; a value does not fit: {error}") from error
    if array.null_count and not field.nullable:
        raise RowError(f"A row for {table} has no value for {field.name}, which must have one.")
    return array


def _plain(where: str, kind: pa.DataType, values: Iterable[object]) -> Iterable[object]:
    """Return the values of a column as Arrow wants them; it sees to numbers and the like itself."""
    python = _PYTHON_TYPES.get(kind.id)
    if python is None:
        return values
    values = list(values)
    odd = next((v for v in values if not (v is None or isinstance(v, python))), None)
    if odd is not None:
        raise RowError(f"{where} takes {kind}; {str(odd)[:40]!r} does not fit.")
    plain = _PLAIN[python]
    return [None if value is None else plain(where, kind, value) for value in values]


def _list(where: str, kind: pa.DataType, value: Sequence[object]) -> Iterable[object]:
    return _plain(where, kind.value_type, value)


def _map(where: str, value: Mapping[str, object]) -> Iterable[object]:
    texts = (_plain(where, pa.string(), part) for part in (value.keys(), value.values()))
    return list(zip(*texts, strict=True))


# What a value must be for an Arrow type, and how it is made ready.
_PYTHON_TYPES: dict[int, type | tuple[type, ...]] = {
    pa.string().id: str,
    pa.uuid().id: UUID,
    pa.timestamp("us").id: datetime,
    pa.list_(pa.string()).id: (list, tuple),
    pa.map_(pa.string(), pa.string()).id: Mapping,
}
_PLAIN: dict[type | tuple[type, ...], Callable[[str, pa.DataType, Any], object]] = {
    str: lambda _, __, value: clean_text(value),
    UUID: lambda _, __, value: value.bytes,
    datetime: lambda where, _, value: in_utc(where, value),
    (list, tuple): _list,
    Mapping: lambda where, _, value: _map(where, value),
}
