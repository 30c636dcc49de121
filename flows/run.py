"""One run of a flow: what it holds open, its books, and how it ends."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from flows.accounts import OUTCOMES, Accounts, Poll
from flows.clock import utc_now
from flows.notebook import Notebook
from flows.progress import progress
from flows.settings import Settings
from flows.summary import Summary
from tasks.check import check
from tasks.publish import publish
from tasks.sources.schema import Source
from tasks.web.client import Client
from tasks.workers.pool import WorkerPool
from warehouse.checking import Failing
from warehouse.errors import WarehouseBusy
from warehouse.home import Home


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

    def warn(self, text: str) -> None:
        """Keep what a person should know; the run goes on."""
        self.notebook.warnings.append(text)
        progress().say(text)

    async def finish(self) -> Summary:
        """Check the books, write them down, check the warehouse, publish; return the summary."""
        seconds = monotonic() - self.started
        self.accounts.check()
        polls = [self._poll_row(poll) for poll in self.accounts.polls.values()]
        await asyncio.to_thread(self.notebook.finish, polls, self._failure())
        failing = await self._check_and_publish()
        return Summary(
            run_id=str(self.run_id),
            polls=tuple(self.accounts.polls.values()),
            warnings=tuple(self.notebook.warnings),
            failing=tuple(failing),
            pages=self.pages,
            seconds=seconds,
            failure=self._failure(),
        )

    async def _check_and_publish(self) -> list[Failing]:
        """Return the checks of the warehouse that fail; none are run while it is held."""
        failing: list[Failing] = []
        pace = timedelta(seconds=self.settings.publish_seconds)
        try:
            if not self.notebook.is_held:  # else nothing can be new, or nothing can be copied
                failing = await check(self.home, self.clock, self.notebook.wait, self.run_id)
                progress().say("Publishing")
                await publish(self.home, self.notebook.wait, self.clock() - pace if pace else None)
        except WarehouseBusy as busy:
            self.notebook.found_held(busy)
        return failing

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
