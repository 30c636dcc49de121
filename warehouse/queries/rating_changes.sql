-- Which firms changed a rating or a price target, the newest first.
SELECT published_at, symbol, firm, action, rating_before, rating, target_before, target, currency
FROM analyst_ratings
WHERE action NOT IN ('maintain', 'reiterate')
ORDER BY published_at DESC, symbol, firm;
