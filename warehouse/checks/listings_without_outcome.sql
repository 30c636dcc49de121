-- Every listing has an outcome. One that was found in a run may wait in the archive for the next;
-- when a later ingest of its source ended well and it still has none, it was lost. Those of a
-- backfill are its own to finish: slices_unfinished tells.
WITH later AS (
    SELECT p.source, max(p.started_at) AS started_at
    FROM polls AS p
    INNER JOIN runs AS r ON r.run_id = p.run_id
    WHERE r.flow = 'ingest' AND r.finished_at IS NOT NULL AND r.error = '' AND p.error = ''
    GROUP BY p.source
)
SELECT
    l.source AS subject,
    count(*) || ' listings have no outcome though a later run ended well; the oldest, of '
    || strftime(min(l.listed_at) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') || ' UTC, is '
    || arg_min(coalesce(nullif(l.url, ''), l.guid), (l.listed_at, l.listing_id)) || '.' AS detail
FROM listings AS l
INNER JOIN later AS p ON p.source = l.source AND l.listed_at < p.started_at
ANTI JOIN outcomes AS o ON o.listing_id = l.listing_id
ANTI JOIN slice_listings AS b ON b.listing_id = l.listing_id
WHERE l.listed_at >= getvariable('since')
GROUP BY l.source;
