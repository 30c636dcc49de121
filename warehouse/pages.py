"""Finds which archived page is the newest of an article."""

from collections.abc import Collection
from uuid import UUID

from warehouse.burial import find
from warehouse.connection import reading
from warehouse.home import Home
from warehouse.rows import among

# A later page without an article in it (a paywall, a page that is gone) says nothing of it.
_NEWEST = """
SELECT o.page_id, o.batch_id
FROM outcomes AS o
SEMI JOIN given_rows AS g ON g.id = o.page_id
ORDER BY o.article_key IS NULL, o.fetched_at DESC, o.page_id
LIMIT 1
"""


def newest_page(
    home: Home, keys: Collection[UUID], places: Collection[str]
) -> tuple[UUID, UUID] | None:
    """Return page_id and batch_id of the page last fetched of an article, by published copy.

    The article is found by its key, or by an address or guid that a list gave or that it has.
    None where nothing was ever fetched. Raises as ``warehouse.connection.reading`` does.
    """
    with reading(home.news) as connection:
        subject = find(connection, keys, places)
        found = among(connection, _NEWEST, subject.page_ids)
    return found[0] if found else None
