"""The command `newsledger`.

Each command imports what it needs when it runs: `--help` answers at once, and nothing but
`ingest`, `backfill`, `upkeep`, `reprocess` and `rebuild` starts Prefect.
"""
# ruff: noqa: PLC0415

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from flows.cli_completeness import backfill, status
from flows.cli_failure import fail
from flows.cli_inspect import inspect
from flows.cli_questions import query, search
from flows.cli_replay import rebuild, reprocess
from flows.cli_sources import sources
from flows.cli_takedown import takedown
from flows.cli_topics import topics
from flows.display import print_rows
from flows.interrupt import STOPPED, get_ready, quiet_prefect
from flows.settings import load_settings
from tasks.articles.errors import NewsLedgerError
from warehouse.errors import WarehouseError
from warehouse.home import Home

app = typer.Typer(
    name="newsledger",
    help="A finance-news history you can trust: fetch, clean, tag, append, query.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command; what goes wrong on purpose is a sentence and exit code 1 or 2."""
    try:
        app()
    except (NewsLedgerError, WarehouseError) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'The system'}: {error.strerror or error}.")
    except SystemExit as ended:
        if ended.code == STOPPED:  # typer ends so after Ctrl-C, without a word
            fail("Stopped.", code=STOPPED)
        raise


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"newsledger {version('newsledger')}\n")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Say which it is."),
    ] = False,
) -> None:
    """Trust your finance-news history: fetch, clean, tag, append, query."""


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
    from flows.status import FEW_RUNS, runs_so_far

    quiet_prefect()
    with shown_on(console):
        summary = asyncio.run(flow(sources=source))
    home = Home(settings.home)
    is_new = runs_so_far(home) <= FEW_RUNS
    print_summary(summary, home.news, Console(highlight=False), is_new=is_new)


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


def securities(
    action: Annotated[
        Literal["refresh"], typer.Argument(help="Take today's lists of the SEC and NASDAQ.")
    ],
) -> None:
    """Bring the table of securities up to date with today's lists."""
    del action  # there is one so far
    from flows.securities import refresh_now

    Console(highlight=False).print(asyncio.run(refresh_now(load_settings())), soft_wrap=True)


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


def serve(
    address: Annotated[str, typer.Option(help="Host and port.")] = "localhost:9494",
) -> None:
    """Let many clients read and write the live database, by DuckDB's server Quack."""
    from flows.stopping import stopped_by_signals
    from warehouse.serving import serve as run

    settings = load_settings()
    token = settings.token.get_secret_value()
    if not token:
        fail("Say in NEWSLEDGER_TOKEN what clients must show; anyone could come in else.", code=2)
    stop = stopped_by_signals()
    console = Console(stderr=True, highlight=False)
    run(Home(settings.home), address, token, stop.is_set, console.print)


# In the order of --help: what a newcomer needs comes first.
for command in (
    *(ingest, query, status, search, inspect),
    *(backfill, retry, reprocess, rebuild, upkeep, export, takedown, securities, serve),
):
    app.command()(command)
app.add_typer(sources, short_help=sources.info.help)
app.add_typer(topics, short_help=topics.info.help)
for group in (app, sources, topics):
    for known in group.registered_commands:  # else typer cuts long sentences
        known.short_help = (known.callback.__doc__ or "").partition("\n")[0]
