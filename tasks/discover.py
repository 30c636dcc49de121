"""Step 1, discover: ask a source what it lists."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.records import Document, Listing, Span
from tasks.discovery.feeds import read_feed
from tasks.discovery.listings import Found, merged
from tasks.discovery.sitemaps import read_sitemap
from tasks.sources.schema import FeedList, SitemapList, Source
from tasks.web.client import Client

READERS: dict[str, Callable[[bytes, Any, Source], Found]] = {
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
    documents: list[Document] = field(default_factory=list)
    is_whole: bool = True


def _may_pass_soon(_task: object, _run: object, state: State[Any]) -> bool:
    error = state.data
    return isinstance(error, Deferred) and error.reason in {Reason.UNREACHABLE, Reason.SERVER_ERROR}


@task(
    task_run_name="discover {source.name}",
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=5,
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass_soon,
)
async def discover(
    source: Source,
    client: Client,
    clock: Callable[[], datetime],
    *,
    span: Span = Span(),  # noqa: ARG001, B008
    known: Mapping[str, Document] = {},  # noqa: B006
    tokens: Mapping[str, Any] = {},  # noqa: ARG001, B006
) -> Discovery:
    """Read all lists of a source.

    Raises Deferred or Rejected when not one could be read, so that a dead feed is never taken for
    one with nothing new.
    """
    waiting = deque(
        (declared, declared.url)
        for declared in source.lists
        if isinstance(declared, FeedList | SitemapList)
    )
    listings: list[Listing] = []
    errors: list[ItemError] = []
    read: set[str] = set()
    documents: list[Document] = []
    while waiting and len(read) < MAX_DOCUMENTS:
        declared, url = waiting.popleft()
        if url in read:
            continue
        read.add(url)
        try:
            found, document = await _read(declared, url, source, client, clock, known.get(url))
            documents.append(document)
        except ItemError as error:
            errors.append(error)
            continue
        listings += found.listings
        waiting.extend((declared, further) for further in found.further)
    if len(errors) == len(read):
        passing = any(isinstance(error, Deferred) for error in errors)
        details = "; ".join(error.detail for error in errors)
        raise (Deferred if passing else Rejected)(errors[0].reason, details)
    problems = [str(error) for error in errors]
    if waiting:
        problems.append(f"{len(waiting)} sitemaps were left out: a run reads {MAX_DOCUMENTS}")
    return Discovery(merged(listings, source), problems, documents, not problems)


async def _read(
    declared: FeedList | SitemapList,
    url: str,
    source: Source,
    client: Client,
    clock: Callable[[], datetime],
    known: Document | None,
) -> tuple[Found, Document]:
    import hashlib
    from uuid import UUID

    polls = known.polls_since_full_read + 1 if known else 0
    if polls >= source.polling.full_read_every:
        known, polls = None, 0
    headers = {}
    if known and known.etag:
        headers["If-None-Match"] = known.etag
    politeness = source.politeness.model_copy(update={"max_bytes": MAX_LIST_BYTES})
    response = await client.get(url, politeness, headers)
    if response.status == 304 and known:
        return Found([]), replace(known, polls_since_full_read=polls, read_at=clock())
    if response.status != HTTP_OK:
        raise Rejected(Reason.HTTP_STATUS, f"{url} answered {response.status}")
    try:
        body_hash = UUID(bytes=hashlib.md5(response.body, usedforsecurity=False).digest())
        document = Document(
            source=source.name,
            url=url,
            etag=response.headers.get("etag", ""),
            last_modified=response.headers.get("last-modified", ""),
            body_hash=body_hash,
            polls_since_full_read=polls,
            read_at=clock(),
        )
        if known and known.body_hash == body_hash:
            return Found([]), document
        return READERS[declared.kind](response.body, declared, source), document
    except ValueError as error:
        raise Rejected(Reason.NOT_A_LIST, f"{url}: {error}") from error
