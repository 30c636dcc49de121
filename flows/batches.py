"""How listings go through the steps, a batch at a time, several batches at once.

Whatever goes wrong in a batch stays in it: its listings are put off, its pages stay in the archive,
the other batches go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from prefect.utilities.annotations import quote

from flows.lanes import lanes
from flows.progress import progress
from flows.run import Run
from tasks.archive import archive
from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome, Page
from tasks.extract import extract
from tasks.fetch import Fetched, fetch
from tasks.load import Loadable, load
from tasks.revisit import Revisit, revisit
from tasks.sources.schema import Source
from tasks.tag import tag
from warehouse.errors import WarehouseBusy

T = TypeVar("T")
LANES_AT_ONCE = 12  # each holds at most one batch that was fetched and not taken up yet
TELL_SECONDS = 8.0  # between two lines that say how far fetching is
MOST_BYTES = 16_000_000  # of items that came whole in one batch


@dataclass(frozen=True, slots=True)
class Work:
    """A batch after fetching: each listing has a page or an outcome."""

    listings: Sequence[Listing]  # whose outcomes this run has to account for
    pages: Sequence[Page]
    outcomes: Sequence[Outcome]
    batch_id: UUID
    is_archived: bool = True  # false when no page came back at all


@dataclass(frozen=True, slots=True)
class Fetching:
    """A batch before fetching, and how it is fetched."""

    listings: Sequence[Listing]
    fetch: Callable[[], Awaitable[Fetched]]


async def work_on(run: Run, listings: Sequence[Listing], revisits: Sequence[Revisit] = ()) -> None:
    """Take listings, and articles to look at again, through all steps.

    Each host has its lane, so that a slow one delays its own pages only. While the pages of a batch
    are extracted and loaded, its lane fetches the next one.
    """
    progress().expect(len(listings) + len(revisits))
    if listings or revisits:
        run.pool.get_ready()  # while the first pages are fetched
    size = run.settings.batch_size
    bounds = {"most": size, "most_bytes": MOST_BYTES}

    def host(listing: Listing) -> str:
        return urlsplit(listing.url or run.declared[listing.source].home).hostname or ""

    plans = [_fetch(run, lane) for lane in lanes(listings, host, _known_bytes, **bounds)]
    plans += [
        _look_again(run, lane)
        for lane in lanes(revisits, lambda again: host(again.listing), lambda _: 0, **bounds)
    ]
    telling = asyncio.create_task(_tell_how_far(run, len(listings) + len(revisits)))
    fetching, working = asyncio.Semaphore(LANES_AT_ONCE), asyncio.Semaphore(run.pool.batches)
    try:
        async with asyncio.TaskGroup() as group:
            for plan in plans:
                group.create_task(_work_through(run, plan, group, fetching, working))
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None  # the books do not balance: a fault of ours
    finally:
        telling.cancel()


async def _tell_how_far(run: Run, count: int) -> None:
    """Say every few seconds how many answers there are: a batch may be minutes on its way."""
    before, told = run.client.asked, 0
    paces = {source.politeness.per_minute for source in run.chosen}
    pace = f"{min(paces):g} requests a minute" if len(paces) == 1 else "as its source says"
    while True:
        await asyncio.sleep(TELL_SECONDS)
        asked = run.client.asked - before
        if told < asked < count:
            progress().say(f"{asked:,} of {count:,} fetched; the pace of a host: {pace}")
        told = asked


async def finish_batch(run: Run, work: Work) -> None:
    """Extract, tag and load a fetched batch, and close its listings in the books."""
    try:
        outcomes = await _extract_tag_load(run, work)
    except WarehouseBusy as busy:
        run.notebook.found_held(busy)
        await hold_back(run, work)
        return
    except Exception as error:  # noqa: BLE001  one page must never take the others down
        run.warn(f"A batch failed as a whole and is loaded page by page: {error!r}")
        outcomes = await _one_by_one(run, work)
    _close(run, outcomes)
    run.pages += len(work.pages)


async def hold_back(run: Run, work: Work) -> None:
    """Leave a batch to the next run, because somebody holds the database.

    Its pages wait in the archive; what came without a page is noted.
    """
    why = "somebody holds the database; the next run loads it"
    progress().say(f"{len(work.listings)} listings wait: {why}")
    await asyncio.to_thread(run.notebook.keep, work.batch_id, work.outcomes)
    _close(run, _put_off(run, work.listings, Deferred(Reason.WAREHOUSE_BUSY, why)))
    run.pages += len(work.pages)


async def _work_through(
    run: Run,
    plan: Sequence[Fetching],
    group: asyncio.TaskGroup,
    fetching: asyncio.Semaphore,
    working: asyncio.Semaphore,
) -> None:
    """Work one lane off: fetch its batches in order, and finish each beside the next one."""

    async def finish(work: Work) -> None:
        try:
            await finish_batch(run, work)
        finally:
            working.release()

    async with fetching:
        for batch in plan:
            work = await _fetch_and_archive(run, batch)
            if work:
                await working.acquire()
                group.create_task(finish(work))


async def _fetch_and_archive(run: Run, batch: Fetching) -> Work | None:
    """Return the batch with its pages in the archive; None when that failed, and is told."""
    listings = batch.listings
    try:
        fetched = await batch.fetch()
        is_archived = bool(fetched.pages)
        batch_id = (
            await archive(whole(fetched.pages), run.home)
            if is_archived
            else stable_uuid(str(run.run_id), *(str(listing.listing_id) for listing in listings))
        )
    except Exception as error:  # noqa: BLE001  such as a full disk
        run.warn(f"{len(listings)} listings could not be fetched or archived: {error}")
        _close(run, _put_off(run, listings, Deferred(Reason.INTERNAL, repr(error))))
        return None
    return Work(listings, fetched.pages, fetched.outcomes, batch_id, is_archived)


def _fetch(run: Run, lane: Sequence[Sequence[Listing]]) -> list[Fetching]:
    given = whole(run.declared), run.client, run.clock, whole(run.notebook.listed_at)
    return [Fetching(listings, partial(fetch, whole(listings), *given)) for listings in lane]


def _look_again(run: Run, lane: Sequence[Sequence[Revisit]]) -> list[Fetching]:
    return [
        Fetching(
            [again.listing for again in revisits],
            partial(revisit, whole(revisits), whole(run.declared), run.client, run.clock),
        )
        for revisits in lane
    ]


def _may_change(page: Page, declared: Mapping[str, Source]) -> bool:
    """Say whether a page may be looked at again: it came over the web, and its source asks."""
    from_web = page.kind == "html" and not page.listing.file
    return from_web and bool(declared[page.listing.source].polling.revisit_hours)


def _known_bytes(listing: Listing) -> int:
    return len(listing.body)


async def _extract_tag_load(run: Run, work: Work) -> list[Outcome]:
    extracted = await extract(whole(work.pages), whole(run.declared), run.pool, run.clock)
    tagged = await tag(whole(extracted.articles), run.pool, run.model)
    pages = {page.page_id: page for page in work.pages}
    untagged = [
        Outcome.of_error(pages[a.page_id].listing, error, run.clock(), pages[a.page_id])
        for a, error in tagged.errors
    ]
    early = [
        outcome.after(run.notebook.tries.get(outcome.listing.listing_id, 0))
        for outcome in (*work.outcomes, *extracted.outcomes, *untagged)
    ]
    batch = Loadable(
        run_id=run.run_id,
        batch_id=work.batch_id,
        is_archived=work.is_archived,
        listings=[page.listing for page in work.pages] + [x.listing for x in work.outcomes],
        articles=tagged.articles,
        outcomes=early,
        watched=[x for x in work.pages if run.watches and _may_change(x, run.declared)],
    )
    names = await load(whole(batch), run.home, run.clock, run.notebook.wait)
    run.notebook.is_held = False
    known = {outcome.listing.listing_id: outcome for outcome in early}
    now = run.clock()
    return [
        replace(
            known.get(x.listing_id, Outcome(listing=x, outcome="unchanged", fetched_at=now)),
            outcome=names[x.listing_id],
        )
        for x in work.listings
    ]


async def _one_by_one(run: Run, work: Work) -> list[Outcome]:
    """Load a batch that failed as a whole page by page; what fails alone is rejected, and told.

    The archive's file is settled with the last one, so that no later run fails on it again.
    """
    ours = {listing.listing_id for listing in work.listings}
    outcomes: list[Outcome] = []
    for page in work.pages:
        listings = [page.listing] if page.listing.listing_id in ours else []
        one = Work(listings, [page], (), work.batch_id, is_archived=False)
        outcomes += await _alone(run, one, page)
    rest = Work([x.listing for x in work.outcomes], (), work.outcomes, work.batch_id)
    try:
        return outcomes + await _extract_tag_load(run, replace(rest, is_archived=work.is_archived))
    except Exception as error:  # noqa: BLE001  the books must still balance
        run.warn(f"A batch waits for the next run: {error!r}")
        return outcomes + _put_off(run, rest.listings, Deferred(Reason.INTERNAL, repr(error)))


async def _alone(run: Run, work: Work, page: Page) -> list[Outcome]:
    try:
        return await _extract_tag_load(run, work)
    except Exception as error:  # noqa: BLE001  a fault of ours, which the page brings out
        rejected = Outcome.of_error(
            page.listing, Rejected(Reason.INTERNAL, repr(error)), run.clock(), page
        )
        run.warn(f"{page.url or page.listing.place} cannot be processed: {error!r}")
    try:
        return await _extract_tag_load(run, replace(work, pages=(), outcomes=[rejected]))
    except Exception:  # noqa: BLE001  nothing can be loaded at all: the next run tries again
        return _put_off(run, work.listings, Deferred(Reason.INTERNAL, rejected.detail))


def _put_off(run: Run, listings: Sequence[Listing], error: ItemError) -> list[Outcome]:
    """Defer listings in this run's books; in the ledger they have no outcome, and are due again."""
    return [Outcome.of_error(listing, error, run.clock()) for listing in listings]


def _close(run: Run, outcomes: Sequence[Outcome]) -> None:
    run.accounts.close(outcomes)
    progress().advance(outcomes)


def whole(records: T) -> T:
    """Hand records to a task as they are: Prefect would walk through all of them for futures.

    That walk takes 2 ms a page. Prefect takes the wrapping off before the task is called.
    """
    return cast(T, quote(records))
