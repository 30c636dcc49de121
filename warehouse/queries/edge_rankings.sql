-- The Edge rankings that articles report, the strongest momentum first.
SELECT published_at, symbol, momentum, growth, value, quality, trend_short, trend_long
FROM edge_rankings
ORDER BY momentum DESC NULLS LAST, symbol;
