"""A machine that works off the schedule of prefect.yaml with a clock of its own: weeks in minutes.

A run is the ingest's own steps, called without Prefect, or Prefect's flow. The worker processes
stay from run to run.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from unittest.mock import patch
from uuid import UUID
from zoneinfo import ZoneInfo

import yaml
from prefect.server.schemas.schedules import CronSchedule
from rich.console import Console

from flows.batches import work_on
from flows.ingest import ingest
from flows.intake import resume, take_in
from flows.knowledge import read_knowledge
from flows.progress import shown_on
from flows.settings import load_settings
from flows.start import opened
from flows.summary import Summary
from flows.upkeep import steps
from tasks.articles.errors import NewsLedgerError
from tasks.sources.registry import choose, load_sources
from tasks.web.client import Client
from tasks.workers.pool import WorkerPool
from warehouse.connection import writing
from warehouse.home import Home

DECLARED = Path(__file__).parent.parent / "prefect.yaml"
STEPS = {
    "flows.intake": ("discover",),
    "flows.batches": ("fetch", "revisit", "archive", "extract", "tag", "load"),
    "flows.run": ("check", "publish"),
}


class Killed(BaseException):
    """What ends a run in the middle."""


@dataclass(slots=True)
class MovingClock:
    """A clock that goes on by half a second each time it is read, and can be set wrong.

    It ends the run that reads it for the ``kills_at``th time from now.
    """

    true: datetime
    wrong_by: timedelta = timedelta()
    kills_at: int = 0
    _lock: Lock = field(default_factory=Lock)

    def now(self) -> datetime:
        """Return the time as the machine has it, UTC."""
        with self._lock:
            self.true += timedelta(seconds=0.5)
            if self.kills_at:
                self.kills_at -= 1
                if not self.kills_at:
                    raise Killed
            return self.true + self.wrong_by

    def outside(self) -> datetime:
        """Return the time as the world has it."""
        return self.true

    def wait_until(self, instant: datetime) -> None:
        """Let time pass."""
        self.true = max(self.true, instant)


class _Kept(WorkerPool):
    """The worker processes that a run shares with the next ones."""

    def __exit__(self, *_: object) -> None:
        """Leave them at work."""

    def stop(self) -> None:
        """End them."""
        super().__exit__(None)


def ticks(deployment: str, since: datetime, until: datetime) -> list[datetime]:
    """Return when prefect.yaml has a deployment run, by Prefect's own reckoning, in UTC."""
    deployments = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))["deployments"]
    (declared,) = [x for x in deployments if x["name"] == deployment]
    crons = [CronSchedule(cron=x["cron"], timezone=x["timezone"]) for x in declared["schedules"]]

    async def instants() -> list[datetime]:
        found: list[datetime] = []
        start = since
        while start < until:  # a day at a time: Prefect gives a thousand at most
            end = min(start + timedelta(days=1), until)
            for cron in crons:
                zone = ZoneInfo(str(cron.timezone))
                local = start.astimezone(zone), end.astimezone(zone)
                dates = await cron.get_dates(n=1_000, start=local[0], end=local[1])
                of_day = (datetime.fromtimestamp(date.timestamp(), UTC) for date in dates)
                found += [instant for instant in of_day if instant < end]
            start = end
        return sorted(found)

    return asyncio.run(instants())


@dataclass(slots=True)
class Machine:
    """Runs ingests one after the other, or two at once, and keeps count of what happened."""

    sources: list[str]
    clock: MovingClock
    rng: random.Random
    is_through_prefect: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    async def run(self) -> Summary | None:
        """Ingest what is due, as a scheduled run does; None for a run that was ended."""
        self.counts["runs"] += 1
        work = ingest(self.sources, due_only=True) if self.is_through_prefect else self._steps()
        try:
            summary = await work
        except (Killed, BaseExceptionGroup, NewsLedgerError):
            self.counts["ended"] += 1
            return None
        self.counts["polls"] += sum(poll.is_asked for poll in summary.polls)
        self.counts["pages"] += summary.pages
        self.counts["held"] += any("in use" in text for text in summary.warnings)
        return summary

    async def _steps(self) -> Summary:
        settings = load_settings()
        declared = load_sources(settings.sources)
        chosen = choose(declared, self.sources)
        run_id = UUID(int=self.rng.getrandbits(128))
        async with opened(
            settings, declared, chosen, run_id, due_only=True, clock=self.clock.now
        ) as run:
            await resume(run)
            intake = await take_in(run)
            await work_on(run, intake.listings, intake.revisits)
            return await run.finish()

    def tick(self) -> None:
        """Do what a tick of the schedule leads to; now and then something is wrong."""
        luck = self.rng.random()
        if luck < 0.03:
            self.clock.kills_at = self.rng.randrange(1, 40)
            asyncio.run(self.run())
            self.clock.kills_at = 0
        elif luck < 0.06:
            asyncio.run(self._twice())
        elif luck < 0.07:
            with writing(Home(load_settings().home)), _impatient():
                asyncio.run(self.run())
        else:
            asyncio.run(self.run())

    async def _twice(self) -> None:
        """Run twice at the same time, as when a deployment is fired by hand too."""
        self.counts["at once"] += 1
        await asyncio.gather(self.run(), self.run())

    def night(self) -> None:
        """Do the nightly upkeep."""
        settings = load_settings()
        declared = list(load_sources(settings.sources).values())
        with patch("flows.upkeep.utc_now", self.clock.now):
            for step in steps(Home(settings.home), timedelta(seconds=20), declared):
                step.work()
        self.counts["nights"] += 1


@contextmanager
def machine(
    sources: list[str], clock: MovingClock, rng: random.Random, *, is_through_prefect: bool
) -> Iterator[Machine]:
    """Give a machine that asks once and not three times, through Prefect's flow or without it."""
    pool = _Kept(2, 20, read_knowledge)
    with ExitStack() as stack, Path(os.devnull).open("w") as nowhere:
        stack.callback(pool.stop)
        stack.enter_context(patch("flows.start.WorkerPool", lambda *_: pool))
        stack.enter_context(patch("flows.start.Client", partial(Client, attempts=1)))
        stack.enter_context(patch("flows.ingest.opened", partial(opened, clock=clock.now)))
        if not is_through_prefect:
            for place, step in _without_prefect().items():
                stack.enter_context(patch(place, step))
        stack.enter_context(shown_on(Console(file=nowhere)))
        yield Machine(sources, clock, rng, is_through_prefect)


def _without_prefect() -> dict[str, object]:
    """Return the functions beneath the tasks, by where they are called from."""
    found: dict[str, object] = {"tasks.check.emit_event": lambda *_, **__: None}
    for module, names in STEPS.items():
        for name in names:
            found[f"{module}.{name}"] = getattr(import_module(module), name).fn
    for module in ("flows.intake", "flows.batches"):
        found[f"{module}.whole"] = lambda records: records
    return found


@contextmanager
def _impatient() -> Iterator[None]:
    with patch.dict(os.environ, {"NEWSLEDGER_LOCK_SECONDS": "0.05"}):
        yield
