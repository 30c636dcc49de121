"""How a rebuild goes through the batches of an archive: read several ahead, load them in order."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flows.batches import whole
from flows.progress import progress
from tasks.articles.records import Outcome, Page, TaggedArticle
from tasks.articles.rows import listing_of, listing_row, page_of
from tasks.extract import extract
from tasks.load import Loadable, load
from tasks.sources.schema import Source
from tasks.tag import tag
from tasks.tagging.learning.model_file import ModelFile
from tasks.workers.pool import Workers
from warehouse.archived import Place, places
from warehouse.attempts import decided_before
from warehouse.batch_file import read_pages
from warehouse.carrying import Ledger, Loaded, loaded_batches
from warehouse.connection import writing
from warehouse.errors import ArchiveError, RowError
from warehouse.home import Home
from warehouse.ledger import record_listings

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Rebuilding:
    """What a rebuild holds open."""

    run_id: UUID
    home: Home  # that is made anew
    told: Ledger | None  # what the earlier warehouse knew beside its pages
    declared: Mapping[str, Source]
    pool: Workers
    model: ModelFile | None  # of topics, trained by the user
    wait: timedelta
    clock: Callable[[], datetime]
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One batch: where its pages are, and what ended as removed in it without a page."""

    batch_id: UUID
    place: Place | None
    loaded: Loaded | None  # None: no ledger knows it
    removals: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Read:
    """The pages of a batch, and what became of them."""

    pages: Mapping[UUID, Page]
    articles: Sequence[TaggedArticle] = ()
    outcomes: Sequence[Outcome] = ()


def steps(work: Rebuilding) -> list[Step]:
    """Return the batches that are not loaded yet, in the order in which they were loaded first.

    Those that no ledger knows go by the first fetch in them, after the others.
    """
    with writing(work.home, wait=work.wait) as connection:
        done = loaded_batches(connection)
    found = {place.batch_id: place for place in places(work.home, work.problems)}
    loaded = loaded_batches(work.told.connection) if work.told else {}
    removals = work.told.removals() if work.told else {}
    planned = [
        Step(
            batch_id=batch_id,
            place=found.get(batch_id),
            loaded=loaded.get(batch_id),
            removals=removals.get(batch_id, ()),
        )
        for batch_id in (found.keys() | removals.keys()) - done.keys()
    ]
    return sorted(planned, key=lambda step: (_order(step), step.batch_id))


async def load_again(work: Rebuilding, planned: Sequence[Step]) -> None:
    """Load batches in order; a batch that cannot be read is told, and the others go on."""
    ahead: deque[tuple[Step, asyncio.Task[Read]]] = deque()
    try:
        for number, step in enumerate(planned, 1):
            ahead.append((step, asyncio.create_task(_read(work, step))))
            if len(ahead) >= work.pool.batches:
                await _load(work, *ahead.popleft())
                progress().say(f"{number - len(ahead):,} of {len(planned):,} batches loaded")
        while ahead:
            await _load(work, *ahead.popleft())
    finally:
        for _, task in ahead:
            task.cancel()


def _order(step: Step) -> tuple[datetime, datetime]:
    if step.loaded or step.place is None:
        return (step.loaded.at if step.loaded else _LAST), _LAST
    try:
        fetched = read_pages(step.place.file, step.place.position, ["fetched_at"])["fetched_at"]
        return _LAST, min(fetched.to_pylist(), default=_LAST)
    except ArchiveError:  # told when its pages are read
        return _LAST, _LAST


async def _read(work: Rebuilding, step: Step) -> Read:
    """Read, extract and tag a batch; no pages when there are none that can be read."""
    if step.place is None:
        return Read({})
    try:
        pages = await asyncio.to_thread(_pages, step.place)
    except (ArchiveError, KeyError, TypeError, ValueError) as error:
        work.problems.append(f"{error} Its articles are as the earlier warehouse had them, if any.")
        return Read({})
    declared = [page for page in pages if page.listing.source in work.declared]
    if len(declared) < len(pages):
        names = {page.listing.source for page in pages} - work.declared.keys()
        work.problems.append(f"Pages of {', '.join(sorted(names))} are left: declare that source.")
    by_id = {page.page_id: page for page in declared}
    extracted = await extract(whole(declared), whole(work.declared), work.pool, work.clock)
    tagged = await tag(whole(extracted.articles), work.pool, work.model)
    untagged = [
        Outcome.of_error(by_id[a.page_id].listing, error, work.clock(), by_id[a.page_id])
        for a, error in tagged.errors
    ]
    return Read(by_id, tagged.articles, [*extracted.outcomes, *untagged])


def _pages(place: Place) -> list[Page]:
    rows = read_pages(place.file, place.position).to_pylist(maps_as_pydicts="strict")
    return [page_of(row) for row in rows]


async def _load(work: Rebuilding, step: Step, reading: "asyncio.Task[Read]") -> None:
    read = await reading
    outcomes = [*_undecided(work, read.outcomes), *map(_removal, step.removals)]
    listings = [read.pages[tagged.article.page_id].listing for tagged in read.articles]
    listings += [outcome.listing for outcome in outcomes]
    if not listings:
        return
    batch = Loadable(
        run_id=step.loaded.run_id if step.loaded else work.run_id,
        batch_id=step.batch_id,
        is_archived=False,  # its file is where it belongs
        listings=listings,
        articles=read.articles,
        outcomes=outcomes,
    )
    try:
        await asyncio.to_thread(_record, work, read.pages.values())
        await load(whole(batch), work.home, work.clock, work.wait)
    except RowError as error:
        work.problems.append(f"Batch {step.batch_id} could not be loaded: {error}")


def _record(work: Rebuilding, pages: Iterable[Page]) -> None:
    """Record the lists' lines of pages that no ledger knows, as of when they were fetched."""
    with writing(work.home, wait=work.wait) as connection:
        record_listings(
            connection,
            [listing_row(page.listing, page.fetched_at) for page in pages],
            run_id=work.run_id,
            available_at=work.clock(),
        )


def _undecided(work: Rebuilding, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Leave out what brought no article before either: the earlier ledger tells it better."""
    if not work.told:
        return list(outcomes)
    ids = [outcome.page_id for outcome in outcomes if outcome.page_id]
    before = decided_before(work.told.connection, ids)
    without = {key for key, (name, _) in before.items() if name in ("rejected", "deferred")}
    return [outcome for outcome in outcomes if outcome.page_id not in without]


def _removal(row: Mapping[str, Any]) -> Outcome:
    told = {name: value for name, value in row.items() if name != "listing"}
    return Outcome(listing=listing_of(row["listing"]), outcome="removed", **told)
