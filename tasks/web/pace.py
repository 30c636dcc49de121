"""One host as a run knows it: how many requests at once, how fast, and when to leave it alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

from aiolimiter import AsyncLimiter

from tasks.articles.errors import Deferred, ItemError, Reason
from tasks.sources.schema import Politeness

SILENCES = 3  # requests in a row without an answer, after which a host is left alone
SHORT_PAUSE = timedelta(seconds=10)  # is waited for; after a longer one, the next run goes on
WORTH_A_SECOND_TRY = {Reason.UNREACHABLE, Reason.SERVER_ERROR}


class Host:
    """A host and what it was like so far. The gentlest source that asks it sets the pace."""

    def __init__(self, name: str, politeness: Politeness) -> None:
        self.name = name
        self._places = asyncio.Semaphore(politeness.concurrency)
        self._seconds = 0.0  # between two requests, on average
        self._pace = AsyncLimiter(1)
        self._silences = 0  # requests in a row that it did not answer
        self._paused: Deferred | None = None
        self._paused_until = 0.0  # on the monotonic clock
        self.slow_down(60 / politeness.per_minute, at_once=politeness.concurrency)

    def slow_down(self, seconds: float, at_once: int = 1) -> None:
        """Leave so many seconds between two requests, if they are more than now.

        ``at_once`` requests may come together, and are made up for afterwards.
        """
        if seconds > self._seconds:
            self._seconds = seconds
            self._pace = AsyncLimiter(at_once, at_once * seconds)

    @asynccontextmanager
    async def turn(self, politeness: Politeness) -> AsyncIterator[None]:
        """Wait for a place and for the pace, for the length of one request.

        Raises Deferred while the host is left alone.
        """
        self.slow_down(60 / politeness.per_minute, at_once=politeness.concurrency)
        async with self._places:
            await self._require_patience()
            await self._pace.acquire()
            await self._require_patience()  # another request may have ended while this one waited
            yield

    def answered(self) -> None:
        """Note that a request was answered in full."""
        self._silences = 0

    def failed(self, error: ItemError, *, pause: bool = False) -> None:
        """Note a passing fault; ``pause`` when the host has said how long to wait."""
        if pause and isinstance(error, Deferred):
            self._paused = error
            self._paused_until = monotonic() + error.retry_after.total_seconds()
        elif error.reason in {Reason.TIMEOUT, Reason.UNREACHABLE}:
            self._silences += 1

    def backoff(self, error: Exception) -> bool | timedelta:
        """Say whether a request is worth another try, or after which pause."""
        if not isinstance(error, Deferred) or self._silences >= SILENCES:
            return False
        if self._left:
            return error.retry_after if error.retry_after <= SHORT_PAUSE else False
        return error.reason in WORTH_A_SECOND_TRY

    @property
    def _left(self) -> timedelta:
        """What is left of the pause that the host has asked for."""
        return timedelta(seconds=max(self._paused_until - monotonic(), 0))

    async def _require_patience(self) -> None:
        if self._silences >= SILENCES:
            raise Deferred(Reason.UNREACHABLE, f"{self.name} has stopped answering in this run")
        if self._paused and self._left > SHORT_PAUSE:
            raise Deferred(self._paused.reason, f"{self.name} asked for a pause", self._left)
        await asyncio.sleep(self._left.total_seconds())
