-- What is named together with Albemarle.
SELECT symbol, exchange, articles, round(share, 2) AS share, newest_published_at
FROM co_mentions('ALB');
