-- The languages of a source keep their shares. A jump means another list was declared, a site
-- answers in the language of this machine, or the language is told wrongly: the last day against
-- the week before, from 20 articles on; 30 points is a failure.
WITH versions AS (
    SELECT
        source, language, available_at >= getvariable('now') - INTERVAL 1 DAY AS is_recent
    FROM article_versions
    WHERE cause = 'new'
        AND available_at >= getvariable('now') - INTERVAL 8 DAYS
        AND available_at <= getvariable('now')
), totals AS (
    SELECT
        source,
        count(*) FILTER (WHERE is_recent) AS recent,
        count(*) FILTER (WHERE NOT is_recent) AS before
    FROM versions
    GROUP BY source
    HAVING count(*) FILTER (WHERE is_recent) >= 20 AND count(*) FILTER (WHERE NOT is_recent) >= 20
), shares AS (
    SELECT
        v.source,
        v.language,
        count(*) FILTER (WHERE v.is_recent) / any_value(t.recent) AS recent,
        count(*) FILTER (WHERE NOT v.is_recent) / any_value(t.before) AS before
    FROM versions AS v
    INNER JOIN totals AS t ON t.source = v.source
    GROUP BY ALL
)
SELECT
    source || ': ' || language AS subject,
    round(100 * recent) || ' % of the last day''s articles are in '
    || if(language = '', 'no known language', language) || '; in the week before '
    || round(100 * before) || ' %.' AS detail
FROM shares
WHERE abs(recent - before) > 0.3;
