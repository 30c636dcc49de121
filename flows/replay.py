"""How a reprocessing goes through its units: several at once, each whole in itself."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from prefect.utilities.annotations import quote

from flows.progress import progress
from flows.reread import Changed, Job, Reread, Unit, reread, versions_in
from flows.tally import Tally
from tasks.articles.errors import ItemError
from tasks.restate import restate
from tasks.workers.pool import WorkerPool
from warehouse.archived import places
from warehouse.connection import reading
from warehouse.errors import ArchiveError
from warehouse.home import Home
from warehouse.journal import Journal
from warehouse.restating import Restatement
from warehouse.standing import stretches, stretches_of_batches

ARTICLES_AT_ONCE = 400  # of stored texts; pages come in the batches that they were archived in
UNITS_UNDER_WAY = 2  # for each worker: one is worked on while another one waits


@dataclass(slots=True, kw_only=True)
class Replay:
    """What one run over the archive holds."""

    run_id: UUID
    home: Home
    job: Job
    pool: WorkerPool
    workers: int
    journal: Journal
    tally: Tally
    dry_run: bool
    wait: timedelta
    clock: Callable[[], datetime]


def units(home: Home, job: Job, problems: list[str]) -> Iterator[Unit]:
    """Give the units that hold the chosen articles; ``problems`` are files that cannot be read."""
    with reading(job.news) as connection:
        if "text" not in job.parts:
            for stretch in stretches(connection, job.chosen, ARTICLES_AT_ONCE):
                name = f"{stretch.first.isoformat()}/{stretch.last.isoformat()}"
                yield Unit(name=name, stretch=stretch)
            return
        batches = stretches_of_batches(connection, job.chosen)
    for place in places(home, problems):
        if found := batches.get(place.batch_id):
            yield Unit(
                name=str(place.batch_id),
                stretch=found,
                file=place.file,
                position=place.position,
            )


async def work_through(replay: Replay, planned: Iterable[Unit], expected: int) -> None:
    """Read units again and restate what changed; ``expected`` is the number of articles.

    Raises what no later unit could mend, such as a held database.
    """
    free = asyncio.Semaphore(UNITS_UNDER_WAY * replay.workers)

    async def work_on(unit: Unit) -> None:
        try:
            await _work_on(replay, unit)
        finally:
            free.release()
        tally = replay.tally
        progress().say(
            f"{tally.read.total():,} of {expected:,} articles read,"
            f" {tally.changed.total():,} different"
        )

    try:
        async with asyncio.TaskGroup() as group:
            for unit in planned:
                await free.acquire()
                group.create_task(work_on(unit))
    except ExceptionGroup as error:
        raise error.exceptions[0] from None


async def _work_on(replay: Replay, unit: Unit) -> None:
    found = await _reread(replay, unit)
    if found.problem:
        replay.tally.problems.append(found.problem)
        return
    changed = found.changed
    if changed and not replay.dry_run:
        changed = await _restate(replay, changed)
    differences = [d for one in changed for d in one.differences] + found.failed
    rows = [asdict(difference) for difference in differences]
    line = {
        "unit": unit.name,
        "read": found.read,
        "changed": _languages(changed),
        "restated": 0 if replay.dry_run else len(changed),
    }
    replay.journal.add(line, rows)
    replay.tally.add(line, rows)
    replay.tally.show(
        (one.restatement.article["title"], difference)
        for one in changed
        for difference in one.differences
    )


def _languages(changed: Sequence[Changed]) -> dict[str, int]:
    languages = [one.differences[0].language for one in changed]
    return {language: languages.count(language) for language in set(languages)}


async def _restate(replay: Replay, changed: Sequence[Changed]) -> list[Changed]:
    restatements = [one.restatement for one in changed]
    # Prefect would walk through all of the rows for futures; it takes the wrapping off again.
    wrapped = cast(list[Restatement], quote(restatements))
    restated = await restate(wrapped, replay.run_id, replay.home, replay.clock, replay.wait)
    return [one for one in changed if one.restatement.version_id in restated]


async def _reread(replay: Replay, unit: Unit) -> Reread:
    (found,) = await replay.pool.map(reread, [replay.job], [unit])
    return await _one_by_one(replay, unit) if isinstance(found, ItemError) else found


async def _one_by_one(replay: Replay, unit: Unit) -> Reread:
    """Read a unit article by article, because one of them cost it its worker or its time."""
    whole = Reread()
    try:
        version_ids = await asyncio.to_thread(versions_in, replay.job, unit)
    except ArchiveError as error:
        return Reread(problem=str(error))
    for version_id in version_ids:
        (found,) = await replay.pool.map(reread, [replay.job], [replace(unit, only=version_id)])
        if isinstance(found, ItemError):
            replay.tally.problems.append(f"Version {version_id} cannot be read again: {found}")
            continue
        whole.changed += found.changed
        whole.failed += found.failed
        whole.read += found.read
    return whole
