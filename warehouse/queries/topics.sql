-- How often each topic came up, by its Italian name.
SELECT t.names['it'] AS topic_name, count(*) AS articles
FROM article_topics AS a
ANTI JOIN superseded_versions AS s ON s.version_id = a.version_id
INNER JOIN topics AS t ON t.topic = a.topic
GROUP BY ALL
ORDER BY articles DESC, topic_name;
