"""Fetches the page of a listing."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from tasks.articles.records import Listing, Page
from tasks.sources.schema import Source
from tasks.web.client import Client


async def fetch_page(
    listing: Listing,
    source: Source,
    client: Client,
    clock: Callable[[], datetime],
    conditions: Mapping[str, str] | None = None,
) -> Page:
    """Return the answer for a listing's URL as its page; ``clock`` gives UTC.

    ``conditions`` are headers such as If-None-Match; where they hold, the page is a bare 304.
    Every answer that will not change by asking again is a page, a 404 too. Raises Rejected or
    Deferred, or SettingsError as ``Client.get`` does.
    """
    response = await client.get(listing.url, source.politeness_at(listing.url), conditions)
    fetched_at = clock()
    return Page(
        listing=listing,
        url=response.url,
        status=response.status,
        content_type=response.content_type,
        body=response.body,
        fetched_at=fetched_at,
        requested_url=response.requested_url,
        headers=tuple(sorted(response.headers.items())),
        asked_at=fetched_at - timedelta(seconds=response.seconds),
    )
