-- What the index is built from, in a file of its own, attached as building.
CREATE TABLE building.documents AS
SELECT version_id, title, text FROM articles ORDER BY available_at;
CREATE TABLE building.indexed AS SELECT max(available_at) AS until FROM article_versions;
USE building;
