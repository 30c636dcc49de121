"""The flow `reprocess`: what is archived is read again under today's rules, without the network.

Where an article reads otherwise now, a version with the cause ``reprocessed`` is appended; what was
known before stays, and ``articles_as_of`` shows it. Doing it twice adds nothing. A run that was
killed goes on where it stopped, when the same is asked for again under the same rules.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import cast
from uuid import UUID, uuid4

from prefect import flow
from prefect.runtime import flow_run

from flows.beforehand import in_utc, require_order
from flows.clock import utc_now
from flows.differences import PARTS, Part
from flows.knowledge import read_knowledge, read_tag_rules
from flows.progress import progress
from flows.replay import Replay, units, work_through
from flows.reread import Job, Unit, check_job
from flows.settings import Settings, load_settings
from flows.start import check_knowledge
from flows.stopping import failing_told
from flows.tally import SCHEMA, Reprocessed, Tally
from tasks.articles.errors import ItemError, NewsLedgerError
from tasks.articles.identity import stable_uuid
from tasks.check import check
from tasks.extraction.extract import EXTRACTOR_VERSION
from tasks.publish import publish
from tasks.sources.registry import choose, load_sources
from tasks.sources.schema import Source
from tasks.tagging.learning.model_file import ModelFile, find_model
from tasks.tagging.tagger import knowledge_version
from tasks.workers.pool import WorkerPool
from warehouse import ledger
from warehouse.connection import reading, writing
from warehouse.errors import WarehouseBusy, WarehouseMissing
from warehouse.home import Home
from warehouse.journal import Journal
from warehouse.standing import Chosen, count_chosen, sources_of

UNIT_SECONDS = 120.0  # longest work on one unit before its articles are read one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: the same order, under the same rules, is one run."""

    since: datetime | None
    until: datetime | None
    sources: tuple[Source, ...]
    parts: frozenset[Part]
    dry_run: bool
    model: ModelFile | None  # of topics, trained by the user

    @property
    def key(self) -> UUID:
        """The identity of order and rules together."""
        asked = (str(self.since), str(self.until), str(sorted(self.parts)), str(self.dry_run))
        declared = (source.model_dump_json() for source in self.sources)
        return stable_uuid(*asked, EXTRACTOR_VERSION, self._tagger_version, *declared)

    @property
    def _tagger_version(self) -> str:
        return knowledge_version() + (f"-{self.model.version}" if self.model else "")


@flow(name="reprocess")
async def reprocess(
    since: datetime | None = None,
    until: datetime | None = None,
    sources: list[str] | None = None,
    only: list[str] | None = None,
    dry_run: bool = False,
) -> Reprocessed:
    """Read again what was published since ``since`` and before ``until`` (UTC where none is said).

    An article that does not say when it was published counts by when it was first seen. ``only``
    names the parts to read again (text, tickers, topics, facts), the others are held as they are;
    without text, nothing is extracted. A dry run appends nothing. Raises NewsLedgerError for a
    span that is empty or an unknown part or source, WarehouseError where the data cannot be used.
    """
    started = monotonic()
    settings = load_settings()
    declared = load_sources(settings.sources)
    for sentence in declared.left_out:
        progress().say(sentence)
    chosen = choose(declared, sources) if sources else list(declared.values())
    model = find_model(Home(settings.home).topic_model)
    order = order_of(since, until, chosen, only, dry_run=dry_run, model=model)
    async with _opened(settings, order, declared) as replay:
        expected = await asyncio.to_thread(_count, replay.job)
        done = _done_before(replay)
        await work_through(
            replay, (unit for unit in _planned(replay) if unit.name not in done), expected
        )
        return Reprocessed(
            run_id=str(replay.run_id),
            dry_run=dry_run,
            tally=replay.tally,
            missing=max(expected - replay.tally.read.total(), 0),
            file=await asyncio.to_thread(_finish, replay),
            seconds=monotonic() - started,
        )


def order_of(
    since: datetime | None,
    until: datetime | None,
    sources: Sequence[Source],
    only: Sequence[str] | None,
    *,
    dry_run: bool,
    model: ModelFile | None,
) -> Order:
    """Return the order. Raises NewsLedgerError for an empty span, or a part that there is not."""
    require_order(since, until, only or ())
    return Order(
        since=in_utc(since),
        until=in_utc(until),
        sources=tuple(sources),
        parts=cast(frozenset[Part], frozenset(only or PARTS)),
        dry_run=dry_run,
        model=model,
    )


