-- Articles of a ticker, topic, language or time, the newest first, without words.
WITH newest AS (
    SELECT v.*
    FROM article_versions AS v
    ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
    WHERE v.cause <> 'removed'
        AND ($since::TIMESTAMPTZ IS NULL
            OR coalesce(v.published_at, v.available_at) >= $since::TIMESTAMPTZ)
        AND ($ticker = '' OR list_contains(v.tickers, $ticker))
        AND ($topic = '' OR list_contains(v.topics, $topic))
        AND ($language = '' OR v.language = $language)
    ORDER BY v.published_at DESC NULLS LAST, v.available_at DESC, v.version_id
    LIMIT $limit::INTEGER
)
SELECT
    1.0 AS score, n.published_at, n.available_at, n.source, n.title, n.url, n.language, n.tickers,
    n.topics, n.article_key, n.version_id, t.text
FROM newest AS n
INNER JOIN article_texts AS t
    ON t.version_id = n.version_id AND t.available_at = n.available_at
ORDER BY n.published_at DESC NULLS LAST, n.available_at DESC, n.version_id;
