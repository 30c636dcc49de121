-- Who beat the estimates and by how much, the largest surprise first.
SELECT
    published_at, symbol, period, eps, eps_estimate, revenue, revenue_estimate, result,
    round(coalesce(eps_surprise, revenue_surprise), 3) AS surprise
FROM earnings_surprises
WHERE result IS NOT NULL
ORDER BY abs(surprise) DESC, symbol;
