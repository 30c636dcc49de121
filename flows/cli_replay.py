"""The commands `newsledger reprocess` and `newsledger rebuild`: the archive read again."""
# ruff: noqa: PLC0415

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from flows.interrupt import get_ready, quiet_prefect
from flows.settings import load_settings

_DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def reprocess(
    *,
    since: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Published since, UTC.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Published before, UTC.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only this source; repeat for several.")
    ] = None,
    only: Annotated[
        str,
        typer.Option(help="What to read again: text,tickers,topics,facts; the rest is held."),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; append nothing.")
    ] = False,
) -> None:
    """Read the archive again under today's rules; what changed becomes new versions."""
    from flows.beforehand import require_home, require_order
    from tasks.sources.registry import choose, load_sources

    console = Console(stderr=True, highlight=False)
    parts = [name.strip() for name in only.split(",") if name.strip()]
    require_order(since, until, parts)
    settings = load_settings()
    choose(load_sources(settings.sources), source or ())
    require_home(settings)
    get_ready(console)
    from flows.progress import shown_on
    from flows.replay_card import print_reprocessed
    from flows.reprocess import reprocess as flow

    quiet_prefect()
    with shown_on(console):
        done = asyncio.run(
            flow(since=since, until=until, sources=source, only=parts or None, dry_run=dry_run)
        )
    print_reprocessed(done, Console(highlight=False))


def rebuild(
    to: Annotated[
        Path, typer.Option(metavar="DIR", help="A new folder for the warehouse.", file_okay=False)
    ],
) -> None:
    """Make the whole warehouse anew, in another folder, from the archive."""
    from tasks.sources.registry import load_sources
    from warehouse.home import Home
    from warehouse.inheriting import require_room

    console = Console(stderr=True, highlight=False)
    to = to.expanduser().absolute()
    settings = load_settings()
    load_sources(settings.sources).require_all()
    require_room(Home(settings.home), Home(to))
    get_ready(console)
    from flows.progress import shown_on
    from flows.rebuild import rebuild as flow
    from flows.replay_card import print_rebuilt

    quiet_prefect()
    with shown_on(console):
        done = asyncio.run(flow(to))
    print_rebuilt(done, Console(highlight=False))
