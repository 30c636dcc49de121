-- Articles that have all the words, by reading every text of the time asked for; with $after,
-- only those loaded since the index was built.
SELECT
    score, published_at, available_at, source, title, url, language, tickers, topics,
    article_key, version_id, text
FROM search($words, since := $since::TIMESTAMPTZ)
WHERE ($after::TIMESTAMPTZ IS NULL OR available_at > $after::TIMESTAMPTZ)
    AND ($ticker = '' OR list_contains(tickers, $ticker))
    AND ($topic = '' OR list_contains(topics, $topic))
    AND ($language = '' OR language = $language)
ORDER BY score DESC, published_at DESC NULLS LAST, version_id
LIMIT $limit::INTEGER;
