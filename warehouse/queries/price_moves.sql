-- The largest moves that articles report, with the sentence that says so.
SELECT published_at, symbol, change, price, session, text
FROM price_moves
ORDER BY abs(change) DESC, symbol, published_at;
