"""The commands `newsledger query` and `newsledger search`: questions to the published file.

As in `cli.py`, each command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console

from flows.cli_failure import fail
from flows.display import Format, write_result
from flows.settings import load_settings
from warehouse.home import Home


def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="Read the SQL from this file.", exists=True, dir_okay=False)
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="How to print it. Default: as the output's name ends."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file; parquet needs one.", dir_okay=False)
    ] = None,
) -> None:
    """Ask the published file in SQL, read-only.

    The SQL may read files of yours too (read_parquet, read_csv); it writes none: --output does.
    Times are in UTC, marked Z in a table.
    """
    from warehouse.query import ask, query_to_file

    if bool(sql.strip()) == bool(file):
        fail("Give the SQL either as an argument or with --file.", code=2)
    statement = file.read_text(encoding="utf-8") if file else sql
    home, form = Home(load_settings().home), form or Format.of(output)
    if form is Format.PARQUET:
        if output is None:
            fail("Parquet is not for a screen: say where with --output FILE.", code=2)
        rows = query_to_file(home, statement, output, "parquet")
        Console(stderr=True, highlight=False).print(f"{rows:,} rows in {output}", soft_wrap=True)
        return
    result = ask(home, statement)
    with _opened(output) as stream:
        write_result(result.columns, result.rows, form, stream)


def search(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="All must be there. Without: the newest first."),
    ] = None,
    *,
    ticker: Annotated[str, typer.Option(help="Only articles that name it, such as META.")] = "",
    topic: Annotated[str, typer.Option(help="Only this topic, such as analyst-ratings.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Published since, UTC."),
    ] = None,
    lang: Annotated[str, typer.Option(help="Only this language, such as it.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 10,
) -> None:
    """Find articles by words, the best first; or by ticker, topic and language alone.

    A topic, ticker or language that the published file does not know ends with 2.
    """
    from flows.cards import print_found
    from warehouse.errors import QueryError
    from warehouse.search import search as find

    try:
        found = find(
            Home(load_settings().home),
            " ".join(words or ()),
            ticker=ticker,
            topic=topic,
            since=since.replace(tzinfo=UTC) if since else None,
            language=lang,
            limit=limit,
        )
    except QueryError as error:
        fail(str(error), code=2)
    print_found(found, since is not None, Console(highlight=False))


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="") as stream:
        yield stream
