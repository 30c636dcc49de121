"""Finds articles that somebody has labelled, as they are now, in the published copy."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from warehouse.connection import reading
from warehouse.home import Home

_FIND = """
SELECT a.*, s.story_id
FROM articles AS a
LEFT JOIN story_articles AS s ON s.version_id = a.version_id
WHERE a.article_key IN (SELECT unnest($keys::UUID[])) OR a.url IN (SELECT unnest($urls::VARCHAR[]))
ORDER BY a.article_key
"""


def articles_at(home: Home, keys: Collection[UUID], urls: Collection[str]) -> list[dict[str, Any]]:
    """Return the newest versions of articles with these keys or addresses, ordered by key.

    Each row has the columns of the view ``articles``, and ``story_id`` (null where the version
    was never linked). Articles that were removed or never stored are left out. Raises
    WarehouseMissing.
    """
    with reading(home.news) as connection:
        answer = connection.execute(
            _FIND, {"keys": [str(key) for key in sorted(keys)], "urls": sorted(urls)}
        )
        names = [str(column[0]) for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
