"""What a run has to work on: what an earlier one left in the archive, and what is listed now."""

import asyncio
from uuid import UUID

from flows.batches import Work, finish_batch, hold_back
from flows.progress import progress
from flows.run import Run
from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.articles.records import Listing, Outcome, Page
from tasks.articles.rows import page_of
from tasks.discover import Discovery, discover
from tasks.sources.schema import Source
from warehouse.archive import pending, read_batch, set_aside
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
            work = Work(listings, pages, (), batch_id)
            await (hold_back(run, work) if run.notebook.is_held else finish_batch(run, work))


async def discovered(run: Run) -> list[Listing]:
    """Ask the chosen sources; return the listings that have to be worked on in this run."""
    progress().say(f"Asking {', '.join(source.name for source in run.chosen)}")
    found = await asyncio.gather(*(_discover(run, source) for source in run.chosen))
    listed = [listing for part in found for listing in part]
    due, known = await asyncio.to_thread(run.notebook.take_down, listed)
    listings = run.accounts.open([*listed, *due])
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
        discovery: Discovery = await discover(source, run.client, run.clock)
    except ItemError as error:
        poll.is_dead = True
        poll.problems.append(str(error))
        return []
    poll.problems += discovery.problems
    return discovery.listings
