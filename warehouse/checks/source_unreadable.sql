-- A source that was asked can be read: its last three polls all had an error, or there was none
-- that went well for ten times the usual pause between them (an hour at least).
-- One that nobody asked for two weeks was taken out on purpose.
WITH asked AS (
    SELECT
        source, error, finished_at,
        row_number() OVER newest AS place,
        finished_at - lag(finished_at) OVER (PARTITION BY source ORDER BY finished_at) AS pause
    FROM polls
    WHERE is_asked AND finished_at >= getvariable('now') - INTERVAL 14 DAYS
        AND finished_at <= getvariable('now')
    WINDOW newest AS (PARTITION BY source ORDER BY finished_at DESC)
), sources AS (
    SELECT
        source,
        count(*) AS polls,
        count(*) FILTER (WHERE place <= 3 AND error <> '') AS errors,
        arg_max(error, finished_at) AS error,
        max(finished_at) FILTER (WHERE error = '') AS read_at,
        median(pause) AS pause
    FROM asked
    GROUP BY source
)
SELECT
    source AS subject,
    CASE
        WHEN errors = 3 THEN 'Its last three polls failed: ' || error
        ELSE 'It was last read at ' || strftime(read_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M')
            || ' UTC; usually it is asked every ' || ceil(epoch(pause) / 60)::INTEGER || ' minutes.'
    END AS detail
FROM sources
WHERE errors = 3
    OR (polls >= 5
        AND getvariable('now') - read_at
            > greatest(to_seconds(10 * epoch(pause)), INTERVAL 1 HOUR));
