-- What changed in the article that was revised last: its title, its length, what it names, and the
-- lines that came and went.
SELECT
    revision, cause, available_at, title, is_title_changed, length_difference, tickers_gained,
    tickers_lost, lines_added, lines_removed
FROM versions_of((
    SELECT arg_max(article_key, available_at) FROM article_versions WHERE cause = 'revised'
));
