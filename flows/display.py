"""How answers look: tables that fit a terminal, plain columns in a pipe, CSV and JSON."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

MAX_ROWS_ON_SCREEN = 200
MAX_UNBROKEN = (20, 12)  # columns that are never wider are not wrapped; where that fits, else
GROUPED = 1_000  # numbers from here on get thousands separators
NUMBERS = (int, float)


class Format(StrEnum):
    """How the answer of a query is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"

    @classmethod
    def of(cls, path: Path | None) -> "Format":
        """Return the format that a file's name ends with; a table for any other, or none."""
        ending = path.suffix.lower() if path else ""
        return next((form for form in cls if ending == f".{form}"), cls.TABLE)


def print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console, title: str = ""
) -> None:
    """Print a table: fitted to a terminal, in full and unadorned in a pipe.

    On a terminal that is too narrow for its columns each row is printed as a list of them.
    """
    if title:
        console.print(Text(title, "bold"))
    table = _Table(columns, rows, is_piped=not console.is_terminal)
    if not console.is_terminal:
        for line in table.lines():
            console.file.write(line + "\n")
        return
    most = table.unbroken(console.width)
    if most is None:
        table.print_as_cards(console)
    else:
        console.print(table.drawn(most))


def fits(columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console) -> bool:
    """Say whether ``print_rows`` would print a table; in a pipe it always does."""
    return not console.is_terminal or _Table(columns, rows).unbroken(console.width) is not None


def print_indented(text: Text, console: Console) -> None:
    """Print a text two characters in: wrapped between words on a terminal, one line in a pipe."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, 2)))
    else:
        console.print(Text("  ") + text, soft_wrap=True)


def short_time(instant: datetime | None, now: datetime) -> str:
    """Return an instant to the minute, in UTC, or as a day where it is half a year from now."""
    if instant is None:
        return ""
    near = abs(instant - now) < timedelta(days=182)
    return f"{instant.astimezone(UTC):{'%m-%d %H:%M' if near else '%Y-%m-%d'}}"


class _Table:
    """The cells of a table, and how wide they are."""

    def __init__(
        self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, is_piped: bool = False
    ) -> None:
        self.columns = columns
        self.cells = [[_cell(value) for value in row] for row in rows]
        if is_piped:  # a row is a line
            self.cells = [[" ".join(cell.splitlines()) for cell in row] for row in self.cells]
        self.is_number: list[bool] = []
        self.is_whole: list[bool] = []
        self.widths: list[int] = []
        for index, column in enumerate(columns):
            values = [row[index] for row in rows]
            of_numbers = bool(rows) and all(isinstance(value, NUMBERS) for value in values)
            self.is_number.append(of_numbers)
            self.is_whole.append(of_numbers or any(isinstance(v, (date, datetime)) for v in values))
            self.widths.append(max(map(cell_len, [column, *(row[index] for row in self.cells)])))

    def unbroken(self, width: int) -> int | None:
        """Return up to which width text can stay unbroken; None where nothing makes it fit."""
        for most in MAX_UNBROKEN:
            if sum(self._floors(most)) + len(self.columns) - 1 <= width:
                return most
        return None

    def lines(self) -> Iterator[str]:
        """Give a line for each row, the columns' names first, without blanks at the end."""
        for row in [self.columns, *self.cells]:
            yield " ".join(map(self._padded, row, count())).rstrip()

    def drawn(self, most: int) -> Table:
        """Return the table for a terminal; text that is wider than ``most`` is wrapped."""
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        floors = self._floors(most)
        for index, column in enumerate(self.columns):
            table.add_column(
                Text(column),
                justify="right" if self.is_number[index] else "left",
                overflow="fold",
                no_wrap=self.widths[index] <= floors[index],
                min_width=floors[index],
            )
        for row in self.cells:
            table.add_row(*map(Text, row))
        return table

    def print_as_cards(self, console: Console) -> None:
        """Print each row as lines of a column's name and its value."""
        for row in self.cells:
            card = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
            card.add_column(style="dim", no_wrap=True, overflow="ellipsis", max_width=24)
            card.add_column(overflow="fold")
            for column, cell in zip(self.columns, row, strict=True):
                card.add_row(Text(column), Text(cell))
            console.print(card)
            console.print()

    def _floors(self, most: int) -> list[int]:
        """Return how narrow each column may get: numbers, times and usual words stay whole."""
        words = [
            max((cell_len(word) for row in self.cells for word in row[index].split()), default=0)
            for index in range(len(self.columns))
        ]
        return [
            width if is_whole else min(width, max(most, min(word, MAX_UNBROKEN[0])))
            for width, is_whole, word in zip(self.widths, self.is_whole, words, strict=True)
        ]

    def _padded(self, cell: str, index: int) -> str:
        blanks = " " * (self.widths[index] - cell_len(cell))
        return blanks + cell if self.is_number[index] else cell + blanks


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
        zone = "Z" if value.tzinfo else ""  # UTC, as a query gives it
        return f"{value:%Y-%m-%d %H:%M:%S}{zone}"  # to the second; CSV and JSON have all of it
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
