-- Why the newest article about a ticker carries its tickers: each place that names one.
SELECT v.title, m.symbol, m.field, m.char_start, m.char_end, m.text, m.evidence
FROM latest('ALB', n := 1) AS newest
INNER JOIN article_versions AS v ON v.version_id = newest.version_id
INNER JOIN ticker_mentions AS m
    ON m.version_id = newest.version_id AND m.available_at = newest.available_at
ORDER BY m.symbol, m.field DESC, m.char_start;
