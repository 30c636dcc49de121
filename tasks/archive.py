"""Step 3, archive: raw pages are kept before anything else can fail."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.records import Page
from tasks.articles.rows import Row, page_row
from tasks.extraction.decode import charset_of
from warehouse.archive import write_batch
from warehouse.home import Home


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=1)
async def archive(pages: Sequence[Page], home: Home) -> UUID:
    """Write a batch of pages as one Parquet file and return its batch id."""
    return await asyncio.to_thread(lambda: write_batch(home, [_row(page) for page in pages]))


def _row(page: Page) -> Row:
    charset, charset_from = charset_of(page.body, page.content_type)
    return page_row(replace(page, charset=charset, charset_from=charset_from))
