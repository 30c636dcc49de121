-- A slice that was begun is completed within a day, and a complete one misses nothing: its
-- listings are the sum of their outcomes.
SELECT
    source || ': ' || day AS subject,
    'The slice of ' || day || CASE
        WHEN state = 'complete' THEN ' is complete but has ' || missing || ' listings missing'
            || ' and ' || listed || ' listed.'
        ELSE ' is ' || state || ' since '
            || strftime(started_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') || ' UTC'
            || if(error = '', '.', ': ' || error)
    END AS detail
FROM slices
WHERE (state = 'complete'
        AND (missing > 0
            OR listed <> stored + revised + unchanged + rejected + deferred + removed))
    OR (state <> 'complete' AND started_at < getvariable('now') - INTERVAL 1 DAY);
