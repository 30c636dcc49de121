"""The command `newsledger takedown`: what is erased for ever is shown and asked about first.

As in `cli.py`, the command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from flows.cli_failure import fail
from flows.settings import load_settings
from warehouse.home import Home

if TYPE_CHECKING:
    from warehouse.takedown import Affected

_UNKNOWN = "Nothing here has it"


def takedown(
    url_or_key: Annotated[str, typer.Argument(help="An article's address or article_key.")],
    why: Annotated[str, typer.Option(help="Who asked for it, and why; kept in the ledger.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be erased.")
    ] = False,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Keep it out even if nothing here has it.")
    ] = False,
) -> None:
    """Erase an article from everything, and keep it out for ever.

    A terminal is asked first, and refuses what nothing here has unless --unknown is given. A
    script is not asked: what it names is erased, and kept out even if nothing here has it.
    """
    from flows.clock import utc_now
    from flows.takedown import request_of
    from tasks.sources.registry import load_sources
    from warehouse.takedown import look_up, take_down

    settings, console = load_settings(), Console(highlight=False)
    declared = load_sources(settings.sources)
    declared.require_all()  # whose article it is must be certain
    request = request_of(url_or_key, why, declared.values())
    home, wait = Home(settings.home), timedelta(seconds=settings.lock_seconds)
    affected = look_up(home, request, wait=wait)
    is_asked = sys.stdin.isatty()
    if dry_run or (is_asked and not yes):
        console.print(_told(affected), soft_wrap=True, markup=False)
    if dry_run:
        return
    if is_asked and affected.is_unknown and not unknown:
        fail(f"{_UNKNOWN}; is it misspelt? --unknown keeps it out for ever all the same.", code=2)
    if is_asked and not yes and not typer.confirm("Erase it for ever?", err=True):
        fail("Nothing was erased.")
    done = take_down(home, request, utc_now, wait=wait)
    if affected.is_unknown:
        console.print(f"{_UNKNOWN}: it is kept out from now on, for ever.", soft_wrap=True)
        return
    console.print(
        f"{done.articles} articles, {done.pages} raw pages and {done.listings} headlines are gone,"
        f" {done.exports} exports were made anew; it is refused from now on. Copies that others"
        " have made, and files in archive/damaged, are not searched.",
        soft_wrap=True,
    )


def _told(affected: "Affected") -> str:
    """Say what would be erased."""
    if affected.is_unknown:
        return f"{_UNKNOWN}: it would be kept out from now on, for ever."
    titles = "".join(f"\n  {title}" for title in affected.titles)
    return (
        f"{len(affected.titles)} articles, {affected.pages} raw pages and {affected.listings}"
        f" headlines would be erased, and kept out for ever:{titles}"
    )
