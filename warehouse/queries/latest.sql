-- The five newest articles that name a ticker.
SELECT published_at, role, relevance, title, url
FROM latest('META', n := 5);
