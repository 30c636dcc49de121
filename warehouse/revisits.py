"""Which articles are to be looked at again, and by what to tell whether they have changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from duckdb import DuckDBPyConnection

_CAUGHT_UP = timedelta(days=7)  # a machine that was off for longer leaves out what it missed

# A look is an attempt that said something of the article, or that failed for good. A time for the
# next one has come when it lies between the last look and now: of several that were missed, one
# look makes up for all. A failed look waits for its own next try.
_DUE = """
WITH declared AS (
    SELECT unnest($sources::VARCHAR[]) AS source, unnest($hours::DOUBLE[][]) AS hours
), looks AS (
    SELECT
        source,
        listing_id,
        any_value(hours) AS hours,
        min(fetched_at) FILTER (WHERE content_hash IS NOT NULL AND NOT is_revisit) AS first_at,
        max(fetched_at) FILTER (WHERE outcome <> 'deferred') AS last_at,
        max(fetched_at) FILTER (WHERE outcome = 'deferred') AS deferred_at,
        arg_max(retry_at, fetched_at) FILTER (WHERE outcome = 'deferred') AS retry_at,
        list(fetched_at) FILTER (WHERE outcome = 'deferred') AS deferred,
        arg_max(outcome, fetched_at) FILTER (WHERE outcome NOT IN ('deferred', 'rejected'))
            = 'removed' AS is_gone,
        arg_max(article_key, fetched_at) FILTER (WHERE content_hash IS NOT NULL) AS article_key,
        arg_max(page_id, fetched_at) FILTER (WHERE content_hash IS NOT NULL) AS page_id
    FROM outcomes
    INNER JOIN declared USING (source)
    WHERE fetched_at >= $now - to_seconds(3600 * list_max(hours)) - $caught_up
        AND (is_revisit OR outcome NOT IN ('rejected', 'deferred'))
    GROUP BY source, listing_id
), newest AS (
    -- A line that was edited is another listing of the same article: the last one stands for it.
    SELECT * FROM looks
    WHERE article_key IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY source, article_key ORDER BY first_at DESC, listing_id
    ) = 1
), missed AS (
    SELECT
        *,
        list_min(list_filter(
            list_transform(hours, lambda x: first_at + to_seconds(x * 3600)),
            lambda x: x > last_at AND x <= $now
        )) AS due_at
    FROM newest
)
SELECT
    m.article_key, m.listing_id, l.listing,
    if(m.is_gone, '', w.etag) AS etag,
    if(m.is_gone, '', w.last_modified) AS last_modified,
    if(m.is_gone, NULL, w.body_hash) AS body_hash,
    m.due_at, len(list_filter(coalesce(m.deferred, []), lambda x: x > m.last_at)) AS attempts
FROM missed AS m
INNER JOIN watched_pages AS w ON w.page_id = m.page_id
INNER JOIN listings AS l ON l.listing_id = m.listing_id
WHERE m.due_at IS NOT NULL
    AND l.listing <> '{}'
    AND (m.deferred_at IS NULL OR m.deferred_at <= m.last_at OR m.retry_at <= $now)
QUALIFY row_number() OVER (PARTITION BY m.source ORDER BY m.due_at, m.listing_id) <= $most
ORDER BY m.due_at, m.listing_id
"""


def due_revisits(
    connection: DuckDBPyConnection,
    now: datetime,
    hours: Mapping[str, Sequence[float]],
    most: int,
) -> list[dict[str, Any]]:
    """Return the articles to look at again now, ``most`` of each source, the longest due first.

    ``hours`` says for each source how long after its first fetch an article is looked at again.
    Each has ``article_key``, ``listing_id``, ``listing`` (JSON), ``etag``,
    ``last_modified`` and ``body_hash`` of its last page (none of them for an article that is gone:
    the same page again would be its return), ``due_at``, and ``attempts``: failed looks
    since the last one that went well.
    """
    asked = {source: list(after) for source, after in hours.items() if after}
    given = {
        "sources": list(asked),
        "hours": list(asked.values()),
        "now": now,
        "caught_up": _CAUGHT_UP,
        "most": most,
    }
    result = connection.execute(_DUE, given)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
