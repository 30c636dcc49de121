"""What a run has to work on: what an earlier one left in the archive, and what is listed now."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from flows.batches import Work, finish_batch
from flows.progress import progress
from flows.run import Run
from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.articles.records import Listing, Outcome, Page
from tasks.articles.rows import listing_of, listing_row, page_of
from tasks.discover import Discovery, discover
from tasks.sources.schema import Source
from warehouse import ledger
from warehouse.archive import pending, read_batch, set_aside
from warehouse.connection import writing
from warehouse.errors import ArchiveError


async def resume(run: Run) -> None:
    """Load what an earlier run archived but did not load."""
    for batch_id in await asyncio.to_thread(pending, run.home):
        pages = await asyncio.to_thread(_read, run, batch_id)
        undeclared = {page.listing.source for page in pages} - run.declared.keys()
        if undeclared:
            names = ", ".join(sorted(undeclared))
            run.warn(f"Archived pages of {names} wait until that source is declared again.")
        elif pages:
            listings = run.accounts.open(page.listing for page in pages)
            for listing in listings:
                run.accounts.poll(listing.source).resumed += 1
            progress().expect(len(listings))
            await finish_batch(run, Work(listings, pages, (), batch_id))


async def discovered(run: Run) -> list[Listing]:
    """Ask the chosen sources; return the listings that have to be worked on in this run."""
    progress().say(f"Asking {', '.join(source.name for source in run.chosen)}")
    found = await asyncio.gather(*(_discover(run, source) for source in run.chosen))
    due, known = await asyncio.to_thread(_take_down, run, [x for part in found for x in part])
    listings = run.accounts.open([*(x for part in found for x in part), *due])
    for listing in due:
        run.accounts.poll(listing.source).resumed += 1
    now = run.clock()
    not_due = Deferred(Reason.NOT_DUE, "deferred by an earlier run, and not due yet")
    for listing in listings:
        if listing.listing_id in known.decided:
            same = Outcome(listing=listing, outcome="unchanged", fetched_at=now)
            run.accounts.close([same])
        elif listing.listing_id in known.waiting:
            run.accounts.close([Outcome.of_error(listing, not_due, now)])
    settled = known.decided | known.waiting
    return [listing for listing in listings if listing.listing_id not in settled]


def _read(run: Run, batch_id: UUID) -> list[Page]:
    """Return the pages of a pending batch; none when they cannot be read, or another run did."""
    try:
        return [page_of(row) for row in read_batch(run.home, batch_id)]
    except (ArchiveError, KeyError, TypeError, ValueError) as error:
        if batch_id in pending(run.home):
            set_aside(run.home, batch_id)
            run.warn(f"{error} It was set aside under archive/damaged.")
        return []


async def _discover(run: Run, source: Source) -> list[Listing]:
    poll = run.accounts.poll(source.name)
    try:
        discovery: Discovery = await discover(source, run.client)
    except ItemError as error:
        poll.is_dead = True
        poll.problems.append(str(error))
        return []
    poll.problems += discovery.problems
    return discovery.listings


def _take_down(run: Run, found: Sequence[Listing]) -> tuple[list[Listing], ledger.KnownListings]:
    """Record what was found; return the earlier listings that are due, and what is known.

    A listing is in the ledger from here on: one that gets no outcome, because its run was killed,
    is due again later, whatever the source lists by then.
    """
    names, now = [source.name for source in run.chosen], run.clock()
    with writing(run.home, wait=run.wait) as connection:
        known = ledger.known_listings(connection, [x.listing_id for x in found], now)
        due = ledger.due(connection, now, names)
        rows = [listing_row(x, now) for x in found if x.listing_id not in known.decided]
        ledger.record_listings(connection, rows, run_id=run.run_id, available_at=now)
    run.tries = {row["listing_id"]: row["attempts"] for row in due}
    return [listing_of(row["listing"]) for row in due], known
