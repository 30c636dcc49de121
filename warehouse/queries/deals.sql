-- Agreed purchases of companies with a price, the largest first.
SELECT published_at, symbol, acquirer, target, amount, currency
FROM deals
ORDER BY amount DESC, symbol;
