-- Every row that belongs to a version, a listing or a run finds it, and every version that was not
-- removed has its text. Rows are compared with those of the same commit: the time beside the id
-- lets DuckDB skip the rest.
WITH versions AS (
    SELECT version_id, listing_id, run_id, cause
    FROM article_versions
    WHERE available_at >= getvariable('since')
), children AS (
    SELECT 'article_texts' AS place, version_id FROM article_texts
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_tickers', version_id FROM article_tickers
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'ticker_mentions', version_id FROM ticker_mentions
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_topics', version_id FROM article_topics
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_facts', version_id FROM article_facts
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_fingerprints', version_id FROM article_fingerprints
    WHERE available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_stories', version_id FROM article_stories  -- a move is later than its version
    WHERE available_at >= getvariable('since') AND moves = 0
), strays AS (
    SELECT c.place, c.version_id AS id, 'version' AS parent
    FROM children AS c
    ANTI JOIN versions AS v ON v.version_id = c.version_id
    UNION ALL
    SELECT 'superseded_versions', s.version_id, 'version'
    FROM superseded_versions AS s
    ANTI JOIN article_versions AS v ON v.version_id = s.version_id
    WHERE s.available_at >= getvariable('since')
    UNION ALL
    SELECT 'superseded_versions', s.superseded_by, 'version'
    FROM superseded_versions AS s
    ANTI JOIN article_versions AS v ON v.version_id = s.superseded_by
    WHERE s.available_at >= getvariable('since')
    UNION ALL
    SELECT 'article_versions', v.version_id, 'text'
    FROM versions AS v
    ANTI JOIN article_texts AS t ON t.version_id = v.version_id
    WHERE v.cause <> 'removed'
    UNION ALL
    SELECT 'article_versions', v.listing_id, 'listing'
    FROM versions AS v
    ANTI JOIN listings AS l ON l.listing_id = v.listing_id
    UNION ALL
    SELECT 'article_versions', v.run_id, 'run'
    FROM versions AS v
    ANTI JOIN runs AS r ON r.run_id = v.run_id
    UNION ALL
    SELECT 'outcomes', o.listing_id, 'listing'
    FROM outcomes AS o
    ANTI JOIN listings AS l ON l.listing_id = o.listing_id
    WHERE o.available_at >= getvariable('since')
)
SELECT
    place || ': ' || parent AS subject,
    count(*) || ' rows have no ' || parent || '; the first is for ' || min(id) || '.' AS detail
FROM strays
GROUP BY place, parent;
