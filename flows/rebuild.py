"""The flow `rebuild`: a whole warehouse made anew from the archive of another one.

Batches are loaded in the order in which they were loaded first, under today's rules: articles,
versions, tags and outcomes come out the same, but for run ids and available_at. What no page tells
comes from the earlier ledger. A run that was killed goes on where it stopped; the earlier warehouse
is only read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

from prefect import flow
from prefect.runtime import flow_run

from flows.clock import utc_now
from flows.cluster import workers_for
from flows.knowledge import read_knowledge
from flows.progress import progress
from flows.reloading import Rebuilding, load_again, steps
from flows.settings import Settings, load_settings
from flows.start import check_knowledge
from flows.stopping import ended_by_sigterm
from tasks.publish import publish
from tasks.sources.registry import load_sources
from tasks.tagging.learning.model_file import find_model
from warehouse import inheriting, ledger
from warehouse.carrying import Ledger, carry_ledger, carry_rest, earlier_ledger
from warehouse.checking import failing, run_checks
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import table_counts

COMPARED = (
    *("article_versions", "article_tickers", "ticker_mentions", "article_topics"),
    *("article_facts", "listings", "outcomes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A finished rebuild."""

    home: Path
    told: str  # where what no page tells came from; "" when there was no earlier ledger
    batches: int
    rows: tuple[tuple[str, int | None, int], ...]  # table, rows in the earlier warehouse and now
    carried: int  # versions whose pages could not be read: as they were
    problems: tuple[str, ...]
    seconds: float


@flow(name="rebuild")
async def rebuild(to: Path) -> Rebuilt:
    """Make a warehouse in the new folder ``to`` (absolute) from the archive of this one.

    Raises ArchiveError where there is no archive, or the folder holds something else;
    WarehouseError where a disk refuses: the same once more then goes on.
    """
    started = monotonic()
    settings = load_settings()
    load_sources(settings.sources).require_all()
    earlier, anew = Home(settings.home), Home(to)
    await asyncio.to_thread(inheriting.begin, earlier, anew)
    check_knowledge(earlier)
    with earlier_ledger(earlier) as told:
        async with _opened(settings, anew, told) as work:
            planned = await asyncio.to_thread(steps, work)
            await load_again(work, planned)
            carried = await asyncio.to_thread(_finish, work)
        await publish(anew, work.wait)
        inheriting.finish(anew)
        now = table_counts(anew)
        return Rebuilt(
            home=anew.root,
            told=told.where if told else "",
            batches=len(planned),
            rows=tuple((t, told.count(t) if told else None, now[t]) for t in COMPARED),
            carried=carried,
            problems=tuple(work.problems),
            seconds=monotonic() - started,
        )


@asynccontextmanager
async def _opened(settings: Settings, anew: Home, told: Ledger | None) -> AsyncIterator[Rebuilding]:
    declared = load_sources(settings.sources)
    model = find_model(anew.topic_model)
    with workers_for(settings, settings.page_seconds, partial(read_knowledge, model)) as pool:
        work = Rebuilding(
            run_id=UUID(flow_run.id or str(uuid4())),
            home=anew,
            told=told,
            declared=declared,
            pool=pool,
            model=model,
            wait=timedelta(seconds=settings.lock_seconds),
            clock=utc_now,
        )
        await asyncio.to_thread(_start, work)
        with ended_by_sigterm():
            yield work


def _start(work: Rebuilding) -> None:
    with writing(work.home, wait=work.wait) as connection:
        if work.told:
            progress().say(f"Carrying over the ledger of {work.told.where}")
            carry_ledger(connection, work.told)
        ledger.start_run(
            connection,
            run_id=work.run_id,
            flow="rebuild",
            sources=sorted(work.declared),
            started_at=work.clock(),
        )


def _finish(work: Rebuilding) -> int:
    """Carry over what no page told, check all rows; return the number of versions carried."""
    now = work.clock()
    with writing(work.home, wait=work.wait) as connection:
        carried = carry_rest(connection, work.told) if work.told else 0
        ledger.finish_run(connection, run_id=work.run_id, finished_at=now)
        run_checks(connection, now, run_id=work.run_id)
        work.problems += [
            f"check {found.check_name}: {found.subject}: {found.detail}"
            for found in failing(connection)
        ]
    return carried
