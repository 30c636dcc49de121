"""The flow `upkeep`, every night: what keeps a warehouse whole, small, legal and copied.

Each step may be repeated, and one that fails keeps the others from nothing. Each takes the writer's
turn for its own moment, so scheduled runs go on meanwhile.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.clock import utc_now
from flows.progress import progress
from flows.settings import load_settings
from tasks.articles.errors import NewsLedgerError
from tasks.sources.registry import load_sources
from tasks.sources.schema import Source
from warehouse.checking import failing, run_checks, thin_out
from warehouse.compaction import compact
from warehouse.connection import reading, writing
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.export import export
from warehouse.home import Home
from warehouse.retention import expire
from warehouse.search import build_index
from warehouse.snapshot import publish
from warehouse.takedown import finish_takedowns
from warehouse.transaction import checkpoint

PASSES_KEPT = timedelta(days=7)  # every check of every load; of older ones that passed, one a day


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of upkeep: ``work`` does it and returns what it came to, for a person."""

    name: str
    work: Callable[[], object]


@flow(name="upkeep")
async def upkeep() -> list[str]:
    """Do the nightly work and return what each step came to, a sentence each.

    A step that meets a held database is left for the next night. Raises NewsLedgerError, after
    all steps, when one of them failed in another way.
    """
    settings = load_settings()
    home, wait = Home(settings.home), timedelta(seconds=settings.lock_seconds)
    declared = load_sources(settings.sources)
    told, failed = declared.left_out, []
    for step in steps(home, wait, list(declared.values())):
        try:
            told.append(f"{step.name}: {await run_step(step)}")
        except WarehouseBusy as busy:
            told.append(f"{step.name}: left for the next time. {busy}")
        except WarehouseError as error:
            told.append(f"{step.name}: {error}")
            failed.append(told[-1])
        progress().say(told[-1])
    if failed:
        raise NewsLedgerError("\n".join(failed))
    return told


@task(task_run_name="{step.name}", cache_policy=NO_CACHE)
async def run_step(step: Step) -> object:
    """Do one step, beside the event loop."""
    return await asyncio.to_thread(step.work)


def steps(home: Home, wait: timedelta, sources: list[Source]) -> Iterator[Step]:
    """Give the steps in their order: what must go goes before anything is copied."""
    yield Step(
        "takedowns",
        lambda: "{} pages erased, {} exports made anew".format(
            *finish_takedowns(home, utc_now, wait=wait)
        ),
    )
    for source in sources:
        if source.rights.retention_days is not None:
            before = utc_now() - timedelta(days=source.rights.retention_days)
            yield Step(
                f"retention of {source.name}", partial(expire, home, source.name, before, wait=wait)
            )
    yield Step("checkpoint", partial(_checkpoint, home, wait))
    yield Step("checks", partial(_check, home, wait))
    yield Step("compaction", partial(compact, home, wait=wait))
    yield Step("publishing", partial(publish, home, wait=wait))
    yield Step("search index", partial(_index, home))
    yield Step("export", partial(export, home, home.exports))


def _check(home: Home, wait: timedelta) -> str:
    """Look at all rows; after a load only the last days are looked at."""
    with writing(home, wait=wait) as connection:
        run_checks(connection, utc_now())
        thin_out(connection, utc_now() - PASSES_KEPT)
        count = len(failing(connection))
    return f"{count} failing; newsledger status shows them" if count else "all is well"


def _index(home: Home) -> str:
    with reading(home.news) as connection:
        built = build_index(connection)
    return "built" if built else "not built: it needs the extra `search`"


def _checkpoint(home: Home, wait: timedelta) -> str:
    with writing(home, wait=wait) as connection:
        checkpoint(connection)
    return f"{home.live.stat().st_size / 1e6:,.1f} MB"
