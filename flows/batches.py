"""How listings go through the steps, a batch at a time, several batches at once.

Whatever goes wrong in a batch stays in it: its listings are put off, its pages stay in the archive,
the other batches go on.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from prefect.utilities.annotations import quote

from flows.progress import progress
from flows.run import Run
from tasks.archive import archive
from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome, Page
from tasks.extract import extract
from tasks.fetch import fetch
from tasks.load import Loadable, load
from tasks.tag import tag
from warehouse.errors import WarehouseBusy

T = TypeVar("T")
BATCHES_UNDER_WAY = 4  # some are fetched while others are extracted and loaded
RETRY_LATER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Work:
    """A batch after fetching: each listing has a page or an outcome."""

    listings: Sequence[Listing]  # whose outcomes this run has to account for
    pages: Sequence[Page]
    outcomes: Sequence[Outcome]
    batch_id: UUID
    is_archived: bool = True  # false when no page came back at all


async def work_on(run: Run, listings: Sequence[Listing]) -> None:
    """Take listings through all steps. Those of one host go together: a slow one delays its own."""
    progress().expect(len(listings))
    free = asyncio.Semaphore(BATCHES_UNDER_WAY)

    async def work_on_one(batch: Sequence[Listing]) -> None:
        async with free:
            await _work_on_batch(run, batch)

    by_host = sorted(listings, key=lambda listing: urlsplit(listing.url).hostname or "")
    try:
        async with asyncio.TaskGroup() as group:
            for batch in _batches(by_host, run.settings.batch_size):
                group.create_task(work_on_one(batch))
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None  # the books do not balance: a fault of ours


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


async def _work_on_batch(run: Run, batch: Sequence[Listing]) -> None:
    try:
        fetched = await fetch(_whole(batch), _whole(run.declared), run.client, run.clock)
        is_archived = bool(fetched.pages)
        batch_id = (
            await archive(_whole(fetched.pages), run.home)
            if is_archived
            else stable_uuid(str(run.run_id), *(str(listing.listing_id) for listing in batch))
        )
    except Exception as error:  # noqa: BLE001  such as a full disk
        run.warn(f"{len(batch)} listings could not be fetched or archived: {error}")
        _close(run, _put_off(run, batch, Deferred(Reason.INTERNAL, repr(error))))
        return
    await finish_batch(run, Work(batch, fetched.pages, fetched.outcomes, batch_id, is_archived))


async def _extract_tag_load(run: Run, work: Work) -> list[Outcome]:
    extracted = await extract(_whole(work.pages), _whole(run.declared), run.pool, run.clock)
    tagged = await tag(_whole(extracted.articles), run.pool)
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
    )
    names = await load(_whole(batch), run.home, run.clock, run.notebook.wait)
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


def _whole(records: T) -> T:
    """Hand records to a task as they are: Prefect would walk through all of them for futures.

    That walk takes 2 ms a page. Prefect takes the wrapping off before the task is called.
    """
    return cast(T, quote(records))


def _batches(listings: Sequence[Listing], size: int) -> Iterator[Sequence[Listing]]:
    for start in range(0, len(listings), size):
        yield listings[start : start + size]
