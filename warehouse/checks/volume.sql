-- A source's day has about as many articles as the same weekday of the four weeks before: less
-- than a third of the fewest, or more than three times the most, is a failure. Of the last whole
-- day in UTC, from a middle of 20 articles on.
WITH days AS (
    SELECT
        source,
        (first_seen_at AT TIME ZONE 'UTC')::DATE AS day,
        count(*) AS articles
    FROM article_versions
    WHERE cause = 'new' AND available_at >= getvariable('now') - INTERVAL 30 DAYS
    GROUP BY ALL
), yesterday AS (
    SELECT (getvariable('now') AT TIME ZONE 'UTC')::DATE - 1 AS day
), usual AS (
    SELECT
        d.source,
        coalesce(any_value(d.articles) FILTER (WHERE d.day = y.day), 0) AS articles,
        min(d.articles) FILTER (WHERE d.day < y.day) AS fewest,
        max(d.articles) FILTER (WHERE d.day < y.day) AS most,
        median(d.articles) FILTER (WHERE d.day < y.day) AS middle,
        count(*) FILTER (WHERE d.day < y.day) AS weeks,
        any_value(y.day) AS day
    FROM days AS d
    CROSS JOIN yesterday AS y
    WHERE d.day <= y.day AND dayofweek(d.day) = dayofweek(y.day)
    GROUP BY d.source
)
SELECT
    source AS subject,
    articles || ' articles on ' || day || '; on this weekday there were ' || fewest || ' to '
    || most || ' in the weeks before.' AS detail
FROM usual
WHERE weeks >= 2 AND middle >= 20 AND (articles * 3 < fewest OR articles > most * 3);
