-- Articles about one ticker in a year, the most relevant first.
SELECT published_at, role, relevance, mention_count, title
FROM mentions('ALB', '2026-01-01', '2027-01-01')
ORDER BY relevance DESC, published_at;
