-- Articles as they are now. The anti-join against the few superseded versions stands in for
-- sorting all versions; the time beside the id lets DuckDB skip texts that cannot match.

CREATE OR REPLACE VIEW articles AS
SELECT
    v.article_key, v.version_id, v.revision, v.source, v.url, v.title, v.authors, v.language,
    v.text_length, v.text_from, v.published_at, v.published_at_from, v.published_at_precision,
    v.source_updated_at, v.first_seen_at, v.available_at, v.tickers, v.topics,
    v.publisher_tickers, v.publisher_topics, v.content_hash, v.extractor_version,
    v.tagger_version, v.run_id, v.page_id, v.listing_id, t.text
FROM article_versions AS v
ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
INNER JOIN article_texts AS t ON t.version_id = v.version_id AND t.available_at = v.available_at
WHERE v.cause <> 'removed';
COMMENT ON VIEW articles IS 'The newest version of every article that the publisher has not removed, with its text.';

CREATE OR REPLACE MACRO articles_as_of(known_at) AS TABLE
SELECT
    v.article_key, v.version_id, v.revision, v.source, v.url, v.title, v.authors, v.language,
    v.text_length, v.text_from, v.published_at, v.published_at_from, v.published_at_precision,
    v.source_updated_at, v.first_seen_at, v.available_at, v.tickers, v.topics,
    v.publisher_tickers, v.publisher_topics, v.content_hash, v.extractor_version,
    v.tagger_version, v.run_id, v.page_id, v.listing_id, t.text
FROM article_versions AS v
ANTI JOIN superseded_versions AS s
    ON s.version_id = v.version_id AND s.available_at <= known_at::TIMESTAMPTZ
INNER JOIN article_texts AS t ON t.version_id = v.version_id AND t.available_at = v.available_at
WHERE v.cause <> 'removed' AND v.available_at <= known_at::TIMESTAMPTZ;
COMMENT ON MACRO TABLE articles_as_of IS 'The articles as they stood here at an instant, by available_at: nothing that came later.';
