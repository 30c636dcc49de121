-- Dividends that were announced, the next to be paid first.
SELECT symbol, amount, currency, frequency, ex_date, pay_date, published_at
FROM dividends
ORDER BY pay_date NULLS LAST, symbol;
