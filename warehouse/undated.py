"""Listings of which no list said the day: each belongs to its article's, once that is known."""

from collections.abc import Collection
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.rows import among

_ENDED = """
WITH ended AS (
    SELECT
        o.listing_id,
        arg_max(o.outcome, attempt_order(o.outcome, o.reason, o.fetched_at, o.outcome_id))
            AS outcome,
        arg_max(o.article_key, attempt_order(o.outcome, o.reason, o.fetched_at, o.outcome_id))
            AS article_key
    FROM outcomes AS o
    SEMI JOIN given_rows AS g ON g.id = o.listing_id
    WHERE NOT o.is_revisit
    GROUP BY o.listing_id
), dated AS (
    SELECT
        e.listing_id, e.outcome,
        make_date(floor(epoch(arg_max(v.published_at, v.revision)) / 86400)::INTEGER) AS day
    FROM ended AS e
    LEFT JOIN article_versions AS v ON v.article_key = e.article_key
    GROUP BY ALL
)
"""
_PLACE = f"""{_ENDED}
UPDATE slice_listings AS s SET day = d.day FROM dated AS d
WHERE s.listing_id = d.listing_id AND s.day <> d.day
    AND d.outcome NOT IN ('deferred', 'rejected', 'removed')
"""
_ASTRAY = f"""{_ENDED}
SELECT g.id FROM given_rows AS g
ANTI JOIN dated AS d ON d.listing_id = g.id AND (
    d.outcome IN ('rejected', 'removed') OR (d.outcome <> 'deferred' AND d.day IS NOT NULL)
)
"""


def place_undated(connection: DuckDBPyConnection, listing_ids: Collection[UUID]) -> set[UUID]:
    """Move these listings to the slices of their articles' days; return those that have none yet.

    What was rejected or removed for good is no article of any day: it stays where it is, and is not
    among those returned. Inside a transaction.
    """
    among(connection, _PLACE, listing_ids)
    return {listing_id for (listing_id,) in among(connection, _ASTRAY, listing_ids)}
