-- The price of a share before each article about it came out: an ASOF JOIN. Put your own prices in
-- the place of the made-up ones, such as 'prices.parquet'; with available_at in the place of
-- published_at, the price when we knew it here.
WITH prices AS (
    SELECT
        symbol,
        priced_at,
        round(100 + 10 * sin(epoch(priced_at) / 86400), 2) AS price
    FROM (SELECT DISTINCT symbol FROM article_tickers) AS symbols
    CROSS JOIN generate_series(
        TIMESTAMPTZ '2026-01-01 00:00:00 UTC',
        TIMESTAMPTZ '2027-01-01 00:00:00 UTC',
        INTERVAL 1 DAY
    ) AS days(priced_at)
)
SELECT t.symbol, t.published_at, p.priced_at, p.price, v.title
FROM article_tickers AS t
ANTI JOIN superseded_versions AS s ON s.version_id = t.version_id
INNER JOIN article_versions AS v
    ON v.version_id = t.version_id AND v.available_at = t.available_at
ASOF JOIN prices AS p ON p.symbol = t.symbol AND p.priced_at <= t.published_at
WHERE t.relevance >= 0.5 AND t.published_at >= '2026-11-01'
ORDER BY t.published_at DESC, t.symbol;
