-- Each version, text, listing, outcome and batch is there once, however often it was loaded:
-- there are no unique indexes, so only the comparison under the writer's lock keeps them single.
WITH ids AS (
    SELECT 'article_versions' AS place, version_id AS id FROM article_versions
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_texts', version_id FROM article_texts
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'listings', listing_id FROM listings WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'outcomes', outcome_id FROM outcomes WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'batches', batch_id FROM batches WHERE available_at >= getvariable('since')
), doubles AS (
    SELECT place, id, count(*) AS times FROM ids GROUP BY ALL HAVING count(*) > 1
)
SELECT
    place AS subject,
    count(*) || ' ids are there more than once; the first is ' || min(id) || '.' AS detail
FROM doubles
GROUP BY place;
