-- What speaks against an article's instant of publication, and where more of its fields come from.

ALTER TABLE article_versions ADD COLUMN published_at_doubts VARCHAR[];
COMMENT ON COLUMN article_versions.published_at_doubts IS 'What speaks against published_at, sorted; empty where nothing does: before_1990 and future (a date the page states and that was passed over), contradicts_list (far from the list''s date), relative (counted back from the fetch). Null for versions from before this column.';
COMMENT ON COLUMN article_versions.published_at_from IS 'Where published_at was read: json_ld, meta, embedded (data within a script), time, list, text, url, htmldate, or empty.';
COMMENT ON COLUMN article_versions.published_at_precision IS 'How exact published_at is: second, minute, hour, day, or empty.';
COMMENT ON COLUMN article_versions.text_from IS 'Where the text came from: page, json_ld, embedded (data within a script), list or headline.';
COMMENT ON COLUMN article_versions.authors IS 'Persons only, as printed, in order; empty where only a newsroom, an agency or a company signs.';
