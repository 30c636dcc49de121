-- What articles state, one row a fact; article_facts holds one row a value. Articles as they are now:
-- for what was known at an instant, filter on available_at. The day in the tables' order is that of
-- publication, so a filter on published_at is quick.

CREATE OR REPLACE VIEW facts_now AS
SELECT f.*
FROM article_facts AS f
ANTI JOIN superseded_versions AS s ON s.version_id = f.version_id;
COMMENT ON VIEW facts_now IS 'article_facts of the articles as they are now: one row per value; the views analyst_ratings, earnings_surprises and so on have one row per fact.';

CREATE OR REPLACE VIEW analyst_ratings AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value_text) FILTER (name = 'firm') AS firm,
    max(value_text) FILTER (name = 'action') AS action,
    max(value_text) FILTER (name = 'rating_before') AS rating_before,
    max(value_text) FILTER (name = 'rating') AS rating,
    max(value) FILTER (name = 'target_before') AS target_before,
    max(value) FILTER (name = 'target') AS target,
    max(unit) FILTER (name IN ('target', 'target_before')) AS currency,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now
WHERE kind = 'analyst_rating'
GROUP BY ALL;
COMMENT ON VIEW analyst_ratings IS 'One row per rating that an article reports, as it is now: the firm, its action (upgrade, downgrade, initiate, raise_target, cut_target, reiterate), rating and price target before and after. What is not said is null.';

CREATE OR REPLACE VIEW earnings_surprises AS
WITH told AS (
    SELECT
        published_at,
        available_at,
        symbol,
        exchange,
        first(period ORDER BY fact_number) FILTER (period <> '') AS period,
        first(value ORDER BY fact_number) FILTER (name = 'eps') AS eps,
        first(value ORDER BY fact_number) FILTER (name = 'eps_estimate') AS eps_estimate,
        first(unit ORDER BY fact_number) FILTER (name IN ('eps', 'revenue')) AS currency,
        first(value ORDER BY fact_number) FILTER (name = 'revenue') AS revenue,
        first(value ORDER BY fact_number) FILTER (name = 'revenue_estimate') AS revenue_estimate,
        first(value_text ORDER BY fact_number) FILTER (name = 'result') AS result,
        min(confidence) AS confidence,
        article_key,
        version_id
    FROM facts_now
    WHERE kind = 'earnings'
    GROUP BY ALL
)
SELECT
    * EXCLUDE (confidence, article_key, version_id),
    (eps - eps_estimate) / nullif(abs(eps_estimate), 0) AS eps_surprise,
    (revenue - revenue_estimate) / nullif(abs(revenue_estimate), 0) AS revenue_surprise,
    confidence,
    article_key,
    version_id
FROM told;
COMMENT ON VIEW earnings_surprises IS 'One row per article, as it is now, and security whose results it reports: earnings per share and revenue against the estimates, and by what share they were missed or beaten (0.05 is 5 % above). Several figures of one article are put together, the first told counts; where one beat its estimate and the other missed, result is null.';

CREATE OR REPLACE VIEW guidance AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value_text) FILTER (name = 'metric') AS metric,
    max(period) AS period,
    max(value) FILTER (name = 'low') AS low,
    max(value) FILTER (name = 'high') AS high,
    max(unit) AS unit,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now
WHERE kind = 'guidance'
GROUP BY ALL;
COMMENT ON VIEW guidance IS 'One row per forecast that a company makes of its own figures, in articles as they are now: the metric (eps, revenue, revenue_growth, same_store_sales_growth, ebitda, ebitda_margin, gross_margin, operating_income, operating_margin, pretax_profit, net_income, cash_flow, affo, capex) and its range; both ends are the same when one figure is said, low stands alone for about, at least and the like.';

CREATE OR REPLACE VIEW price_moves AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value) FILTER (name = 'change') AS change,
    max(value) FILTER (name = 'price') AS price,
    max(unit) FILTER (name = 'price') AS currency,
    max(value_text) FILTER (name = 'session') AS session,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now
WHERE kind = 'price_move'
GROUP BY ALL;
COMMENT ON VIEW price_moves IS 'One row per move of a price that an article reports, as it is now: the change in percent, the price, and the session (regular, premarket, after_hours; null for coins).';

CREATE OR REPLACE VIEW dividends AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value) FILTER (name = 'amount') AS amount,
    max(unit) FILTER (name = 'amount') AS currency,
    max(value_text) FILTER (name = 'frequency') AS frequency,
    try_cast(max(value_text) FILTER (name = 'ex_date') AS DATE) AS ex_date,
    try_cast(max(value_text) FILTER (name = 'pay_date') AS DATE) AS pay_date,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now
WHERE kind = 'dividend'
GROUP BY ALL;
COMMENT ON VIEW dividends IS 'One row per dividend that an article reports, as it is now: the amount per share, how often (quarterly, monthly, annual, special), and its dates.';

CREATE OR REPLACE VIEW deals AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value_text) FILTER (name = 'acquirer') AS acquirer,
    max(value_text) FILTER (name = 'target') AS target,
    max(value) FILTER (name = 'amount') AS amount,
    max(unit) FILTER (name = 'amount') AS currency,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now
WHERE kind = 'deal_value'
GROUP BY ALL;
COMMENT ON VIEW deals IS 'One row per agreed purchase of a company that an article reports with its price, as it is now: who buys what, by name as printed. The symbol is the buyer''s, or the target''s when the buyer is not listed.';

CREATE OR REPLACE VIEW edge_rankings AS
SELECT
    published_at,
    available_at,
    symbol,
    exchange,
    max(value) FILTER (name = 'momentum') AS momentum,
    max(value) FILTER (name = 'growth') AS growth,
    max(value) FILTER (name = 'value') AS value,
    max(value) FILTER (name = 'quality') AS quality,
    max(value_text) FILTER (name = 'trend_short') AS trend_short,
    max(value_text) FILTER (name = 'trend_medium') AS trend_medium,
    max(value_text) FILTER (name = 'trend_long') AS trend_long,
    confidence,
    text,
    article_key,
    version_id,
    fact_number
FROM facts_now AS f
WHERE kind = 'edge_ranking'
GROUP BY ALL;
COMMENT ON VIEW edge_rankings IS 'One row per set of Benzinga Edge rankings in an article, as it is now: percentiles of 0 to 100, and the price trends (up, down) over the short, medium and long term.';
