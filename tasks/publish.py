"""Step 7, publish: the file that people query is replaced, atomically."""

import asyncio
from datetime import datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE

from warehouse.home import Home
from warehouse.snapshot import Published
from warehouse.snapshot import publish as publish_copy


@task(cache_policy=NO_CACHE)
async def publish(home: Home, wait: timedelta, recent: datetime | None = None) -> Published:
    """Publish what has been loaded, unless the copy was made after ``recent`` (aware).

    Raises WarehouseBusy after ``wait``.
    """
    return await asyncio.to_thread(publish_copy, home, wait=wait, recent=recent)
