"""Finds the archived page of an article that is stored, by its key or address."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from flows.takedown import article_keys
from tasks.articles.errors import NewsLedgerError
from tasks.articles.records import Page
from tasks.articles.rows import page_of
from tasks.articles.urls import clean_url
from tasks.sources.schema import Source
from warehouse.archive import read_batch
from warehouse.home import Home
from warehouse.pages import newest_page


def find_page(home: Home, place: str, sources: Iterable[Source]) -> Page | None:
    """Return the newest page of an article by its key or address; None for an unknown address.

    A file of that name goes before. Raises NewsLedgerError for a key that is not stored and for a
    page that was erased, WarehouseError where the published copy or the archive cannot be read.
    """
    key = None if Path(place).exists() else _key(place)
    url = clean_url(place) if place.startswith(("http://", "https://")) else ""
    if not (key or url) or (url and not home.news.exists()):
        return None
    found = newest_page(home, article_keys(place, sources), {place, url} - {""})
    if found is None:
        if key:
            raise NewsLedgerError(
                f'No article here has the article_key {place}; `newsledger query "SELECT'
                ' article_key, title FROM articles LIMIT 5"` shows some.'
            )
        return None
    page_id, batch_id = found
    for row in read_batch(home, batch_id):
        if row["page_id"] == page_id:
            return page_of(row)
    raise NewsLedgerError(
        f"The page of {place} was erased from the archive: a licence ended, or it was taken down."
    )


def _key(place: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(place)
    return None
