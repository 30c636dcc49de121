-- Each poll's listings are the sum of its outcomes. The run checks this before it writes them
-- down; a row that differs was written by something else, or damaged.
SELECT
    p.source || ': ' || p.run_id AS subject,
    'The run of ' || strftime(p.started_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') || ' UTC listed '
    || p.listed || ', its outcomes are '
    || (p.stored + p.revised + p.unchanged + p.rejected + p.deferred + p.removed) || '.' AS detail
FROM polls AS p
WHERE p.finished_at >= getvariable('since')
    AND p.listed
        <> p.stored + p.revised + p.unchanged + p.rejected + p.deferred + p.removed;
