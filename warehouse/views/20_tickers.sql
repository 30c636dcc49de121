-- Articles by ticker, from the narrow table; the articles' own rows are joined last. A day is
-- counted from the epoch, in UTC: ten times as fast as converting to a time zone.

CREATE OR REPLACE VIEW tickers_now AS
SELECT a.*
FROM article_tickers AS a
ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
WHERE a.confidence >= 0.6;
COMMENT ON VIEW tickers_now IS 'article_tickers of the articles as they are now, each article once: those it surely enough names (confidence of 0.6 and more).';

CREATE OR REPLACE MACRO latest(ticker, n := 20) AS TABLE
WITH hits AS (
    SELECT a.version_id, a.available_at, a.symbol, a.exchange, a.role, a.confidence, a.relevance
    FROM article_tickers AS a
    ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
    WHERE a.symbol = upper(ticker) AND a.confidence >= 0.6
    ORDER BY a.published_at DESC NULLS LAST, a.available_at DESC, a.version_id
    LIMIT n
)
SELECT
    h.symbol, h.exchange, h.role, h.confidence, h.relevance, v.published_at, v.available_at,
    v.source, v.title, v.url, v.topics, v.article_key, v.version_id
FROM hits AS h
INNER JOIN article_versions AS v ON v.version_id = h.version_id AND v.available_at = h.available_at
ORDER BY v.published_at DESC NULLS LAST, v.available_at DESC, v.version_id;
COMMENT ON MACRO TABLE latest IS 'The n newest articles that name a ticker, by published_at; articles without a time come last.';

CREATE OR REPLACE MACRO mentions(ticker, since, until) AS TABLE
SELECT
    a.symbol, a.exchange, a.role, a.confidence, a.relevance, a.evidence, a.mention_count,
    v.published_at, v.available_at, v.source, v.title, v.url, v.article_key, v.version_id
FROM article_tickers AS a
ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
INNER JOIN article_versions AS v ON v.version_id = a.version_id AND v.available_at = a.available_at
WHERE a.symbol = upper(ticker)
    AND a.confidence >= 0.6
    AND a.published_at >= since::TIMESTAMPTZ
    AND a.published_at < until::TIMESTAMPTZ
ORDER BY v.published_at, v.available_at, v.version_id;
COMMENT ON MACRO TABLE mentions IS 'Articles, as they are now, published from since to before until that name a ticker. Dates without an offset are read in the time zone of the session. What was known at an instant: filter on available_at.';

CREATE OR REPLACE VIEW mentions_daily AS
SELECT
    make_date(floor(epoch(coalesce(a.published_at, a.available_at)) / 86400)::INTEGER) AS day,
    a.symbol,
    a.exchange,
    count(*) AS articles,
    count(*) FILTER (WHERE a.role = 'primary') AS primary_articles,
    sum(a.mention_count)::BIGINT AS mention_count,
    avg(a.relevance) AS relevance
FROM article_tickers AS a
ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
WHERE a.confidence >= 0.6
GROUP BY ALL;
COMMENT ON VIEW mentions_daily IS 'Per UTC day and security: articles that name it, as they are now, their mentions and their mean relevance. The day is of published_at, or of available_at where the publisher gave no time.';
