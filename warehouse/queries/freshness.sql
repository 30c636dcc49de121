-- Which sources have gone quiet.
SELECT source, newest_published_at, newest_available_at, polled_at, age
FROM freshness
ORDER BY age DESC NULLS FIRST;
