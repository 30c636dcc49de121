-- Topics over time, and what is named together. Days are days in UTC.

CREATE OR REPLACE VIEW topics_now AS
SELECT a.*
FROM article_topics AS a
ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id;
COMMENT ON VIEW topics_now IS 'article_topics of the articles as they are now, each article once.';

CREATE OR REPLACE VIEW topic_trend AS
WITH tagged AS (
    SELECT
        make_date(floor(epoch(coalesce(a.published_at, a.available_at)) / 86400)::INTEGER) AS day,
        a.topic,
        count(*) AS articles
    FROM article_topics AS a
    ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
    GROUP BY ALL
), daily AS (
    SELECT
        make_date(floor(epoch(coalesce(v.published_at, v.available_at)) / 86400)::INTEGER) AS day,
        count(*) AS articles
    FROM article_versions AS v
    ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
    WHERE v.cause <> 'removed'
    GROUP BY ALL
)
SELECT
    t.day,
    t.topic,
    t.articles,
    t.articles / d.articles AS share,
    coalesce(sum(t.articles) OVER week, 0) / 7 AS week_average
FROM tagged AS t
INNER JOIN daily AS d ON d.day = t.day
WINDOW week AS (
    PARTITION BY t.topic ORDER BY t.day
    RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING
);
COMMENT ON VIEW topic_trend IS 'Per UTC day and topic: articles as they are now, their share of all articles of the day (0 to 1), and the topic''s articles a day in the seven days before. The day is of published_at, or of available_at where the publisher gave no time.';

CREATE OR REPLACE MACRO co_mentions(ticker, since := NULL, until := NULL) AS TABLE
WITH hits AS (
    SELECT DISTINCT a.version_id, a.available_at
    FROM article_tickers AS a
    ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
    WHERE a.symbol = upper(ticker)
        AND a.confidence >= 0.6
        AND (since IS NULL OR a.published_at >= since::TIMESTAMPTZ)
        AND (until IS NULL OR a.published_at < until::TIMESTAMPTZ)
)
SELECT
    a.symbol,
    a.exchange,
    count(DISTINCT a.version_id) AS articles,
    count(DISTINCT a.version_id) / (SELECT count(*) FROM hits) AS share,
    count(*) FILTER (WHERE a.role = 'primary') AS primary_articles,
    max(a.published_at) AS newest_published_at
FROM article_tickers AS a
INNER JOIN hits AS h ON h.version_id = a.version_id AND h.available_at = a.available_at
WHERE a.symbol <> upper(ticker) AND a.confidence >= 0.6
GROUP BY ALL
ORDER BY articles DESC, a.symbol, a.exchange;
COMMENT ON MACRO TABLE co_mentions IS 'Securities named in the same articles as a ticker, as they are now: in how many, in what share of its articles (0 to 1), in how many as the primary one. since and until bound published_at; none without them.';
