-- How a topic was found, and by which list of topics.

ALTER TABLE article_topics ADD COLUMN method VARCHAR;
ALTER TABLE article_topics ADD COLUMN taxonomy_version VARCHAR;
COMMENT ON COLUMN article_topics.method IS 'What made it a topic of the article: rule (its words) or category (the publisher files it so); null for rows from before this column.';
COMMENT ON COLUMN article_topics.taxonomy_version IS 'Start of the SHA-256 of the list of topics, in hex; null for rows from before this column.';
