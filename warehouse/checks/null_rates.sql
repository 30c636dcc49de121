-- What a source gave last week it still gives. A redesign of a site shows first as articles
-- without a time, an author, a text or a language: the share of the last day is compared with the
-- week before, from 20 articles on; 20 points more is a failure.
WITH versions AS (
    SELECT
        source,
        available_at >= getvariable('now') - INTERVAL 1 DAY AS is_recent,
        published_at IS NULL AS no_time,
        len(authors) = 0 AS no_authors,
        text_length = 0 AS no_text,
        language = '' AS no_language
    FROM article_versions
    WHERE cause = 'new'
        AND available_at >= getvariable('now') - INTERVAL 8 DAYS
        AND available_at <= getvariable('now')
), parts AS (
    UNPIVOT versions ON no_time, no_authors, no_text, no_language INTO NAME part VALUE is_null
), rates AS (
    SELECT
        source,
        replace(part, 'no_', '') AS part,
        avg(is_null::INTEGER) FILTER (WHERE is_recent) AS recent,
        avg(is_null::INTEGER) FILTER (WHERE NOT is_recent) AS before
    FROM parts
    GROUP BY ALL
    HAVING count(*) FILTER (WHERE is_recent) >= 20 AND count(*) FILTER (WHERE NOT is_recent) >= 20
)
SELECT
    source || ': ' || part AS subject,
    round(100 * recent) || ' % of the last day''s articles have no ' || part || '; in the week'
    || ' before ' || round(100 * before) || ' %.' AS detail
FROM rates
WHERE recent > before + 0.2;
