-- A version is committed after it was fetched, and not in the future: the clock of a machine that
-- was set wrong would let point-in-time questions look ahead.
SELECT
    source AS subject,
    count(*) || ' versions were committed before they were fetched, or after now; the first is '
    || min(version_id) || '.' AS detail
FROM article_versions
WHERE available_at >= getvariable('since')
    AND (available_at < first_seen_at
        OR available_at > getvariable('now') + INTERVAL 5 MINUTES)
GROUP BY source;
