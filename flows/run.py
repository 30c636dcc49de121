"""One run of a flow: what it holds open, and how its listings go through the steps."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar, cast
from uuid import UUID

from prefect.utilities.annotations import quote

from flows.accounts import OUTCOMES, Accounts, Poll
from flows.progress import progress
from flows.settings import Settings
from flows.summary import Summary
from tasks.archive import archive
from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome, Page
from tasks.articles.rows import listing_of, listing_row, page_of
from tasks.check import check
from tasks.discover import Discovery, discover
from tasks.extract import extract
from tasks.fetch import fetch
from tasks.load import Loadable, load
from tasks.publish import publish
from tasks.sources.schema import Source
from tasks.tag import tag
from tasks.web.client import Client
from tasks.workers.pool import WorkerPool
from warehouse import ledger
from warehouse.archive import pending, read_batch, set_aside
from warehouse.checking import Failing
from warehouse.connection import writing
from warehouse.errors import ArchiveError, WarehouseBusy
from warehouse.home import Home

BATCHES_UNDER_WAY = 4  # one is fetched, others are extracted and loaded
T = TypeVar("T")
RETRY_LATER = timedelta(minutes=5)


def utc_now() -> datetime:
    """Return the time: the clock that is handed to everything below."""
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Run:
    """What a run holds open, and its books."""

    run_id: UUID
    home: Home
    settings: Settings
    declared: Mapping[str, Source]
    chosen: Sequence[Source]
    client: Client
    pool: WorkerPool
    accounts: Accounts
    started_at: datetime
    warnings: list[str] = field(default_factory=list)
    pages: int = 0
    started: float = field(default_factory=monotonic)
    clock: Callable[[], datetime] = utc_now

    @property
    def wait(self) -> timedelta:
        """How long to wait for another writer."""
        return timedelta(seconds=self.settings.lock_seconds)

    async def resume(self) -> None:
        """Load what an earlier run archived but did not load."""
        for batch_id in await asyncio.to_thread(pending, self.home):
            try:
                rows = await asyncio.to_thread(read_batch, self.home, batch_id)
            except ArchiveError as error:
                set_aside(self.home, batch_id)
                self.warn(str(error))
                continue
            pages = [page_of(row) for row in rows]
            undeclared = {page.listing.source for page in pages} - self.declared.keys()
            if undeclared:
                names = ", ".join(sorted(undeclared))
                self.warn(f"Archived pages of {names} wait until that source is declared again.")
                continue
            listings = self.accounts.open(page.listing for page in pages)
            for listing in listings:
                self.accounts.poll(listing.source).resumed += 1
            progress().expect(len(listings))
            await self._finish_batch(_Work(listings, pages, [], batch_id))

    async def discover(self) -> list[Listing]:
        """Ask the chosen sources; return the listings that have to be worked on in this run."""
        progress().say(f"Asking {', '.join(source.name for source in self.chosen)}")
        found = await asyncio.gather(*(self._discover(source) for source in self.chosen))
        due, known = await asyncio.to_thread(self._take_down, found)
        listings = self.accounts.open([*(listing for part in found for listing in part), *due])
        for listing in due:
            self.accounts.poll(listing.source).resumed += 1
        now = self.clock()
        self.accounts.close(
            Outcome(listing=listing, outcome="unchanged", fetched_at=now)
            for listing in listings
            if listing.listing_id in known.decided
        )
        not_due = Deferred(Reason.NOT_DUE, "deferred by an earlier run, and not due yet")
        self.accounts.close(
            Outcome.of_error(listing, not_due, now)
            for listing in listings
            if listing.listing_id in known.waiting
        )
        settled = known.decided | known.waiting
        return [listing for listing in listings if listing.listing_id not in settled]

    async def work_on(self, listings: Sequence[Listing]) -> None:
        """Take listings through all steps: a batch is fetched while the one before is worked on."""
        progress().expect(len(listings))
        free = asyncio.Semaphore(BATCHES_UNDER_WAY)
        async with asyncio.TaskGroup() as group:
            for batch in _batches(listings, self.settings.batch_size):
                await free.acquire()
                fetched = await fetch(_whole(batch), _whole(self.declared), self.client, self.clock)
                is_archived = bool(fetched.pages)
                batch_id = (
                    await archive(_whole(fetched.pages), self.home)
                    if is_archived
                    else stable_uuid(str(self.run_id), *(str(x.listing_id) for x in batch))
                )
                work = _Work(batch, fetched.pages, fetched.outcomes, batch_id, is_archived)
                task = group.create_task(self._finish_batch(work))
                task.add_done_callback(lambda _: free.release())

    async def finish(self) -> Summary:
        """Check the books, write them down, check the warehouse, publish; return the summary."""
        seconds = monotonic() - self.started
        self.accounts.check()
        failing: list[Failing] = []
        try:
            await asyncio.to_thread(self._record)
            failing = await check(self.home, self.clock, self.wait, self.run_id)
            progress().say("Publishing")
            await publish(self.home, self.wait)
        except WarehouseBusy as busy:
            self.warn(str(busy))
        return Summary(
            run_id=str(self.run_id),
            polls=tuple(self.accounts.polls.values()),
            warnings=tuple(self.warnings),
            failing=tuple(failing),
            pages=self.pages,
            seconds=seconds,
            failure=self._failure(),
        )

    def warn(self, text: str) -> None:
        """Keep what a person should know; the run goes on."""
        self.warnings.append(text)
        progress().say(text)

    async def _discover(self, source: Source) -> list[Listing]:
        poll = self.accounts.poll(source.name)
        try:
            discovery: Discovery = await discover(source, self.client)
        except ItemError as error:
            poll.is_dead = True
            poll.problems.append(str(error))
            return []
        poll.problems += discovery.problems
        return discovery.listings

    def _take_down(
        self, found: Sequence[Sequence[Listing]]
    ) -> tuple[list[Listing], ledger.KnownListings]:
        """Record what was found; return the deferred listings that are due, and what is known.

        A listing is in the ledger from here on: one that never gets an outcome shows as missing.
        """
        listings = [listing for part in found for listing in part]
        names, now = [source.name for source in self.chosen], self.clock()
        with writing(self.home, wait=self.wait) as connection:
            known = ledger.known_listings(connection, [x.listing_id for x in listings], now)
            due = ledger.due(connection, now, names)
            rows = [listing_row(x, now) for x in listings if x.listing_id not in known.decided]
            ledger.record_listings(connection, rows, run_id=self.run_id, available_at=now)
        return [listing_of(row["listing"]) for row in due], known

    async def _finish_batch(self, work: "_Work") -> None:
        """Extract, tag and load one batch. Whatever happens, its pages are safe in the archive."""
        try:
            outcomes = await self._extract_tag_load(work)
        except WarehouseBusy as busy:
            self.warn(str(busy))
            outcomes = self._put_off(work.listings, Reason.WAREHOUSE_BUSY, str(busy))
        except Exception as error:  # noqa: BLE001  one batch must never take the others down
            self.warn(f"A batch waits in the archive for the next run: {error!r}")
            outcomes = self._put_off(work.listings, Reason.INTERNAL, repr(error))
        self.accounts.close(outcomes)
        self.pages += len(work.pages)
        progress().advance(outcomes)

    async def _extract_tag_load(self, work: "_Work") -> list[Outcome]:
        extracted = await extract(_whole(work.pages), _whole(self.declared), self.pool, self.clock)
        tagged = await tag(_whole(extracted.articles), self.pool)
        pages = {page.page_id: page for page in work.pages}
        untagged = [
            Outcome.of_error(pages[a.page_id].listing, error, self.clock(), pages[a.page_id])
            for a, error in tagged.errors
        ]
        early = [*work.outcomes, *extracted.outcomes, *untagged]
        batch = Loadable(
            run_id=self.run_id,
            batch_id=work.batch_id,
            is_archived=work.is_archived,
            listings=[
                *{
                    x.listing_id: x for x in (*work.listings, *(p.listing for p in work.pages))
                }.values()
            ],
            articles=tagged.articles,
            outcomes=early,
        )
        names = await load(_whole(batch), self.home, self.clock, self.wait)
        known = {outcome.listing.listing_id: outcome for outcome in early}
        now = self.clock()
        return [
            replace(
                known.get(x.listing_id, Outcome(listing=x, outcome="unchanged", fetched_at=now)),
                outcome=names[x.listing_id],
            )
            for x in work.listings
        ]

    def _put_off(self, listings: Sequence[Listing], reason: Reason, why: str) -> list[Outcome]:
        error = Deferred(reason, why, RETRY_LATER)
        return [Outcome.of_error(listing, error, self.clock()) for listing in listings]

    def _record(self) -> None:
        with writing(self.home, wait=self.wait) as connection:
            ledger.record_polls(
                connection, [self._poll_row(p) for p in self.accounts.polls.values()]
            )
            ledger.finish_run(
                connection, run_id=self.run_id, finished_at=self.clock(), error=self._failure()
            )

    def _failure(self) -> str:
        """Say why the run failed: not one source could be read. Empty when it did not."""
        polls = self.accounts.polls.values()
        if not all(poll.is_dead for poll in polls):
            return ""
        return "Not one source could be read: " + "; ".join(p for x in polls for p in x.problems)

    def _poll_row(self, poll: Poll) -> dict[str, object]:
        return {
            "run_id": self.run_id,
            "source": poll.source,
            "listed": poll.listed,
            **{name: poll.counts[name] for name in OUTCOMES},
            "resumed": poll.resumed,
            "error": "; ".join(poll.problems),
            "started_at": self.started_at,
            "finished_at": self.clock(),
        }


@dataclass(frozen=True, slots=True)
class _Work:
    """A batch after fetching."""

    listings: Sequence[Listing]
    pages: Sequence[Page]
    outcomes: Sequence[Outcome]
    batch_id: UUID
    is_archived: bool = True


def _whole(records: T) -> T:
    """Hand records to a task as they are: Prefect would walk through all of them for futures.

    That walk takes 2 ms a page. Prefect takes the wrapping off before the task is called.
    """
    return cast(T, quote(records))


def _batches(listings: Sequence[Listing], size: int) -> Iterator[Sequence[Listing]]:
    for start in range(0, len(listings), size):
        yield listings[start : start + size]
