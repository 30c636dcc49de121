"""Lets go of what a source's licence no longer lets us keep: texts and raw pages by their age.

The ledger, the headlines and the tags stay; ``articles`` shows the article with an empty text.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.connection import turn_to_write, writer_lock, writing
from warehouse.erasure import erase_expired
from warehouse.home import Home
from warehouse.rewriting import rewrite
from warehouse.transaction import transaction

_PATIENCE = timedelta(seconds=30)
_EMPTY_TEXTS = """
UPDATE article_texts SET text = ''
WHERE text <> '' AND version_id IN (
    SELECT version_id FROM article_versions WHERE source = $1 AND first_seen_at < $2
)
"""
# What a full-text list said holds the text too; it is needed as long as the listing is tried again.
_EMPTY_LISTINGS = """
UPDATE listings SET listing = '{}'
WHERE source = $1 AND listed_at < $2 AND listing <> '{}'
    AND listing_id IN (SELECT listing_id FROM listing_outcomes WHERE outcome <> 'deferred')
"""


@dataclass(frozen=True, slots=True)
class Expired:
    """What was let go of."""

    texts: int
    listings: int  # what lists said of their articles
    pages: int


def expire(home: Home, source: str, before: datetime, *, wait: timedelta = _PATIENCE) -> Expired:
    """Empty a source's texts and erase its raw pages that were fetched before an instant (aware).

    What was emptied leaves the bytes of the live file too; the published copy and the exports
    follow when they are made next. Repeating it changes nothing. Raises WarehouseBusy after
    ``wait``, WarehouseError when a file cannot be rewritten.
    """
    with writing(home, wait=wait) as connection, transaction(connection):
        texts = _empty(connection, _EMPTY_TEXTS, source, before)
        listings = _empty(connection, _EMPTY_LISTINGS, source, before)
        if texts or listings:
            count_change(connection)
    with turn_to_write(home, wait=wait):
        pages = erase_expired(home, source, before)
    if texts or listings:
        with writer_lock(home, wait=wait):
            rewrite(home)
            home.search_index.unlink(missing_ok=True)
    return Expired(texts, listings, pages)


def _empty(connection: DuckDBPyConnection, sql: str, source: str, before: datetime) -> int:
    ((rows,),) = connection.execute(sql, [source, before]).fetchall()
    return int(rows)
