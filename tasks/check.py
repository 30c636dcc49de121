"""After loading, check: what the warehouse's checks find is stored, and told as Prefect events."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

from warehouse.checking import Failing, failing, run_checks
from warehouse.connection import writing
from warehouse.home import Home

FAILED = "newsledger.check.failed"
_LOOK_BACK = timedelta(days=2)  # upkeep looks at all rows; a run must not hold up the next


@task(cache_policy=NO_CACHE)
async def check(
    home: Home, clock: Callable[[], datetime], wait: timedelta, run_id: UUID
) -> list[Failing]:
    """Run the checks on what was loaded lately and return what fails now.

    Each failure is emitted as ``newsledger.check.failed``. Raises WarehouseBusy after ``wait``.
    """
    found = await asyncio.to_thread(_check, home, clock(), wait, run_id)
    for failure in found:
        emit_event(FAILED, **event_of(failure))
    return found


def event_of(failure: Failing) -> dict[str, Any]:
    """Return resource and payload of a failure's event; triggers match by the resource's labels."""
    return {
        "resource": {
            "prefect.resource.id": f"newsledger.check.{failure.check_name}",
            "prefect.resource.name": failure.check_name,
            "newsledger.subject": failure.subject,
            "newsledger.is-new": str(failure.is_new).lower(),
        },
        "payload": {
            "subject": failure.subject,
            "detail": failure.detail,
            "failing_since_at": failure.failing_since_at.isoformat(),
        },
    }


def _check(home: Home, now: datetime, wait: timedelta, run_id: UUID) -> list[Failing]:
    with writing(home, wait=wait) as connection:
        run_checks(connection, now, run_id=run_id, since=now - _LOOK_BACK)
        return failing(connection)
