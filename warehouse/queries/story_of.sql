-- Who told an article's story, the first first, and how much of each telling was new.
SELECT told_at, is_first, delay_seconds, similarity, novelty, source, language, title
FROM story_of((SELECT article_key FROM latest('ALB', n := 1)));
