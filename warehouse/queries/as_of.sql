-- What was known when the first batch had been loaded, and nothing that came later. Put any instant
-- in its place: TIMESTAMPTZ '2026-03-02 09:30:00 America/New_York'.
SELECT published_at, available_at, title
FROM articles_as_of((SELECT min(available_at) FROM batches))
WHERE list_contains(tickers, 'ALB')
ORDER BY published_at DESC;
