-- What was known about META at 09:30 in New York on that day, and nothing that came later.
SELECT published_at, available_at, title
FROM articles_as_of(TIMESTAMPTZ '2026-03-02 09:30:00 America/New_York')
WHERE list_contains(tickers, 'META')
ORDER BY available_at DESC;
