"""Step 4, extract: pages become articles, in the worker processes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.errors import ItemError
from tasks.articles.identity import article_key
from tasks.articles.records import Article, Outcome, Page
from tasks.extraction.extract import extract as extract_page
from tasks.sources.keys import key_of
from tasks.sources.schema import Source
from tasks.workers.pool import Workers


@dataclass(frozen=True, slots=True)
class Extracted:
    """The articles of a batch, and the outcomes of the pages that held none."""

    articles: list[Article]
    outcomes: list[Outcome]


@task(cache_policy=NO_CACHE)
async def extract(
    pages: Sequence[Page],
    sources: Mapping[str, Source],
    pool: Workers,
    clock: Callable[[], datetime],
) -> Extracted:
    """Extract a batch. One page's fault costs at most its time limit, never the others."""
    results = await pool.map(extract_page, pages, [sources[page.listing.source] for page in pages])
    return Extracted(
        articles=[_owned(result, sources) for result in results if isinstance(result, Article)],
        outcomes=[
            Outcome.of_error(page.listing, result, clock(), page, _article_key(page, sources))
            for page, result in zip(pages, results, strict=True)
            if isinstance(result, ItemError)
        ],
    )


def _owned(article: Article, sources: Mapping[str, Source]) -> Article:
    """Return an article by a URL alone under the key that its publisher's own source gives it."""
    source = sources[article.source]
    if article.article_key != article_key(source.publisher, url=article.url):
        return article
    return replace(article, article_key=key_of(source, sources, url=article.url))


def _article_key(page: Page, sources: Mapping[str, Source]) -> UUID:
    """Say which article a page without one is about, by its listing."""
    listing = page.listing
    return key_of(
        sources[listing.source],
        sources,
        publisher_id=listing.publisher_id,
        url=listing.url,
        guid=listing.guid,
    )
