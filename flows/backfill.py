"""The flow `backfill`: past days of one source, slice by slice, until each of them is proven.

It may be stopped at any moment and started again: what a slice's lists gave is in the ledger before
anything is fetched, proven slices are left alone, and only what has no outcome yet is worked on.
Beside it the source is polled as ever; a backfill moves neither its watermark nor what is known of
its documents.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import TypeVar
from uuid import UUID, uuid4

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from flows.batches import work_on
from flows.clock import utc_now
from flows.days import Asked, days_between, days_to_fill
from flows.intake import close_settled, resume
from flows.progress import progress
from flows.run import Run
from flows.settings import load_settings
from flows.start import opened
from flows.stretches import Reader, Readout, readouts
from flows.summary import Summary, as_markdown
from tasks.articles.errors import NewsLedgerError
from tasks.articles.records import Listing
from tasks.articles.rows import listing_of, listing_row
from tasks.discovery.lists import reaching_lists
from tasks.sources.registry import choose, load_sources
from tasks.sources.schema import Source
from warehouse.connection import writing
from warehouse.ledger import KnownListings, known_listings
from warehouse.slices import (
    NEVER_BEGUN,
    Closing,
    close_slices,
    in_slices,
    open_slices,
    slice_states,
    work_left,
)

T = TypeVar("T")
MOST_PROBLEMS = 5  # told of a run; the certificate has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What a backfill came to."""

    source: str
    days: int  # that it was asked for
    proven_before: int  # of them, left alone
    states: Counter[str]  # of all of them, as they are now
    summary: Summary


@dataclass(slots=True, kw_only=True)
class _Filling:
    """A backfill under way."""

    run: Run
    source: Source
    days: Sequence[date]  # in their order
    again: bool  # what has its outcome is fetched again, too
    left: int | None  # articles that may still be worked on; None: all
    done: int = 0  # days
    worked: int = 0  # listings
    problems: set[str] = field(default_factory=set)  # why days could not be read
    began: float = field(default_factory=monotonic)


def _run_name() -> str:
    asked = flow_run.parameters
    span = "gaps" if asked.get("only_gaps") else f"{asked.get('since')} to {asked.get('until')}"
    return f"backfill {asked.get('source')} {span}"


@flow(name="backfill", flow_run_name=_run_name)
async def backfill(
    source: str,
    since: date | None = None,
    until: date | None = None,
    *,
    only_gaps: bool = False,
    force: bool = False,
    oldest_first: bool = False,
    max_articles: int | None = None,
) -> Backfilled:
    """Fill the days ``since <= day < until`` (UTC) of a source, newest first; proven ones are left.

    With ``only_gaps`` the bounds may be left out: every day that is not proven between the first
    and the last one ever asked for. ``force`` reads and fetches all again, proven or not.
    ``max_articles`` ends the run after so many; the next goes on.

    Raises NewsLedgerError for a range without a day, a source that cannot reach back, and when its
    lists could not be read.
    """
    settings = load_settings()
    declared = load_sources(settings.sources)
    (chosen,) = choose(declared, [source])
    reaching_lists(chosen)
    asked = Asked(
        since=since, until=until, only_gaps=only_gaps, force=force, oldest_first=oldest_first
    )
    if not only_gaps:
        days_between(since, until, utc_now().date())  # a mistake is told at once
    run_id = UUID(flow_run.id or str(uuid4()))
    async with opened(settings, declared, [chosen], run_id, flow="backfill") as run:
        await resume(run)
        run.accounts.begin_anew()
        found = days_to_fill(await _states(run, chosen), asked, run.clock().date())
        proven = len(found.asked) - len(found.days)
        progress().say(f"{len(found.days):,} days to fill, {proven:,} are proven")
        await _fill(
            _Filling(run=run, source=chosen, days=found.days, again=force, left=max_articles)
        )
        now = await _states(run, chosen)
        summary = await run.finish()
    await acreate_markdown_artifact(
        key="backfill-summary",
        markdown=as_markdown(summary),
        description="What the last backfill did",
    )
    if summary.failure:
        raise NewsLedgerError(summary.failure)
    return Backfilled(
        source=source,
        days=len(found.asked),
        proven_before=proven,
        states=Counter(now.get(day, NEVER_BEGUN) for day in found.asked),
        summary=summary,
    )


