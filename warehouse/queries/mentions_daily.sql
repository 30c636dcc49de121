-- The most named securities of each day of a month.
SELECT day, symbol, exchange, articles, mention_count
FROM mentions_daily
WHERE day BETWEEN '2026-11-01' AND '2026-11-30'
QUALIFY row_number() OVER (PARTITION BY day ORDER BY articles DESC, symbol) <= 5
ORDER BY day DESC, articles DESC, symbol;
