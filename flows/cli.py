"""The command `newsledger`.

Each command imports what it needs when it runs: `--help` answers at once, and nothing but
`ingest`, `backfill`, `upkeep`, `reprocess` and `rebuild` starts Prefect.
"""
# ruff: noqa: PLC0415

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TextIO

import typer
from rich.console import Console

from flows.cli_completeness import backfill, status
from flows.cli_replay import rebuild, reprocess
from flows.cli_sources import sources
from flows.cli_topics import topics
from flows.display import Format, print_rows, write_result
from flows.interrupt import STOPPED, get_ready, quiet_prefect
from flows.settings import load_settings
from tasks.articles.errors import NewsLedgerError
from warehouse.errors import WarehouseError
from warehouse.home import Home

app = typer.Typer(
    name="newsledger",
    help="A finance-news history you can trust: fetch, clean, tag, append, query.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(sources)
app.add_typer(topics)
app.command()(reprocess)
app.command()(rebuild)


def main() -> None:
    """Run the command; what goes wrong on purpose is a sentence and exit code 1 or 2."""
    try:
        app()
    except (NewsLedgerError, WarehouseError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'The system'}: {error.strerror or error}.")
    except SystemExit as ended:
        if ended.code == STOPPED:  # typer ends so after Ctrl-C, without a word
            _fail("Stopped.", code=STOPPED)
        raise


@app.command()
def ingest(
    source: Annotated[
        list[str] | None,
        typer.Option(help="A source to ingest; repeat for several. Default: the enabled ones."),
    ] = None,
) -> None:
    """Fetch what the sources list now, clean it, tag it, append it, publish it."""
    from flows.beforehand import require_contact, require_home
    from tasks.sources.registry import choose, load_sources

    console = Console(stderr=True, highlight=False)
    settings = load_settings()
    chosen = choose(load_sources(settings.sources), source or settings.enabled)
    require_contact(settings, chosen)
    require_home(settings)
    get_ready(console)
    from flows.cards import print_summary
    from flows.ingest import ingest as flow
    from flows.progress import shown_on

    quiet_prefect()
    with shown_on(console):
        summary = asyncio.run(flow(sources=source))
    print_summary(summary, Home(settings.home).news, Console(highlight=False))


app.command()(backfill)


@app.command()
def retry(
    source: Annotated[str, typer.Option(help="Only this source's.")] = "",
    reason: Annotated[str, typer.Option(help="Only what was rejected for it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would be.")] = False,
) -> None:
    """Take rejected listings up again: the next run tries them anew."""
    from flows.retry import retry as run

    console = Console(highlight=False)
    rows = run(load_settings(), source, reason, dry_run=dry_run)
    if rows:
        print_rows(("source", "reason", "listings"), rows, console)
    told = f"{sum(count for *_, count in rows):,} rejected listings"
    console.print(f"{told} {'would be' if dry_run else 'are'} taken up again by the next run.")


@app.command()
def inspect(
    pages: Annotated[list[str], typer.Argument(metavar="FILE_OR_URL...", help="Pages to look at.")],
    url: Annotated[
        str, typer.Option(help="Where a file came from; default: its canonical link.")
    ] = "",
    source: Annotated[
        str, typer.Option(help="Read it as this source's; default: the one of its address.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what the pipeline makes of a page. Nothing is stored."""
    from flows.cards import print_card
    from flows.inspection import inspect_page
    from tasks.sources.registry import choose, load_sources
    from tasks.tagging.learning.model_file import find_model

    settings = load_settings()
    model = find_model(Home(settings.home).topic_model)
    sources = load_sources(settings.sources)
    read_as = choose(sources, [source])[0] if source else None
    console = Console(highlight=False)
    unreadable: list[str] = []
    for place in pages:
        try:
            found = inspect_page(place, url, read_as, sources, settings.contact, model=model)
            inspected = asyncio.run(found)
        except NewsLedgerError as error:
            unreadable.append(str(error))
            continue
        if as_json:
            sys.stdout.write(json.dumps(inspected, ensure_ascii=False) + "\n")
        else:
            print_card(inspected, console)
    if unreadable:
        _fail("\n".join(unreadable))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SQL statement.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="Read the SQL from this file.", exists=True, dir_okay=False)
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file; parquet needs one.", dir_okay=False)
    ] = None,
) -> None:
    """Ask the published file in SQL, read-only."""
    from warehouse.query import query as run
    from warehouse.query import query_to_file

    if bool(sql.strip()) == bool(file):
        _fail("Give the SQL either as an argument or with --file.", code=2)
    statement = file.read_text(encoding="utf-8") if file else sql
    home = Home(load_settings().home)
    if form is Format.PARQUET:
        if output is None:
            _fail("Parquet is not for a screen: say where with --output FILE.", code=2)
        rows = query_to_file(home, statement, output, "parquet")
        Console(stderr=True, highlight=False).print(f"{rows:,} rows in {output}")
        return
    result = run(home, statement)
    with _opened(output) as stream:
        write_result(result.columns, result.rows, form, stream)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="All must be there.")],
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
    """Find articles by words in the published file, the best first."""
    from flows.cards import print_found
    from warehouse.search import search as find

    found = find(
        Home(load_settings().home),
        " ".join(words),
        ticker=ticker,
        topic=topic,
        since=since.replace(tzinfo=UTC) if since else None,
        language=lang,
        limit=limit,
    )
    print_found(found, since is not None, Console(highlight=False))