async def _fill(filling: _Filling) -> None:
    """Read and work on all days; while some are worked on, the lists of the next are read."""
    run = filling.run
    if not filling.days:
        return
    reader = Reader(
        source=filling.source,
        client=run.client,
        clock=run.steady_clock,
        tokens=run.tokens,
        spool=run.home.spool,
    )
    async for readout in _one_ahead(readouts(reader, filling.days)):
        await _work_through(filling, readout)
        run.stopped = readout.stopped
        if filling.left == 0:
            progress().say("So many articles were asked for; the next run goes on from there.")
            return


async def _work_through(filling: _Filling, readout: Readout) -> None:
    """Take what the lists gave through all steps, and close the slices that end with it."""
    run = filling.run
    listings, left, known = await asyncio.to_thread(_take_down, filling, readout)
    if filling.left is not None:
        left = left[: filling.left]
        filling.left -= len(left)
    to_do = {listing.listing_id for listing in left}
    settled = known.decided | known.waiting
    run.accounts.open([*left, *(x for x in listings if x.listing_id in settled - to_do)])
    close_settled(run, [x for x in listings if x.listing_id not in to_do], known)
    await work_on(run, left)
    run.accounts.begin_anew()
    await asyncio.to_thread(_close, run, filling.source, readout.closings)
    for why in dict.fromkeys(closing.error for closing in readout.closings if closing.error):
        if why not in filling.problems and len(filling.problems) < MOST_PROBLEMS:
            run.warn(f"{filling.source.name}: {why}")
        filling.problems.add(why)
    filling.done += len(readout.closings)
    filling.worked += len(left)
    _tell(filling, readout)


def _take_down(
    filling: _Filling, readout: Readout
) -> tuple[list[Listing], list[Listing], KnownListings]:
    """Record what the lists gave; return all of it, what is to be worked on, and what is known.

    To be worked on is also what they gave at an earlier attempt and do not any more.
    """
    run, source, now = filling.run, filling.source.name, filling.run.clock()
    given = {*readout.listings, *(closing.day for closing in readout.closings)}
    days = [day for day in filling.days if day in given]
    rows = {
        day: [listing_row(listing, now) for listing in readout.listings.get(day, ())]
        for day in days
    }
    listed = [listing for found in readout.listings.values() for listing in found]
    with writing(run.home, wait=run.notebook.wait) as connection:
        open_slices(connection, source, rows, run_id=run.run_id, now=now)
        ours = in_slices(connection, source, days)
        known = known_listings(connection, [listing.listing_id for listing in listed])
        left = work_left(connection, source, days, now)
    run.notebook.tries = {row["listing_id"]: row["attempts"] for row in left}
    mine = [listing for listing in listed if listing.listing_id in ours]
    due = {row["listing_id"]: listing_of(row["listing"]) for row in left}
    again = {listing.listing_id: listing for listing in mine} if filling.again else {}
    return mine, list((due | again).values()), known


def _close(run: Run, source: Source, closings: Sequence[Closing]) -> None:
    with writing(run.home, wait=run.notebook.wait) as connection:
        close_slices(connection, source.name, closings, run_id=run.run_id, now=run.clock())


async def _states(run: Run, source: Source) -> dict[date, str]:
    def ask() -> dict[date, str]:
        with writing(run.home, wait=run.notebook.wait) as connection:
            return slice_states(connection, source.name)

    return await asyncio.to_thread(ask)


def _tell(filling: _Filling, readout: Readout) -> None:
    """Say how far it is, how fast it goes, and how long the rest takes at that pace."""
    seconds = max(monotonic() - filling.began, 0.001)
    share = filling.done / len(filling.days)
    rest = f", {_duration(seconds / share - seconds)} left" if 0 < share < 1 else ""
    days = [closing.day for closing in readout.closings]
    day = f"{min(days)} to {max(days)}: " if days else ""
    progress().say(
        f"{day}{filling.done:,} of {len(filling.days):,} days, {filling.worked:,} listings, "
        f"{filling.worked / seconds:.1f} a second{rest}"
    )


def _duration(seconds: float) -> str:
    minutes, hour = round(seconds / 60), 60
    if minutes >= hour:
        return f"about {minutes // hour} h {minutes % hour} min"
    return f"about {minutes} min" if minutes else f"about {seconds:.0f} s"


async def _one_ahead(items: AsyncIterator[T]) -> AsyncIterator[T]:
    """Give the items in order; the next one is being made while one is worked on."""
    coming = asyncio.ensure_future(anext(items, None))
    try:
        while (item := await coming) is not None:
            coming = asyncio.ensure_future(anext(items, None))
            yield item
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError):
            await coming
