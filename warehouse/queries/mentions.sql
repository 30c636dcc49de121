-- Articles about one ticker in a quarter, the most relevant first.
SELECT published_at, role, relevance, mention_count, title
FROM mentions('META', '2026-01-01', '2026-04-01')
ORDER BY relevance DESC, published_at;
