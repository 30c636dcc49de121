-- Each article has exactly one version that is not superseded: with none it would vanish from
-- articles, with two it would be there twice.
WITH touched AS (
    SELECT article_key FROM article_versions WHERE available_at >= getvariable('since')
    UNION
    SELECT article_key FROM superseded_versions WHERE available_at >= getvariable('since')
)
SELECT
    v.article_key::VARCHAR AS subject,
    'The article has ' || count(*) FILTER (WHERE s.version_id IS NULL) || ' newest versions among '
    || count(*) || '.' AS detail
FROM article_versions AS v
SEMI JOIN touched AS t ON t.article_key = v.article_key
LEFT JOIN (SELECT DISTINCT version_id FROM superseded_versions) AS s
    ON s.version_id = v.version_id
GROUP BY v.article_key
HAVING count(*) FILTER (WHERE s.version_id IS NULL) <> 1;
