"""Step 1, discover: ask a source what it lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.articles.records import Document, Listing, Span
from tasks.discovery.feeds import Feed
from tasks.discovery.kinds import Kind
from tasks.discovery.listings import merged
from tasks.discovery.reading import Answer, Gathered, Reading
from tasks.discovery.sitemaps import Sitemap
from tasks.sources.schema import FeedList, SitemapList, Source
from tasks.web.client import Client

MAX_LIST_BYTES = 50_000_000
_ALL_TIME = Span()
_NONE_KNOWN: Mapping[str, Document] = MappingProxyType({})


class Secret(Protocol):
    """A token that does not show itself, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """Return the token."""
        ...


_NO_TOKENS: Mapping[str, Secret] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a source lists, each article once, and what was read to know it."""

    listings: list[Listing]
    problems: list[str]  # lists that could not be read, in sentences
    documents: list[Document]  # that were read or are unchanged: for the ledger, with the listings
    is_whole: bool  # every list was read to its true end


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
    span: Span = _ALL_TIME,
    known: Mapping[str, Document] = _NONE_KNOWN,
    tokens: Mapping[str, Secret] = _NO_TOKENS,  # noqa: ARG001
    spool: Path | None = None,  # noqa: ARG001
) -> Discovery:
    """Read all lists of a source: what is new since ``span.since``, or one past stretch of time.

    ``clock`` gives UTC. ``known`` holds the source's documents by URL as they were read last: one
    that has not changed since lists nothing again. With ``span.until`` set, all is read anew, what
    is outside the span is left out, and no document is returned. ``tokens`` are those of APIs by
    name ("benzinga"). ``spool`` is the folder for copies of WARC files that lie on the web.

    Raises Deferred or Rejected when not one list could be read, so that a dead feed is never taken
    for one with nothing new.
    """
    politeness = source.politeness.model_copy(update={"max_bytes": MAX_LIST_BYTES})

    async def ask(url: str, headers: Mapping[str, str]) -> Answer:
        return await client.get(url, politeness, headers)

    reading = Reading(source, ask, clock, known, remembers=span.until is None)
    await reading.read(_kinds(source, span))
    return _discovery(reading.gathered, source)


def _kinds(source: Source, span: Span) -> list[Kind]:
    kinds: list[Kind] = []
    for declared in source.lists:
        if isinstance(declared, FeedList):
            kinds.append(Feed(declared, source, span))
        elif isinstance(declared, SitemapList):
            kinds.append(Sitemap(declared, source, span))
    return kinds


def _discovery(gathered: Gathered, source: Source) -> Discovery:
    errors = gathered.errors
    if errors and len(errors) == gathered.read:
        passing = any(isinstance(error, Deferred) for error in errors)
        details = "; ".join(error.detail for error in errors)
        raise (Deferred if passing else Rejected)(errors[0].reason, details)
    return Discovery(
        listings=merged(gathered.listings, source),
        problems=[*map(str, errors), *gathered.problems],
        documents=gathered.documents,
        is_whole=gathered.is_whole,
    )
