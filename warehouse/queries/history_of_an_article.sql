-- Every version of the articles that were revised or removed, in the order of time.
SELECT article_key, revision, cause, first_seen_at, available_at, title
FROM article_versions
WHERE article_key IN (SELECT article_key FROM superseded_versions)
ORDER BY title, first_seen_at;
