-- The most named securities of each day.
SELECT day, symbol, exchange, articles, mention_count
FROM mentions_daily
QUALIFY row_number() OVER (PARTITION BY day ORDER BY articles DESC, symbol) <= 5
ORDER BY day DESC, articles DESC, symbol;
