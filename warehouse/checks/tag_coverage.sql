-- As many articles carry a ticker, and a topic, as in the week before: a drop means that a data
-- file of the tagger broke, or that a site changed how it names securities. The last day against
-- the week before, per source, from 20 articles on; 20 points less is a failure.
WITH versions AS (
    SELECT
        source,
        available_at >= getvariable('now') - INTERVAL 1 DAY AS is_recent,
        len(tickers) > 0 AS ticker,
        len(topics) > 0 AS topic
    FROM article_versions
    WHERE cause = 'new'
        AND available_at >= getvariable('now') - INTERVAL 8 DAYS
        AND available_at <= getvariable('now')
), parts AS (
    UNPIVOT versions ON ticker, topic INTO NAME part VALUE is_tagged
), rates AS (
    SELECT
        source,
        part,
        avg(is_tagged::INTEGER) FILTER (WHERE is_recent) AS recent,
        avg(is_tagged::INTEGER) FILTER (WHERE NOT is_recent) AS before
    FROM parts
    GROUP BY ALL
    HAVING count(*) FILTER (WHERE is_recent) >= 20 AND count(*) FILTER (WHERE NOT is_recent) >= 20
)
SELECT
    source || ': ' || part AS subject,
    round(100 * recent) || ' % of the last day''s articles carry a ' || part
    || '; in the week before ' || round(100 * before) || ' %.' AS detail
FROM rates
WHERE recent < before - 0.2;
