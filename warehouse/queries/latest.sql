-- The five newest articles that name a ticker.
SELECT published_at, role, relevance, title, url
FROM latest('ALB', n := 5);
