"""Step 2 again, revisit: articles are looked at again, for corrections and removals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.errors import Deferred, ItemError, Reason, Removed, SettingsError
from tasks.articles.identity import body_hash
from tasks.articles.records import LONGEST_WAIT, Listing, Outcome, Page
from tasks.fetch import Fetched
from tasks.sources.schema import Source
from tasks.web.at_once import at_once
from tasks.web.client import Client
from tasks.web.pages import fetch_page

_NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """An article to look at again, and what its page was like the last time."""

    listing: Listing
    article_key: UUID
    etag: str  # validators as sent, or ""
    last_modified: str
    body_hash: UUID | None  # None where the page had gone: whatever it says now counts


@task(cache_policy=NO_CACHE)
async def revisit(
    revisits: Sequence[Revisit],
    sources: Mapping[str, Source],
    client: Client,
    clock: Callable[[], datetime],
) -> Fetched:
    """Ask for pages anew. One that changed is a page; the others have their outcome at once.

    Unchanged is what the server says is (304) or sends as it was, to the byte: nothing of it is
    archived. An article that was seen and answers 404 or 410 now was removed. ``clock`` gives UTC.
    """
    results = await at_once(
        _look_again(again, sources[again.listing.source], client, clock) for again in revisits
    )
    return Fetched(
        pages=[result for result in results if isinstance(result, Page)],
        outcomes=[result for result in results if isinstance(result, Outcome)],
    )


async def _look_again(
    again: Revisit, source: Source, client: Client, clock: Callable[[], datetime]
) -> Page | Outcome:
    try:
        page = await fetch_page(again.listing, source, client, clock, _conditions(again))
        if page.status in _NOT_THERE:
            raise Removed(Reason.GONE, f"{page.url} was there before and answers {page.status} now")
    except ItemError as error:
        return Outcome.of_error(again.listing, error, clock(), article_key=again.article_key)
    except SettingsError as error:
        refused = Deferred(Reason.REFUSED, str(error), LONGEST_WAIT)
        return Outcome.of_error(again.listing, refused, clock(), article_key=again.article_key)
    if page.status == HTTPStatus.NOT_MODIFIED or body_hash(page.body) == again.body_hash:
        return Outcome(
            listing=again.listing,
            outcome="unchanged",
            fetched_at=page.fetched_at,
            article_key=again.article_key,
        )
    return page


def _conditions(again: Revisit) -> dict[str, str]:
    conditions = {"If-None-Match": again.etag, "If-Modified-Since": again.last_modified}
    return {name: value for name, value in conditions.items() if value}
