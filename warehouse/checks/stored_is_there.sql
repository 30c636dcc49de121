-- What the ledger calls stored or revised is there: the page of each such outcome has a version,
-- unless the article was taken down since. One without was lost, or went in another way.
WITH versions AS (
    SELECT page_id FROM article_versions WHERE available_at >= getvariable('since')
)
SELECT
    o.source AS subject,
    count(*) || ' listings ended as stored or revised but have no version; the first was fetched at '
    || strftime(min(o.fetched_at) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') || ' UTC.' AS detail
FROM outcomes AS o
ANTI JOIN versions AS v ON v.page_id = o.page_id
ANTI JOIN takedowns AS t ON t.article_key = o.article_key
WHERE o.outcome IN ('stored', 'revised') AND o.available_at >= getvariable('since')
GROUP BY o.source;
