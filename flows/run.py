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
from flows.notebook import Notebook
from flows.progress import progress
from flows.settings import Settings
from flows.summary import Summary
from tasks.archive import archive
from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome, Page
from tasks.articles.rows import page_of
from tasks.discover import Discovery, discover
from tasks.extract import extract
from tasks.fetch import fetch
from tasks.load import Loadable, load
from tasks.publish import publish
from tasks.sources.schema import Source
from tasks.tag import tag
from tasks.web.client import Client
from tasks.workers.pool import WorkerPool
from warehouse.archive import pending, read_batch, set_aside
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
    notebook: Notebook
    pages: int = 0
    started: float = field(default_factory=monotonic)
    clock: Callable[[], datetime] = utc_now

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
            work = _Work(listings, pages, [], batch_id)
            if self.notebook.is_held:  # nobody knows for how long: no work that cannot be kept
                self._end(work, self._put_off(work, Reason.WAREHOUSE_BUSY, "it was held before"))
            else:
                await self._finish_batch(work)

    async def discover(self) -> list[Listing]:
        """Ask the chosen sources; return the listings that have to be worked on in this run."""
        progress().say(f"Asking {', '.join(source.name for source in self.chosen)}")
        found = await asyncio.gather(*(self._discover(source) for source in self.chosen))
        listed = [listing for part in found for listing in part]
        due, known = await asyncio.to_thread(self.notebook.take_down, listed)
        listings = self.accounts.open([*listed, *due])
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
        """Check the books, write them down, publish, and return the summary."""
        seconds = monotonic() - self.started
        self.accounts.check()
        polls = [self._poll_row(poll) for poll in self.accounts.polls.values()]
        await asyncio.to_thread(self.notebook.finish, polls, self._failure())
        if not self.notebook.is_held:  # else nothing can be new, or nothing can be copied
            await self._publish()
        return Summary(
            run_id=str(self.run_id),
            polls=tuple(self.accounts.polls.values()),
            warnings=tuple(self.notebook.warnings),
            pages=self.pages,
            seconds=seconds,
            failure=self._failure(),
        )

    async def _publish(self) -> None:
        progress().say("Publishing")
        pace = timedelta(seconds=self.settings.publish_seconds)
        try:
            await publish(self.home, self.notebook.wait, self.clock() - pace if pace else None)
        except WarehouseBusy as busy:
            self.notebook.found_held(busy)

    def warn(self, text: str) -> None:
        """Keep what a person should know; the run goes on."""
        self.notebook.warnings.append(text)
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

    async def _finish_batch(self, work: "_Work") -> None:
        """Extract, tag and load one batch. Whatever happens, its pages are safe in the archive."""
        try:
            outcomes = await self._extract_tag_load(work)
        except WarehouseBusy as busy:
            self.notebook.found_held(busy)
            progress().say(str(busy))
            outcomes = self._put_off(work, Reason.WAREHOUSE_BUSY, str(busy))
        except Exception as error:  # noqa: BLE001  one batch must never take the others down
            self.warn(f"A batch waits in the archive for the next run: {error!r}")
            outcomes = self._put_off(work, Reason.INTERNAL, repr(error))
        self._end(work, outcomes)

    def _end(self, work: "_Work", outcomes: list[Outcome]) -> None:
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
        names = await load(_whole(batch), self.home, self.clock, self.notebook.wait)
        self.notebook.is_held = False
        known = {outcome.listing.listing_id: outcome for outcome in early}
        now = self.clock()
        return [
            replace(
                known.get(x.listing_id, Outcome(listing=x, outcome="unchanged", fetched_at=now)),
                outcome=names[x.listing_id],
            )
            for x in work.listings
        ]

    def _put_off(self, work: "_Work", reason: Reason, why: str) -> list[Outcome]:
        """Defer a batch: its pages wait in the archive, what came without a page is noted."""
        self.notebook.keep(work.batch_id, work.outcomes)
        error = Deferred(reason, why, RETRY_LATER)
        return [Outcome.of_error(listing, error, self.clock()) for listing in work.listings]

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
            "started_at": self.notebook.started_at,
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
