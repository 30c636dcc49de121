-- Stories told most often, one article each: who was first, how many followed, how fast.
SELECT told_at, articles, sources, languages, spread_seconds, tickers, title
FROM stories
ORDER BY articles DESC, told_at DESC
LIMIT 10;
