-- The securities that most articles name, as they are now, and how much they are about them.
SELECT
    symbol, exchange, count(*) AS articles, sum(mention_count)::BIGINT AS mentions,
    round(avg(relevance), 2) AS relevance
FROM tickers_now
GROUP BY ALL
ORDER BY articles DESC, mentions DESC, symbol
LIMIT 8;
