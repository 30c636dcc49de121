"""Step 6 of reprocessing, restate: what reads otherwise now becomes versions of its own."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from warehouse.connection import writing
from warehouse.home import Home
from warehouse.restating import Restatement
from warehouse.restating import restate as append_restatements


@task(cache_policy=NO_CACHE)
async def restate(
    restatements: Sequence[Restatement],
    run_id: UUID,
    home: Home,
    clock: Callable[[], datetime],
    wait: timedelta,
) -> frozenset[UUID]:
    """Append versions with the cause ``reprocessed``; return the versions that were restated.

    Those that are not the newest of their article any more are left out. The time of ``clock``
    (UTC) becomes ``available_at``. Raises WarehouseBusy after ``wait``.
    """
    return await asyncio.to_thread(_restate, restatements, run_id, home, clock, wait)


def _restate(
    restatements: Sequence[Restatement],
    run_id: UUID,
    home: Home,
    clock: Callable[[], datetime],
    wait: timedelta,
) -> frozenset[UUID]:
    with writing(home, wait=wait) as connection:
        return append_restatements(connection, restatements, run_id=run_id, available_at=clock())
