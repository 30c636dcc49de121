-- What articles are recognised by, the bands that find those alike, and a table of stories that
-- says what each version follows. The one of 0004 was never written to.

CREATE TABLE article_fingerprints (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    language VARCHAR NOT NULL,
    signature BLOB NOT NULL,
    shingle_count INTEGER NOT NULL,
    subjects VARCHAR[] NOT NULL,
    firms VARCHAR[] NOT NULL,
    numbers VARCHAR[] NOT NULL,
    names VARCHAR[] NOT NULL,
    main_names VARCHAR[] NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    published_at TIMESTAMPTZ,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_fingerprints IS 'One row per version of an article: what it is recognised by when it is told again.';
COMMENT ON COLUMN article_fingerprints.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_fingerprints.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_fingerprints.language IS 'As in article_versions.';
COMMENT ON COLUMN article_fingerprints.signature IS 'MinHash of the text: 128 unsigned numbers of 32 bits, little-endian; empty for a text without words.';
COMMENT ON COLUMN article_fingerprints.shingle_count IS 'Distinct shingles of the text: three words in a row, or four characters in Japanese, Chinese and Korean.';
COMMENT ON COLUMN article_fingerprints.subjects IS 'Symbols that it is about: article_tickers with the role primary.';
COMMENT ON COLUMN article_fingerprints.firms IS 'Symbols of firms that it cites for their ratings: article_tickers with the role analyst_firm.';
COMMENT ON COLUMN article_fingerprints.numbers IS 'Significant digits of its numbers in the order of the text, the same in all languages; a year is y2026.';
COMMENT ON COLUMN article_fingerprints.names IS 'Names in it, in lower case without accents, those said most often first.';
COMMENT ON COLUMN article_fingerprints.main_names IS 'Names that it says twice or more.';
COMMENT ON COLUMN article_fingerprints.first_seen_at IS 'As in article_versions, UTC.';
COMMENT ON COLUMN article_fingerprints.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_fingerprints.available_at IS 'As in article_versions, UTC.';

CREATE TABLE fingerprint_bands (
    version_id UUID NOT NULL,
    band BIGINT NOT NULL,
    told_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE fingerprint_bands IS 'About forty rows per version: it is compared with versions that share a band. They can be made anew from article_fingerprints.';
COMMENT ON COLUMN fingerprint_bands.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN fingerprint_bands.band IS 'Hash of four numbers of the signature, or of two neighbours among its numbers.';
COMMENT ON COLUMN fingerprint_bands.told_at IS 'published_at, or first_seen_at where the publisher gave no time, UTC.';

DROP TABLE article_stories;
CREATE TABLE article_stories (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    story_id UUID NOT NULL,
    follows UUID,
    similarity DOUBLE NOT NULL,
    novelty DOUBLE NOT NULL,
    is_first BOOLEAN NOT NULL,
    delay_seconds DOUBLE NOT NULL,
    moves INTEGER NOT NULL,
    published_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_stories IS 'Which story each version of an article tells: one row as it was loaded, and another for each time that an older article, found later, moved it. Near-duplicates share a story; nothing is dropped.';
COMMENT ON COLUMN article_stories.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_stories.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_stories.story_id IS 'Identity of the story: made of the article_key and the signature of the version that told it first.';
COMMENT ON COLUMN article_stories.follows IS 'The older version that it is most like, of another article or its own: version_id; null for the first of a story.';
COMMENT ON COLUMN article_stories.similarity IS 'How much its text is that of the version it follows, 0 to 1 (MinHash, +-.04); across languages the share of numbers in common; 1 for the first.';
COMMENT ON COLUMN article_stories.novelty IS 'Share of its text (across languages, of its numbers) that the version it follows does not have, 0 to 1; 1 for the first.';
COMMENT ON COLUMN article_stories.is_first IS 'Whether its article was the first to tell the story, as far as was known at available_at.';
COMMENT ON COLUMN article_stories.delay_seconds IS 'Seconds from the publication of the first (or its fetch, where that is unknown) to its own; 0 for the first.';
COMMENT ON COLUMN article_stories.moves IS 'How often it had been moved by then: 0 as it was loaded. The row with the most moves is the one that holds.';
COMMENT ON COLUMN article_stories.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_stories.first_seen_at IS 'As in article_versions, UTC.';
COMMENT ON COLUMN article_stories.available_at IS 'When this became known here, UTC; with moves = 0 as in article_versions.';
