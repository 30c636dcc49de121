-- Stories as they are known now. A version that moved has a row more for each move; the rows of
-- moves are few, so the anti-join costs next to nothing.

CREATE OR REPLACE VIEW story_articles AS
SELECT
    s.story_id,
    s.article_key,
    s.version_id,
    s.follows,
    coalesce(v.published_at, v.first_seen_at) AS told_at,
    s.similarity,
    s.novelty,
    s.is_first,
    s.delay_seconds,
    v.source,
    v.language,
    v.title,
    v.url,
    v.tickers,
    v.topics,
    v.published_at,
    v.available_at
FROM article_stories AS s
ANTI JOIN article_stories AS m ON m.version_id = s.version_id AND m.moves > 0 AND m.moves > s.moves
INNER JOIN article_versions AS v ON v.version_id = s.version_id
ANTI JOIN superseded_versions AS o ON o.version_id = s.version_id
WHERE v.cause <> 'removed';
COMMENT ON VIEW story_articles IS 'One row per article as it is now: the story that it tells, as far as is known now. What was known as it was loaded: article_stories with moves = 0.';

CREATE OR REPLACE VIEW stories AS
SELECT
    story_id,
    arg_min(article_key, (told_at, article_key)) AS article_key,
    arg_min(version_id, (told_at, article_key)) AS version_id,
    min(told_at) AS told_at,
    arg_min(source, (told_at, article_key)) AS source,
    arg_min(title, (told_at, article_key)) AS title,
    arg_min(url, (told_at, article_key)) AS url,
    arg_min(tickers, (told_at, article_key)) AS tickers,
    arg_min(topics, (told_at, article_key)) AS topics,
    count(*) AS articles,
    count(DISTINCT source) AS sources,
    list_sort(list(DISTINCT language)) AS languages,
    epoch(max(told_at)) - epoch(min(told_at)) AS spread_seconds
FROM story_articles
GROUP BY story_id;
COMMENT ON VIEW stories IS 'One row per story: the article that told it first, with how many tell it, in how many sources, in which languages, and the seconds from the first to the last. told_at is published_at, or first_seen_at where the publisher gave no time.';

CREATE OR REPLACE MACRO story_of(key) AS TABLE
SELECT
    told_at, source, language, title, is_first, delay_seconds, similarity, novelty, url, story_id,
    article_key, version_id, follows
FROM story_articles
WHERE story_id = (SELECT story_id FROM story_articles WHERE article_key = key::UUID)
ORDER BY told_at, article_key;
COMMENT ON MACRO TABLE story_of IS 'All articles that tell the story of an article, the first first: who told it when, and how much of it was new.';
