"""The command `newsledger inspect`: what the pipeline makes of a page, and why.

As in `cli.py`, the command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from flows.settings import load_settings
from tasks.articles.errors import NewsLedgerError
from warehouse.errors import WarehouseError
from warehouse.home import Home


def inspect(
    pages: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE_OR_URL_OR_KEY...",
            help="A file, an address or an article_key. Of what is stored here the newest archived"
            " page is read, without network; any other address is fetched.",
        ),
    ],
    *,
    url: Annotated[
        str, typer.Option(help="Where a file came from; default: its canonical link.")
    ] = "",
    source: Annotated[
        str, typer.Option(help="Read it as this source's; default: the one of its address.")
    ] = "",
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch an address even if its page is stored here.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what the pipeline makes of a page, stored here or not. Nothing is stored."""
    from flows.cards import print_card
    from flows.inspection import inspect_page
    from flows.stored_page import find_page
    from tasks.sources.registry import choose, load_sources
    from tasks.tagging.learning.model_file import find_model

    settings = load_settings()
    home = Home(settings.home)
    model = find_model(home.topic_model)
    sources = load_sources(settings.sources)
    read_as = choose(sources, [source])[0] if source else None
    console = Console(highlight=False)
    unreadable: list[str] = []
    for place in pages:
        try:
            page = None if fetch else find_page(home, place, sources.values())
            found = inspect_page(
                place, url, read_as, sources, settings.contact, page=page, model=model
            )
            inspected = asyncio.run(found)
        except (NewsLedgerError, WarehouseError) as error:
            unreadable.append(str(error))
            continue
        if as_json:
            sys.stdout.write(json.dumps(inspected, ensure_ascii=False) + "\n")
        else:
            print_card(inspected, console)
    if unreadable:
        raise NewsLedgerError("\n".join(unreadable))
