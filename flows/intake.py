"""What a run has to work on: what an earlier one left in the archive, and what is listed now."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flows.batches import Work, finish_batch, hold_back, whole
from flows.polling import read_until, span_since
from flows.progress import progress
from flows.run import Run
from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome, Page
from tasks.articles.rows import page_of
from tasks.discover import Discovery, discover
from tasks.revisit import Revisit
from tasks.sources.schema import Source
from tasks.web.at_once import at_once
from warehouse.archive import pending, read_batch, set_aside
from warehouse.errors import ArchiveError
from warehouse.ledger import KnownListings

MOST_REVISITS = 200  # of one source in one run; the longest due go first


@dataclass(frozen=True, slots=True)
class Intake:
    """What a run works on: all of it is open in its books."""

    listings: list[Listing]  # new ones, and earlier ones that are due
    revisits: list[Revisit]


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


async def take_in(run: Run) -> Intake:
    """Ask the chosen sources that are due; return what has to be worked on in this run."""
    asked = [source for source in run.chosen if run.asks(source)]
    progress().say(f"Asking {', '.join(source.name for source in asked) or 'nobody: none is due'}")
    found = await at_once(_discover(run, source) for source in asked)
    listed = [listing for discovery in found for listing in discovery.listings]
    documents = [document for discovery in found for document in discovery.documents]
    most = {source.name: source.polling.most_new for source in run.chosen}
    due, known = await asyncio.to_thread(run.notebook.take_down, listed, documents, most)
    fresh = run.accounts.open(listed)
    run.accounts.open(due)
    resumed = [listing for listing in due if not run.accounts.has_closed(listing)]
    for listing in resumed:
        run.accounts.poll(listing.source).resumed += 1
    their_turn = {listing.listing_id for listing in resumed}
    old = known.decided | known.waiting | their_turn
    new = [listing for listing in fresh if listing.listing_id not in old]
    for listing in new:
        run.accounts.poll(listing.source).new_listings += 1
    listings = [*await _stem(run, new, most), *resumed]
    revisits = await _revisits(run, {listing.place for listing in listings})
    worked_on = their_turn | {again.listing.listing_id for again in revisits}
    close_settled(run, [x for x in fresh if x.listing_id not in worked_on], known)
    return Intake(listings, revisits)


def close_settled(run: Run, listings: Sequence[Listing], known: KnownListings) -> None:
    """Close what an earlier run has settled."""
    now = run.clock()
    not_due = Deferred(Reason.NOT_DUE, "deferred by an earlier run; its turn comes later")
    for listing in listings:
        if listing.listing_id in known.decided:
            same = Outcome(listing=listing, outcome="unchanged", fetched_at=now)
            run.accounts.close([same])
        elif listing.listing_id in known.waiting:
            run.accounts.close([Outcome.of_error(listing, not_due, now)])


async def _revisits(run: Run, fetched: set[str]) -> list[Revisit]:
    """Return the articles whose time to be looked at again has come, and take them down.

    One whose address is fetched in this run anyway is left out.
    """
    hours = {source.name: source.polling.revisit_hours for source in run.chosen}
    found = await asyncio.to_thread(run.notebook.articles_to_revisit, hours, MOST_REVISITS)
    kept = [
        again
        for again in found
        if again.listing.place not in fetched and not run.accounts.has_closed(again.listing)
    ]
    run.accounts.open(again.listing for again in kept)
    for again in kept:
        run.accounts.poll(again.listing.source).revisited += 1
    return kept


async def _stem(run: Run, new: Sequence[Listing], most: Mapping[str, int]) -> list[Listing]:
    """Return the newest listings of each source, as many as a run takes up; put off the rest.

    They are due at the next runs: what a flood brings is worked off, nothing of it is dropped.
    """
    now = run.clock()
    taken: list[Listing] = []
    for source, listings in _by_source(new).items():
        newest_first = sorted(listings, key=_instant, reverse=True)
        taken += newest_first[: most[source]]
        rest = newest_first[most[source] :]
        if rest:
            why = f"{len(listings):,} were new at once; a run takes up {most[source]:,}"
            flood = Deferred(Reason.FLOOD, why, timedelta())
            run.warn(f"{source}: {why}. The others follow in the next runs.")
            outcomes = [Outcome.of_error(listing, flood, now) for listing in rest]
            batch_id = stable_uuid(str(run.run_id), source, Reason.FLOOD)
            progress().expect(len(rest))
            await finish_batch(run, Work(rest, (), outcomes, batch_id, is_archived=False))
    return taken


def _by_source(listings: Sequence[Listing]) -> dict[str, list[Listing]]:
    found: dict[str, list[Listing]] = {}
    for listing in listings:
        found.setdefault(listing.source, []).append(listing)
    return found


def _instant(listing: Listing) -> datetime:
    return listing.updated_at or listing.published_at or datetime.min.replace(tzinfo=UTC)


def _read(run: Run, batch_id: UUID) -> list[Page]:
    """Return the pages of a pending batch; none when they cannot be read, or another run did."""
    try:
        return [page_of(row) for row in read_batch(run.home, batch_id)]
    except (ArchiveError, KeyError, TypeError, ValueError) as error:
        if batch_id in pending(run.home):
            set_aside(run.home, batch_id)
            run.warn(f"{error} It was set aside under archive/damaged.")
        return []


async def _discover(run: Run, source: Source) -> Discovery:
    poll = run.accounts.poll(source.name)
    poll.is_asked = True
    try:
        discovery: Discovery = await discover(
            source,
            run.client,
            run.clock,
            span=span_since(run.notebook.states.get(source.name), source.polling, run.clock()),
            known=whole(run.notebook.documents.get(source.name, {})),
            tokens=run.tokens,
            spool=run.home.spool,
        )
    except ItemError as error:
        poll.is_dead = True
        poll.problems.append(str(error))
        if isinstance(error, Deferred):
            poll.retry_after = error.retry_after
        return Discovery(listings=[], problems=[], documents=[], is_whole=False)
    poll.problems += discovery.problems
    poll.retry_after = discovery.retry_after
    poll.read_until = read_until(discovery, run.clock())
    return discovery
