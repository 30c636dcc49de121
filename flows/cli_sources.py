"""The command `newsledger sources`: what is declared, whether it works, and drafts of new ones.

As in `cli.py`, each command imports what it needs when it runs.
"""
# ruff: noqa: PLC0415

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from flows.cli_failure import fail
from flows.display import print_rows
from flows.settings import load_settings, prepare_prefect

sources = typer.Typer(
    name="sources",
    help="Show which sources are declared and enabled; try one, or draft a new one.",
    invoke_without_command=True,
)


@sources.callback()
def show(context: typer.Context) -> None:
    """Show which sources are declared, and which are enabled; try one, or draft a new one.

    Ends with 1 where a source file cannot be used.
    """
    if context.invoked_subcommand:
        return
    from tasks.sources.registry import load_sources

    settings = load_settings()
    declared = load_sources(settings.sources)
    rows = [
        (
            source.name,
            "yes" if source.name in settings.enabled else "no",
            source.edition,
            ", ".join(source.languages),
            ", ".join(dict.fromkeys(each.kind for each in source.lists)),
            source.title,
        )
        for source in declared.values()
    ]
    console = Console(highlight=False)
    print_rows(("source", "enabled", "edition", "languages", "lists", "title"), rows, console)
    console.print(
        "\nEnable with NEWSLEDGER_ENABLED=name,name, after `newsledger sources check NAME`;"
        " your own go into NEWSLEDGER_SOURCES.",
        soft_wrap=True,
    )
    if declared.broken:
        fail("\n".join(f"Cannot be used: {mistakes}" for mistakes in declared.broken.values()))


@sources.command()
def check(
    name: Annotated[str, typer.Argument(help="A declared source.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Try a source for real: ask its lists, read one article, say what looks wrong.

    Nothing is stored. Ends with 1 when a list could not be read, or no article, and when something
    must be mended in the source's file.
    """
    from tasks.sources.registry import choose, load_sources

    settings = load_settings()
    declared = load_sources(settings.sources)
    source = choose(declared, [name])[0]
    prepare_prefect()
    from flows.source_cards import as_record, print_check
    from flows.source_check import Check, check_source
    from flows.tokens import tokens_for

    async def checked_source() -> Check:
        tokens = await tokens_for([source], settings)
        return await check_source(source, declared, settings.contact, tokens)

    checked = asyncio.run(checked_source())
    if as_json:
        sys.stdout.write(json.dumps(as_record(checked), ensure_ascii=False, indent=1) + "\n")
    else:
        print_check(checked, Console(highlight=False))
    if not checked.works:
        sys.exit(1)


@sources.command()
def new(
    url: Annotated[str, typer.Argument(help="The site's front page, or a feed of it.")],
    name: Annotated[str, typer.Option(help="Of the source; default: made from its host.")] = "",
) -> None:
    """Draft a source file by looking at a site: feeds, sitemaps, language, ids, region.

    It goes into the folder NEWSLEDGER_SOURCES, never over a file; without one it is printed.
    """
    from tasks.sources.draft import name_of
    from tasks.sources.registry import load_sources

    settings = load_settings()
    declared = load_sources(settings.sources)
    prepare_prefect()
    from flows.source_draft import draft_source, place_for

    named = name or name_of(url)
    path = place_for(settings.sources, named, declared) if settings.sources else None
    text = asyncio.run(draft_source(url, named, settings.contact))
    if path is None:
        sys.stdout.write(text)
        return
    with path.open("x", encoding="utf-8") as file:  # it may have come into being meanwhile
        file.write(text)
    Console(highlight=False).print(
        f"{path} is written; look at what is marked with `check`, then: newsledger sources check"
        f" {named}",
        soft_wrap=True,
        markup=False,
    )