@asynccontextmanager
async def _opened(
    settings: Settings, order: Order, declared: Mapping[str, Source]
) -> AsyncIterator[Replay]:
    """Open what a run needs; a run that fails is written down as failed."""
    home, wait = Home(settings.home), timedelta(seconds=settings.lock_seconds)
    run_id = UUID(flow_run.id or str(uuid4()))
    await _publish_before(home, wait)
    check_knowledge(home)
    journal = Journal(home.differences / f"{order.key}.jsonl", SCHEMA)
    names = tuple(source.name for source in order.sources)
    job = Job(
        news=home.news,
        sources=settings.sources,
        chosen=Chosen(since=order.since, until=order.until, sources=names),
        parts=order.parts,
        model=order.model,
    )
    warm_up = partial(read_knowledge if "text" in order.parts else read_tag_rules, order.model)
    replay = Replay(
        run_id=run_id,
        home=home,
        job=job,
        pool=WorkerPool(settings.workers, UNIT_SECONDS, warm_up),
        workers=settings.workers,
        journal=journal,
        tally=Tally(),
        dry_run=order.dry_run,
        wait=wait,
        clock=utc_now,
    )
    with journal.held(), replay.pool:
        await _require_knowledge(replay)
        if len(names) == len(declared):
            replay.tally.problems += await asyncio.to_thread(_undeclared, home, set(names))
        await asyncio.to_thread(_start, replay)
        with failing_told(partial(_end, replay)):
            yield replay
        await asyncio.to_thread(_end, replay, "")
        await _publish_after(replay)


async def _require_knowledge(replay: Replay) -> None:
    """Raise NewsLedgerError when a worker cannot read its data files: no unit could be read."""
    (found,) = await replay.pool.map(check_job, [replay.job])
    if isinstance(found, ItemError):
        raise NewsLedgerError(found.detail)


async def _publish_before(home: Home, wait: timedelta) -> None:
    """See that the published copy, which is read, is current, or at least there."""
    if not home.live.exists():
        raise WarehouseMissing(
            f"There is no {home.live}: nothing was ever loaded there. NEWSLEDGER_HOME says where"
            " the data is looked for."
        )
    try:
        await publish(home, wait)
    except WarehouseBusy:
        if not home.news.exists():
            raise
        progress().say("Somebody holds the database: the copy of before is read")


async def _publish_after(replay: Replay) -> None:
    if replay.tally.restated:
        for failing in await check(replay.home, replay.clock, replay.wait, replay.run_id):
            replay.tally.problems.append(
                f"check {failing.check_name}: {failing.subject}: {failing.detail}"
            )
        progress().say("Publishing")
        await publish(replay.home, replay.wait)


def _undeclared(home: Home, names: set[str]) -> list[str]:
    with reading(home.news) as connection:
        others = [name for name in sources_of(connection) if name not in names]
    return [f"Articles of {', '.join(others)} are left: no such source is declared."] * bool(others)


def _count(job: Job) -> int:
    with reading(job.news) as connection:
        return count_chosen(connection, job.chosen)


def _planned(replay: Replay) -> Iterator[Unit]:
    return units(replay.home, replay.job, replay.tally.problems)


def _done_before(replay: Replay) -> set[str]:
    """Take over what an earlier run of the same order did before it was killed."""
    done = set()
    for line, rows in replay.journal.units():
        replay.tally.add(line, rows)
        done.add(line["unit"])
    return done


def _finish(replay: Replay) -> Path | None:
    """Keep the differences as a Parquet file; where there are none, there is no file."""
    target = replay.home.differences / f"{replay.clock():%Y%m%dT%H%M%S}-{replay.run_id}.parquet"
    file = replay.journal.finish(target)
    if replay.tally.by_rule:
        return file
    file.unlink()
    return None


def _start(replay: Replay) -> None:
    if replay.dry_run:
        return
    with writing(replay.home, wait=replay.wait) as connection:
        ledger.start_run(
            connection,
            run_id=replay.run_id,
            flow="reprocess",
            sources=replay.job.chosen.sources,
            started_at=replay.clock(),
        )


def _end(replay: Replay, error: str) -> None:
    if replay.dry_run:
        return
    with writing(replay.home, wait=replay.wait) as connection:
        ledger.finish_run(connection, run_id=replay.run_id, finished_at=replay.clock(), error=error)
