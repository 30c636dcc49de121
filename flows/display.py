"""How answers look: tables that fit a terminal, plain columns in a pipe, CSV and JSON."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

MAX_ROWS_ON_SCREEN = 200
MAX_UNBROKEN = 20  # characters: columns that are never wider are not wrapped
UNBOUNDED = 10_000  # columns of a pipe: nothing is cut
GROUPED = 1_000  # numbers from here on get thousands separators
NUMBERS = (int, float)


class Format(StrEnum):
    """How the answer of a query is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console, title: str = ""
) -> None:
    """Print a table: fitted to a terminal, in full and unadorned in a pipe."""
    if not console.is_terminal:
        console = Console(file=console.file, width=UNBOUNDED, highlight=False)
    table = Table(
        box=None,
        title=title or None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    cells = [[_cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        is_number = bool(rows) and all(isinstance(row[index], NUMBERS) for row in rows)
        width = max((len(row[index]) for row in cells), default=0)
        table.add_column(
            column,
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=width <= MAX_UNBROKEN,
            min_width=min(len(column), MAX_UNBROKEN),
        )
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def write_result(
    columns: Sequence[str], rows: Sequence[Sequence[object]], form: Format, stream: TextIO
) -> None:
    """Write a query's answer in one of the formats; a table is cut after 200 rows on a terminal."""
    if form is Format.CSV:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_flat(value) for value in row] for row in rows)
        return
    if form is Format.JSON:
        _write_json((dict(zip(columns, row, strict=True)) for row in rows), stream)
        return
    console = Console(file=stream, highlight=False)
    shown = rows[:MAX_ROWS_ON_SCREEN] if console.is_terminal else rows
    print_rows(columns, shown, console)
    if len(shown) < len(rows):
        console.print(f"{len(rows) - len(shown):,} more rows; use LIMIT, --format csv or --output.")


def _write_json(records: Iterable[Mapping[str, object]], stream: TextIO) -> None:
    """One array, a record a line: valid JSON, and easy to look at."""
    separator = "[\n"
    for record in records:
        stream.write(separator + json.dumps(record, ensure_ascii=False, default=_plain))
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"  # to the second; CSV and JSON have all of it
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < GROUPED else f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_cell(item) for item in value)
    return str(value)


def _flat(value: object) -> object:
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value) if isinstance(value, datetime) else value


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
