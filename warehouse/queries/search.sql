-- Articles that have all the words, the best first. Without since: of the last 90 days.
SELECT round(score, 2) AS score, published_at, title, tickers
FROM search('quarter sales', since := '2026-01-01')
ORDER BY score DESC, published_at DESC;
