-- The newest articles, with the tickers and topics they were tagged with.
SELECT published_at, source, title, tickers, topics
FROM articles
ORDER BY published_at DESC NULLS LAST, title
LIMIT 20;
