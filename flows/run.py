"""One run of a flow: what it holds open, its books, and how it ends."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from random import random
from time import monotonic
from uuid import UUID

from pydantic import SecretStr

from flows.accounts import OUTCOMES, Accounts, Poll
from flows.clock import utc_now
from flows.notebook import Notebook
from flows.polling import is_due, state_after
from flows.progress import progress
from flows.settings import Settings
from flows.summary import Summary
from tasks.check import check
from tasks.publish import publish
from tasks.sources.schema import Source
from tasks.tagging.learning.model_file import ModelFile
from tasks.web.client import Client
from tasks.workers.pool import Workers
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
    pool: Workers
    model: ModelFile | None  # of topics, trained by the user
    accounts: Accounts
    notebook: Notebook
    due_only: bool = False  # ask only the sources whose next poll has come
    watches: bool = True  # what it brings in is looked at again later
    stopped: str = ""  # why it ended before its end, in a sentence
    tokens: Mapping[str, SecretStr] = field(default_factory=dict)  # of APIs, by name
    pages: int = 0
    started: float = field(default_factory=monotonic)
    clock: Callable[[], datetime] = utc_now

    def warn(self, text: str) -> None:
        """Keep what a person should know; the run goes on."""
        self.notebook.warnings.append(text)
        progress().say(text)

    def steady_clock(self) -> datetime:
        """Return the time, no later than the clock said at first and the seconds since then."""
        passed = timedelta(seconds=monotonic() - self.started)
        return min(self.clock(), self.notebook.started_at + passed)

    def asks(self, source: Source) -> bool:
        """Say whether the run asks this source what it lists."""
        state = self.notebook.states.get(source.name)
        return not self.due_only or is_due(state, self.notebook.started_at)

    async def finish(self) -> Summary:
        """Check the books, write them down, check the warehouse, publish; return the summary."""
        seconds = monotonic() - self.started
        self.accounts.check()
        polls = [poll for poll in self.accounts.polls.values() if poll.is_asked or poll.listed]
        rows = [self._poll_row(poll) for poll in polls]
        states = [self._state_row(poll) for poll in polls if poll.is_asked]
        await asyncio.to_thread(self.notebook.finish, rows, states, self._failure())
        failing = await self._check_and_publish()
        return Summary(
            run_id=str(self.run_id),
            polls=tuple(polls or ([] if self.due_only else self.accounts.polls.values())),
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
        """Say why the run failed: not one source that it asked could be read. Else empty."""
        if self.stopped:
            return self.stopped
        polls = [poll for poll in self.accounts.polls.values() if poll.is_asked]
        if not polls or not all(poll.is_dead for poll in polls):
            return ""
        return "Not one source could be read: " + "; ".join(p for x in polls for p in x.problems)

    def _poll_row(self, poll: Poll) -> dict[str, object]:
        return {
            "run_id": self.run_id,
            "source": poll.source,
            "listed": poll.listed,
            **{name: poll.counts[name] for name in OUTCOMES},
            "resumed": poll.resumed,
            "revisited": poll.revisited,
            "is_asked": poll.is_asked,
            "new_listings": poll.new_listings,
            "error": "; ".join(poll.problems),
            "started_at": self.notebook.started_at,
            "finished_at": self.clock(),
        }

    def _state_row(self, poll: Poll) -> dict[str, object]:
        state = state_after(
            poll,
            self.notebook.states.get(poll.source),
            self.declared[poll.source].polling,
            self.notebook.started_at,
            jitter=random(),  # noqa: S311 - spreads the polls, hides nothing
        )
        return {"source": poll.source, "run_id": self.run_id, **asdict(state)}
