-- Articles that have all the words, from the index (BM25), as far as they are still the newest
-- version of their article; {news} is the published copy beside which the index is attached.
WITH scored AS (
    SELECT
        d.name AS version_id,
        fts_main_documents.match_bm25(d.name, $words, conjunctive := 1) AS score
    FROM fts_main_documents.docs AS d
), hits AS (
    SELECT s.score, v.*
    FROM scored AS s
    INNER JOIN {news}.article_versions AS v ON v.version_id = s.version_id
    ANTI JOIN {news}.superseded_versions AS newer ON newer.version_id = v.version_id
    WHERE s.score IS NOT NULL
        AND ($since::TIMESTAMPTZ IS NULL
            OR coalesce(v.published_at, v.available_at) >= $since::TIMESTAMPTZ)
        AND ($ticker = '' OR list_contains(v.tickers, $ticker))
        AND ($topic = '' OR list_contains(v.topics, $topic))
        AND ($language = '' OR v.language = $language)
    ORDER BY s.score DESC, v.published_at DESC NULLS LAST, v.version_id
    LIMIT $limit::INTEGER
)
SELECT
    h.score, h.published_at, h.available_at, h.source, h.title, h.url, h.language, h.tickers,
    h.topics, h.article_key, h.version_id, t.text
FROM hits AS h
INNER JOIN {news}.article_texts AS t
    ON t.version_id = h.version_id AND t.available_at = h.available_at
ORDER BY h.score DESC, h.published_at DESC NULLS LAST, h.version_id;
