-- Why listings were rejected, by source.
SELECT source, reason, count(*) AS listings, min(detail) AS example
FROM outcomes
WHERE outcome = 'rejected' AND NOT is_revisit
GROUP BY ALL
ORDER BY listings DESC, reason;
