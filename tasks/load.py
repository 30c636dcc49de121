"""Step 6, load: a batch is appended in one transaction, and its archive file is settled."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import cast
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.records import Listing, Outcome, OutcomeName, Page, TaggedArticle
from tasks.articles.rows import article_row, listing_row, outcome_row, tag_rows, watched_row
from warehouse.append import append
from warehouse.archive import settle
from warehouse.batch import Batch
from warehouse.connection import writing
from warehouse.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Loadable:
    """A batch at its end: what became an article, and how the other listings ended."""

    run_id: UUID
    batch_id: UUID
    is_archived: bool  # it has a file in the archive; not so when no page came back at all
    listings: Sequence[Listing]
    articles: Sequence[TaggedArticle]
    outcomes: Sequence[Outcome]
    watched: Sequence[Page] = ()  # pages that may be looked at again


@task(cache_policy=NO_CACHE)
async def load(
    batch: Loadable, home: Home, clock: Callable[[], datetime], wait: timedelta
) -> dict[UUID, OutcomeName]:
    """Append a batch and return the outcome of each of its listings by id.

    Repeating a batch adds nothing and returns what it first came to. The time of ``clock`` (UTC)
    becomes ``available_at``. Raises WarehouseBusy after ``wait``: the batch stays in the archive.
    """
    return await asyncio.to_thread(_load, batch, home, clock, wait)


def _load(
    batch: Loadable, home: Home, clock: Callable[[], datetime], wait: timedelta
) -> dict[UUID, OutcomeName]:
    with writing(home, wait=wait) as connection:
        appended = append(connection, _rows(batch, clock()))
        if batch.is_archived:
            settle(home, batch.batch_id, without=appended.refused)
    return {key: cast(OutcomeName, name) for key, (name, _) in appended.outcomes.items()}


def _rows(batch: Loadable, now: datetime) -> Batch:
    tags = [tag_rows(tagged) for tagged in batch.articles]
    with_article = {tagged.article.page_id for tagged in batch.articles}
    return Batch(
        batch_id=batch.batch_id,
        run_id=batch.run_id,
        available_at=now,
        listings=[listing_row(listing, now) for listing in batch.listings],
        articles=[article_row(tagged) for tagged in batch.articles],
        article_tickers=list(chain.from_iterable(rows["article_tickers"] for rows in tags)),
        ticker_mentions=list(chain.from_iterable(rows["ticker_mentions"] for rows in tags)),
        article_topics=list(chain.from_iterable(rows["article_topics"] for rows in tags)),
        article_facts=list(chain.from_iterable(rows["article_facts"] for rows in tags)),
        article_fingerprints=list(
            chain.from_iterable(rows["article_fingerprints"] for rows in tags)
        ),
        outcomes=[outcome_row(outcome) for outcome in batch.outcomes],
        watched_pages=[watched_row(p) for p in batch.watched if p.page_id in with_article],
    )
