"""Lets go of what a source's licence no longer lets us keep: texts and raw pages by their age.

The ledger, the headlines and the tags stay; ``articles`` shows the article with an empty text.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from warehouse.changes import count_change
from warehouse.connection import writer_lock, writing
from warehouse.erasure import erase_expired
from warehouse.home import Home
from warehouse.rewriting import rewrite
from warehouse.transaction import transaction

_PATIENCE = timedelta(seconds=30)
_EXPIRED = """
version_id IN (
    SELECT version_id FROM article_versions WHERE source = $1 AND first_seen_at < $2
) AND text <> ''
"""
_FORGET_LISTINGS = """
UPDATE outcomes SET listing = NULL
WHERE source = $1 AND fetched_at < $2 AND listing IS NOT NULL
    AND listing_id NOT IN (SELECT listing_id FROM listing_outcomes WHERE outcome = 'deferred')
"""
_FORGET_BODIES = """
UPDATE listings SET listing = '{}'
WHERE source = $1 AND listed_at < $2 AND listing <> '{}'
    AND listing_id NOT IN (SELECT listing_id FROM listing_outcomes WHERE outcome = 'deferred')
"""


@dataclass(frozen=True, slots=True)
class Expired:
    """What was let go of."""

    texts: int
    pages: int


def expire(home: Home, source: str, before: datetime, *, wait: timedelta = _PATIENCE) -> Expired:
    """Empty a source's texts and erase its raw pages that were fetched before an instant (aware).

    What was emptied leaves the bytes of the live file too; the published copy and the exports
    follow when they are made next. Repeating it changes nothing. Raises WarehouseBusy after
    ``wait``, WarehouseError when a file cannot be rewritten.
    """
    with writing(home, wait=wait) as connection, transaction(connection):
        texts = _empty_texts(connection, source, before)
    with writer_lock(home, wait=wait):
        pages = erase_expired(home, source, before)
        if texts:
            rewrite(home)
            home.search_index.unlink(missing_ok=True)
    return Expired(texts, pages)


def _empty_texts(connection: DuckDBPyConnection, source: str, before: datetime) -> int:
    given = [source, before]
    ((texts,),) = connection.execute(
        f"SELECT count(*) FROM article_texts WHERE {_EXPIRED}", given
    ).fetchall()
    if texts:
        connection.execute(f"UPDATE article_texts SET text = '' WHERE {_EXPIRED}", given)
        connection.execute(_FORGET_LISTINGS, given)
        connection.execute(_FORGET_BODIES, given)
        count_change(connection)
    return int(texts)
