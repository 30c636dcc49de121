-- The topics that came up most on each day, against the week before.
SELECT day, topic, articles, round(share, 2) AS share, round(week_average, 2) AS week_average
FROM topic_trend
QUALIFY row_number() OVER (PARTITION BY day ORDER BY articles DESC, topic) <= 3
ORDER BY day DESC, articles DESC, topic;
