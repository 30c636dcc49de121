"""Step 5, tag: articles get their tickers and topics, in the worker processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.errors import ItemError
from tasks.articles.records import Article, TaggedArticle
from tasks.tagging.learning.model_file import ModelFile
from tasks.tagging.tagger import tag_article
from tasks.workers.pool import Workers


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tagged articles of a batch, and the errors of those that could not be tagged."""

    articles: list[TaggedArticle]
    errors: list[tuple[Article, ItemError]]


@task(cache_policy=NO_CACHE)
async def tag(articles: Sequence[Article], pool: Workers, model: ModelFile | None) -> Tagged:
    """Tag a batch, by rules and the user's model if there is one.

    One article's fault costs at most its time limit, never the others.
    """
    results = await pool.map(partial(tag_article, model=model), articles)
    return Tagged(
        articles=[result for result in results if isinstance(result, TaggedArticle)],
        errors=[
            (article, result)
            for article, result in zip(articles, results, strict=True)
            if isinstance(result, ItemError)
        ],
    )
