-- A source that can be read but brings nothing new has gone silent: its feed moved, or answers
-- with an old copy. Measured by its own rhythm: half as long again as its longest pause of the
-- four weeks before (which has its nights and weekends), six hours at least, once it has brought
-- 20 articles on five days.
WITH arrivals AS (
    SELECT
        source,
        first_seen_at,
        first_seen_at - lag(first_seen_at) OVER (PARTITION BY source ORDER BY first_seen_at)
            AS pause
    FROM article_versions
    WHERE cause = 'new'
        AND available_at >= getvariable('now') - INTERVAL 28 DAYS
        AND available_at <= getvariable('now')
), rhythm AS (
    SELECT
        source,
        max(first_seen_at) AS newest_at,
        max(pause) AS longest_pause
    FROM arrivals
    GROUP BY source
    HAVING count(*) >= 20 AND count(DISTINCT (first_seen_at AT TIME ZONE 'UTC')::DATE) >= 5
), asked AS (
    SELECT source, max(finished_at) AS polled_at FROM polls
    WHERE is_asked AND error = ''
    GROUP BY source
)
SELECT
    r.source AS subject,
    'Nothing new since ' || strftime(r.newest_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M')
    || ' UTC, though it was read at ' || strftime(a.polled_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M')
    || '; its longest pause in four weeks was '
    || round(epoch(r.longest_pause) / 3600, 1) || ' hours.' AS detail
FROM rhythm AS r
INNER JOIN asked AS a ON a.source = r.source
WHERE a.polled_at - r.newest_at
    > greatest(to_seconds(1.5 * epoch(r.longest_pause)), INTERVAL 6 HOURS);
