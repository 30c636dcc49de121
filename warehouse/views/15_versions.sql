-- The history of one article: what each version changed against the one before it in time.

CREATE OR REPLACE MACRO versions_of(key) AS TABLE
WITH told AS (
    SELECT
        v.*,
        coalesce(t.text, '') AS text,
        string_split(coalesce(t.text, ''), chr(10)) AS lines
    FROM article_versions AS v
    LEFT JOIN article_texts AS t
        ON t.version_id = v.version_id AND t.available_at = v.available_at
    WHERE v.article_key = key::UUID
), paired AS (
    SELECT
        *,
        lag(title) OVER story AS title_before,
        lag(text_length) OVER story AS length_before,
        lag(tickers) OVER story AS tickers_before,
        lag(topics) OVER story AS topics_before,
        lag(lines) OVER story AS lines_before
    FROM told
    WINDOW story AS (ORDER BY first_seen_at, revision)
)
SELECT
    revision, cause, first_seen_at, available_at, source_updated_at, title,
    coalesce(title <> title_before, false) AS is_title_changed,
    title_before,
    text_length,
    coalesce(text_length - length_before, 0) AS length_difference,
    list_filter(tickers, lambda x: NOT list_contains(coalesce(tickers_before, tickers), x))
        AS tickers_gained,
    list_filter(coalesce(tickers_before, []), lambda x: NOT list_contains(tickers, x))
        AS tickers_lost,
    list_filter(topics, lambda x: NOT list_contains(coalesce(topics_before, topics), x))
        AS topics_gained,
    list_filter(coalesce(topics_before, []), lambda x: NOT list_contains(topics, x))
        AS topics_lost,
    list_filter(
        lines, lambda x: x <> '' AND NOT list_contains(coalesce(lines_before, lines), x)
    ) AS lines_added,
    list_filter(
        coalesce(lines_before, []), lambda x: x <> '' AND NOT list_contains(lines, x)
    ) AS lines_removed,
    text, url, version_id, article_key
FROM paired
ORDER BY first_seen_at, revision;
COMMENT ON MACRO TABLE versions_of IS 'Every version of an article in the order of time, with what it changed against the one before: title, length in characters, tickers, topics, and whole lines (paragraphs) of its text. The first version changes nothing, a removal loses all.';
