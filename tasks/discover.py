"""Step 1, discover: ask a source what it lists."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.records import Listing
from tasks.discovery.feeds import read_feed
from tasks.discovery.listings import Found, merged
from tasks.discovery.sitemaps import read_sitemap
from tasks.sources.schema import ArticleList, Source
from tasks.web.client import Client

READERS: dict[str, Callable[[bytes, ArticleList, Source], Found]] = {
    "feed": read_feed,
    "sitemap": read_sitemap,
}
MAX_LIST_BYTES = 50_000_000
MAX_DOCUMENTS = 50  # read of one source in one run: an index names its newest sitemaps first
HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a source lists, each article once, and which of its lists could not be read."""

    listings: list[Listing]
    problems: list[str]


@task(
    task_run_name="discover {source.name}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(2),
    retry_jitter_factor=0.5,
    retry_condition_fn=lambda _, __, state: isinstance(state.data, Deferred),
)
async def discover(source: Source, client: Client) -> Discovery:
    """Read all lists of a source.

    Raises Deferred or Rejected when not one could be read, so that a dead feed is never taken for
    one with nothing new.
    """
    waiting = deque((declared, declared.url) for declared in source.lists)
    listings: list[Listing] = []
    errors: list[ItemError] = []
    documents = 0
    while waiting and documents < MAX_DOCUMENTS:
        declared, url = waiting.popleft()
        documents += 1
        try:
            found = await _read(declared, url, source, client)
        except ItemError as error:
            errors.append(error)
            continue
        listings += found.listings
        waiting.extend((declared, further) for further in found.further)
    problems = [str(error) for error in errors]
    if len(errors) == documents:
        passing = any(isinstance(error, Deferred) for error in errors)
        raise (Deferred if passing else Rejected)(errors[0].reason, "; ".join(problems))
    return Discovery(merged(listings, source), problems)


async def _read(declared: ArticleList, url: str, source: Source, client: Client) -> Found:
    politeness = source.politeness.model_copy(update={"max_bytes": MAX_LIST_BYTES})
    response = await client.get(url, politeness)
    if response.status != HTTP_OK:
        raise Rejected(Reason.HTTP_STATUS, f"{url} answered {response.status}")
    try:
        return READERS[declared.kind](response.body, declared, source)
    except ValueError as error:
        raise Rejected(Reason.NOT_A_LIST, f"{url}: {error}") from error
