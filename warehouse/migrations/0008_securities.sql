-- Which reference told the names and symbols of a version, and which symbols it knew.

ALTER TABLE article_versions ADD COLUMN reference_version VARCHAR;
COMMENT ON COLUMN article_versions.reference_version IS 'Version of the reference of securities that the article was tagged with; null for versions tagged before there was one.';

ALTER TABLE article_tickers ADD COLUMN is_verified BOOLEAN;
COMMENT ON COLUMN article_tickers.is_verified IS 'Whether the reference knows the symbol on this exchange''s market, now or formerly; null where it was not asked.';
COMMENT ON COLUMN article_tickers.confidence IS 'How sure that the security is meant, 0 to 1; views and macros leave out what is below 0.6.';
