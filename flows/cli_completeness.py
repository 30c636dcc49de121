"""The commands of completeness: `backfill` fills past days, `status` says how complete all is.

As in `cli.py`, each command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

import asyncio
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from flows.interrupt import get_ready, quiet_prefect
from flows.settings import load_settings
from tasks.articles.errors import NewsLedgerError
from warehouse.home import Home

_DAY = ["%Y-%m-%d"]
Since = Annotated[datetime | None, typer.Option(formats=_DAY, help="First day, UTC.")]
Until = Annotated[datetime | None, typer.Option(formats=_DAY, help="Day after the last one, UTC.")]


def backfill(
    source: Annotated[str, typer.Argument(help="The source whose past days are to be filled.")],
    *,
    since: Since = None,
    until: Until = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="Only days asked for before and not proven yet.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Read and fetch all again, proven or not.")
    ] = False,
    oldest_first: Annotated[
        bool, typer.Option("--oldest-first", help="Default: the newest day first.")
    ] = False,
    max_articles: Annotated[
        int | None, typer.Option(min=1, help="End after so many; the next run goes on.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only read the lists and count; nothing is stored.")
    ] = False,
) -> None:
    """Fill the days SINCE <= day < UNTIL of a source; stop it at will, it goes on from there."""
    from flows.beforehand import require_contact, require_home
    from flows.clock import utc_now
    from flows.days import days_between
    from tasks.discovery.lists import reaching_lists
    from tasks.sources.registry import choose, load_sources

    settings = load_settings()
    (chosen,) = choose(load_sources(settings.sources), [source])
    reaching_lists(chosen)
    require_contact(settings, [chosen])
    require_home(settings)
    asked = {"since": _day(since), "until": _day(until)}
    if not gaps:
        days_between(**asked, today=utc_now().date())  # a mistake is told at once
    errors, console = Console(stderr=True, highlight=False), Console(highlight=False)
    get_ready(errors)
    from flows.backfill import backfill as flow
    from flows.completeness_cards import print_backfilled, print_forecast
    from flows.forecast import forecast
    from flows.progress import shown_on

    quiet_prefect()
    how: dict[str, Any] = {**asked, "only_gaps": gaps, "force": force, "oldest_first": oldest_first}
    with shown_on(errors):
        if dry_run:
            expected = asyncio.run(forecast(source, **how))
        else:
            done = asyncio.run(flow(source, **how, max_articles=max_articles))
    if dry_run:
        print_forecast(expected, console)
    else:
        from warehouse.slices import FAILED

        print_backfilled(done, Home(settings.home).news, console)
        if done.states[FAILED]:
            sys.exit(1)


def status(
    *,
    completeness: Annotated[
        bool, typer.Option("--completeness", help="Say for each source and day what is missing.")
    ] = False,
    source: Annotated[str, typer.Option(help="With --completeness: only this source.")] = "",
    since: Since = None,
    until: Until = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object; with --completeness the certificate.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="With --completeness: write it to this .json or .md.", dir_okay=False),
    ] = None,
) -> None:
    """Show the last runs, how much there is, and how fresh or complete each source is.

    Times are in UTC. Ends with 1 while a check of the warehouse fails (without --completeness).
    """
    settings, console = load_settings(), Console(highlight=False)
    home = Home(settings.home)
    if not completeness:
        if source or since or until or out:
            raise NewsLedgerError("These options go with --completeness: add it.")
        _say_how_things_stand(home, console, as_json=as_json)
        return
    from flows.clock import utc_now
    from flows.completeness import as_json as written
    from flows.completeness import certify, write
    from flows.completeness_cards import print_certificate
    from flows.status import see_that_known
    from tasks.sources.registry import load_sources

    if source:
        see_that_known(home, source, load_sources(settings.sources))
    found = certify(home, utc_now(), source=source, since=_day(since), until=_day(until))
    if out:
        write(found, out)
    if as_json:
        sys.stdout.write(written(found))
    elif out:
        console.print(f"{out} is written.", soft_wrap=True)
    else:
        print_certificate(found, console)


def _say_how_things_stand(home: Home, console: Console, *, as_json: bool) -> None:
    from flows.clock import utc_now
    from flows.status import as_record, read_status
    from flows.status_card import print_status

    status = read_status(home)
    if as_json:
        sys.stdout.write(json.dumps(as_record(status), ensure_ascii=False, indent=2) + "\n")
    else:
        print_status(status, utc_now(), console)
    if status.failing:
        sys.exit(1)


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant else None
