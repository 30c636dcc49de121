-- Search without an index: all words must be there, each at the beginning of a word, whatever
-- case and accents. Scripts that do not space their words are searched anywhere. The score of a
-- word grows with its count against the length of the text as in BM25 (k1 = 1.2, b = 0.75, a text
-- of 3,000 characters as the middle), and a title counts three times.

CREATE OR REPLACE MACRO search(words, since := NULL, until := NULL) AS TABLE
WITH asked AS (
    SELECT list_distinct(list_filter(
        regexp_split_to_array(lower(strip_accents(words)), '[^\p{L}\p{N}]+'),
        lambda word: word <> ''
    )) AS sought
), needles AS NOT MATERIALIZED (
    SELECT
        sought,
        list_transform(sought, lambda word: if(
            regexp_matches(word, '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]'), word, ' ' || word
        )) AS starts
    FROM asked
), recent AS NOT MATERIALIZED (
    SELECT v.*
    FROM article_versions AS v
    ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
    WHERE v.cause <> 'removed'
        AND coalesce(v.published_at, v.available_at)
            >= coalesce(since::TIMESTAMPTZ, now() - INTERVAL 90 DAYS)
        AND (until IS NULL OR coalesce(v.published_at, v.available_at) < until::TIMESTAMPTZ)
), candidates AS NOT MATERIALIZED (
    SELECT
        r.*,
        t.text,
        lower(strip_accents(r.title || chr(10) || t.text)) AS folded
    FROM recent AS r
    INNER JOIN article_texts AS t
        ON t.version_id = r.version_id AND t.available_at = r.available_at
), spaced AS NOT MATERIALIZED (
    SELECT
        c.*,
        n.starts,
        ' ' || regexp_replace(lower(strip_accents(c.title)), '[^\p{L}\p{N}]+', ' ', 'g')
            AS title_words,
        ' ' || regexp_replace(c.folded, '[^\p{L}\p{N}]+', ' ', 'g') AS all_words
    FROM candidates AS c
    CROSS JOIN needles AS n
    WHERE contains(c.folded, n.sought[1])
        AND contains(c.folded, coalesce(n.sought[2], n.sought[1]))
        AND contains(c.folded, coalesce(n.sought[3], n.sought[1]))
), matching AS NOT MATERIALIZED (
    SELECT
        *,
        list_transform(starts, lambda start: (
            2 * (len(title_words) - len(replace(title_words, start, '')))
            + len(all_words) - len(replace(all_words, start, ''))
        ) / len(start)) AS counts
    FROM spaced
)
SELECT
    list_sum(list_transform(counts, lambda n:
        n * 2.2 / (n + 1.2 * (0.25 + 0.75 * text_length / 3000))
    )) AS score,
    published_at, available_at, source, title, url, language, tickers, topics, text,
    article_key, version_id
FROM matching
WHERE list_min(counts) > 0;
COMMENT ON MACRO TABLE search IS 'Articles as they are now that have all the words, with a score: order by it. Only those published since (90 days ago unless told otherwise) and before until; where the publisher gave no time, available_at counts. Without an index, so a long time takes long: newsledger search uses one where it was built.';