@app.command()
def securities(
    action: Annotated[
        Literal["refresh"], typer.Argument(help="Take today's lists of the SEC and NASDAQ.")
    ],
) -> None:
    """Bring the table of securities up to date with today's lists."""
    del action  # there is one so far
    from flows.securities import refresh_now

    Console(highlight=False).print(asyncio.run(refresh_now(load_settings())), soft_wrap=True)


app.command()(status)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made where it is missing.")],
) -> None:
    """Export all tables to Parquet, a file per table and month."""
    from warehouse.export import export as run

    done = run(Home(load_settings().home), folder.absolute())
    Console(highlight=False).print(
        f"{done.rows:,} rows of {done.tables} tables in {folder}: {done.written:,} files written,"
        f" {done.removed:,} removed, the others are as they were.",
        soft_wrap=True,
    )


@app.command()
def takedown(
    url_or_key: Annotated[str, typer.Argument(help="An article's address or article_key.")],
    why: Annotated[str, typer.Option(help="Who asked for it, and why; kept in the ledger.")],
) -> None:
    """Erase an article from everything, and keep it out for ever."""
    from flows.clock import utc_now
    from flows.takedown import request_of
    from tasks.sources.registry import load_sources
    from warehouse.takedown import take_down

    settings = load_settings()
    declared = load_sources(settings.sources)
    declared.require_all()  # whose article it is must be certain
    request = request_of(url_or_key, why, declared.values())
    wait = timedelta(seconds=settings.lock_seconds)
    done = take_down(Home(settings.home), request, utc_now, wait=wait)
    Console(highlight=False).print(
        f"{done.articles} articles, {done.pages} raw pages and {done.listings} headlines are gone,"
        f" {done.exports} exports were made anew; it is refused from now on. Copies that others"
        " have made, and files in archive/damaged, are not searched.",
        soft_wrap=True,
    )


@app.command()
def upkeep() -> None:
    """Do the nightly work now: retention, checks, compaction, publishing, export."""
    from flows.beforehand import require_home

    console = Console(stderr=True, highlight=False)
    settings = load_settings()
    require_home(settings)
    get_ready(console)
    from flows.progress import shown_on
    from flows.upkeep import upkeep as flow

    quiet_prefect()
    with shown_on(console):
        told = asyncio.run(flow())
    Console(highlight=False).print(*told, f"The data lies in {settings.home}.", sep="\n")


@app.command()
def serve(
    address: Annotated[str, typer.Option(help="Host and port.")] = "localhost:9494",
) -> None:
    """Let many clients read and write the live database, by DuckDB's server Quack."""
    from flows.stopping import stopped_by_signals
    from warehouse.serving import serve as run

    settings = load_settings()
    token = settings.token.get_secret_value()
    if not token:
        _fail("Say in NEWSLEDGER_TOKEN what clients must show; anyone could come in else.", code=2)
    stop = stopped_by_signals()
    console = Console(stderr=True, highlight=False)
    run(Home(settings.home), address, token, stop.is_set, console.print)


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="") as stream:
        yield stream


def _fail(sentence: str, code: int = 1) -> NoReturn:
    console = Console(stderr=True, highlight=False)
    console.print(sentence, style="red", soft_wrap=True, markup=False)
    sys.exit(code)
