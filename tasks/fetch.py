"""Step 2, fetch: listings become pages."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.articles.errors import Deferred, ItemError, Reason, Removed, SettingsError
from tasks.articles.records import LONGEST_WAIT, Listing, Outcome, Page
from tasks.discovery.saved import page_of_file
from tasks.sources.keys import key_of
from tasks.sources.schema import Source
from tasks.web.at_once import at_once
from tasks.web.client import Client
from tasks.web.pages import fetch_page

_LISTED_NOW: Mapping[UUID, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fetched:
    """The pages of a batch, and the outcomes of the listings that gave none."""

    pages: list[Page]
    outcomes: list[Outcome]


@task(cache_policy=NO_CACHE)
async def fetch(
    listings: Sequence[Listing],
    sources: Mapping[str, Source],
    client: Client,
    clock: Callable[[], datetime],
    listed_at: Mapping[UUID, datetime] = _LISTED_NOW,
) -> Fetched:
    """Fetch a batch. One listing's fault never stops the others; ``clock`` gives UTC.

    ``listed_at`` says of listings that an earlier run read (by id, UTC) when that was: a whole item
    is as old as that, and may have been changed since.

    A whole item is a page already, a page in a file is read there, and what the list says was
    removed has no page. Every answer that will not change by asking again is a page, a 404 too:
    what it means is the next step's to say.
    """
    results = await at_once(
        _fetch_one(listing, sources, client, clock, listed_at) for listing in listings
    )
    return Fetched(
        pages=[result for result in results if isinstance(result, Page)],
        outcomes=[result for result in results if isinstance(result, Outcome)],
    )


async def _fetch_one(
    listing: Listing,
    sources: Mapping[str, Source],
    client: Client,
    clock: Callable[[], datetime],
    listed_at: Mapping[UUID, datetime],
) -> Page | Outcome:
    source = sources[listing.source]
    seen_at = listed_at.get(listing.listing_id) or clock()
    if listing.is_removed:
        return _removal(listing, sources, seen_at)
    if listing.is_full:
        return Page(
            listing=listing,
            url=listing.url,
            status=200,
            content_type="text/html; charset=utf-8",
            body=listing.body.encode("utf-8", "surrogatepass"),
            fetched_at=seen_at,
            kind="item",
        )
    try:
        if listing.file:
            return await asyncio.to_thread(page_of_file, listing, source, clock())
        return await fetch_page(listing, source, client, clock)
    except ItemError as error:
        return Outcome.of_error(listing, error, clock())
    except SettingsError as error:  # a list on this machine that links to the internet
        refused = Deferred(Reason.REFUSED, str(error), LONGEST_WAIT)
        return Outcome.of_error(listing, refused, clock())


def _removal(listing: Listing, sources: Mapping[str, Source], now: datetime) -> Outcome:
    source = sources[listing.source]
    key = key_of(
        source, sources, publisher_id=listing.publisher_id, url=listing.url, guid=listing.guid
    )
    gone = Removed(Reason.GONE, f"{source.title} lists {listing.place} as removed.")
    return Outcome.of_error(listing, gone, now, article_key=key)
