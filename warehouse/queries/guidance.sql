-- What companies forecast of their own figures.
SELECT published_at, symbol, metric, period, low, high, unit
FROM guidance
ORDER BY published_at DESC, symbol, metric, period;
