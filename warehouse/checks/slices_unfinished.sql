-- A slice that was begun is proven within a day of its last attempt; else part of the history is
-- missing. `newsledger backfill SOURCE --gaps` takes it up.
SELECT
    source || ': ' || day AS subject,
    'The slice of ' || day || ' is ' || state || ' since '
    || strftime(started_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') || ' UTC' || CASE
        WHEN error <> '' THEN ': ' || error
        WHEN state = 'waiting' THEN ': ' || deferred || ' listings are deferred, ' || missing
            || ' missing.'
        ELSE '.'
    END AS detail
FROM slice_states
WHERE state <> 'proven' AND started_at < getvariable('now') - INTERVAL 1 DAY;
