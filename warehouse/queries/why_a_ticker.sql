-- Why an article carries a ticker: each place that names it.
SELECT a.title, m.symbol, m.field, m.char_start, m.char_end, m.text, m.evidence
FROM ticker_mentions AS m
INNER JOIN articles AS a USING (version_id)
WHERE m.field IN ('title', 'text')
ORDER BY a.title, m.field DESC, m.char_start;
