"""Step 3, archive: raw pages are kept before anything else can fail."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.records import Page
from tasks.articles.rows import page_row
from warehouse.archive import write_batch
from warehouse.home import Home


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1)
async def archive(pages: Sequence[Page], home: Home) -> UUID:
    """Write a batch of pages as one Parquet file and return its batch id."""
    return await asyncio.to_thread(write_batch, home, [page_row(page) for page in pages])
