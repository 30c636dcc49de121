-- Articles: every version ever known, appended and never changed.
-- No primary keys or indexes: an index on millions of rows costs more than the anti-join that
-- keeps rows single, and rows stored in the order of time are found by DuckDB's zone maps.

CREATE TABLE article_versions (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    revision INTEGER NOT NULL,
    cause VARCHAR NOT NULL CHECK (cause IN ('new', 'revised', 'reprocessed', 'removed')),
    content_hash UUID,
    source VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    authors VARCHAR[] NOT NULL,
    language VARCHAR NOT NULL,
    text_length INTEGER NOT NULL,
    text_from VARCHAR NOT NULL,
    published_at TIMESTAMPTZ,
    published_at_from VARCHAR NOT NULL,
    published_at_precision VARCHAR NOT NULL,
    source_updated_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL,
    available_at TIMESTAMPTZ NOT NULL,
    tickers VARCHAR[] NOT NULL,
    topics VARCHAR[] NOT NULL,
    publisher_tickers VARCHAR[] NOT NULL,
    publisher_topics VARCHAR[] NOT NULL,
    extractor_version VARCHAR NOT NULL,
    tagger_version VARCHAR NOT NULL,
    run_id UUID NOT NULL,
    page_id UUID,
    listing_id UUID NOT NULL
);
COMMENT ON TABLE article_versions IS 'One row per state of an article as we came to know it; appended, never changed. The text is in article_texts. People mostly want the view articles.';
COMMENT ON COLUMN article_versions.version_id IS 'Identity of this version: made of article_key and page_id.';
COMMENT ON COLUMN article_versions.article_key IS 'The article: the same for all its versions, made of the publisher''s own id or the canonical URL.';
COMMENT ON COLUMN article_versions.revision IS 'Count from 1 in the order in which we came to know the versions of the article.';
COMMENT ON COLUMN article_versions.cause IS 'Why the version was appended: new, revised (the publisher changed it), reprocessed (our rules changed), removed (the publisher took it down).';
COMMENT ON COLUMN article_versions.content_hash IS 'Identity of title and text, white space aside; null for a removal.';
COMMENT ON COLUMN article_versions.source IS 'Name of the source that listed it.';
COMMENT ON COLUMN article_versions.url IS 'Canonical address where the page declares one, else the one fetched; may be empty for an item without a link.';
COMMENT ON COLUMN article_versions.title IS 'Headline, plain text.';
COMMENT ON COLUMN article_versions.authors IS 'Names as printed, in order.';
COMMENT ON COLUMN article_versions.language IS 'ISO 639-1 code of the text; empty when there is too little to tell.';
COMMENT ON COLUMN article_versions.text_length IS 'Length of the text in characters (Unicode code points).';
COMMENT ON COLUMN article_versions.text_from IS 'Where the text came from: page, json_ld, list or headline.';
COMMENT ON COLUMN article_versions.published_at IS 'When the publisher says it was published, UTC; null when it does not say.';
COMMENT ON COLUMN article_versions.published_at_from IS 'Where published_at was read: json_ld, meta, time, list, text, url, htmldate, or empty.';
COMMENT ON COLUMN article_versions.published_at_precision IS 'How exact published_at is: second, minute, day, or empty.';
COMMENT ON COLUMN article_versions.source_updated_at IS 'When the publisher says it was last changed, UTC; null when it does not say.';
COMMENT ON COLUMN article_versions.first_seen_at IS 'When we fetched the page that first said this, UTC. Orders the versions of an article.';
COMMENT ON COLUMN article_versions.available_at IS 'When the version was committed here, UTC. Point-in-time questions use this clock.';
COMMENT ON COLUMN article_versions.tickers IS 'Symbols with the role primary or mention, most relevant first; evidence in article_tickers.';
COMMENT ON COLUMN article_versions.topics IS 'Topics, most relevant first; evidence in article_topics.';
COMMENT ON COLUMN article_versions.publisher_tickers IS 'Tickers as the publisher printed them, such as NASDAQ:META.';
COMMENT ON COLUMN article_versions.publisher_topics IS 'Section, keywords and categories as the publisher printed them.';
COMMENT ON COLUMN article_versions.extractor_version IS 'Version of the rules that cleaned the page.';
COMMENT ON COLUMN article_versions.tagger_version IS 'Version of the rules that tagged the article.';
COMMENT ON COLUMN article_versions.run_id IS 'The run that loaded it: runs.run_id.';
COMMENT ON COLUMN article_versions.page_id IS 'The raw page in the archive; null for a removal that came without a page.';
COMMENT ON COLUMN article_versions.listing_id IS 'The listing that led to it: listings.listing_id.';

CREATE TABLE article_texts (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    text VARCHAR NOT NULL USING COMPRESSION zstd,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_texts IS 'The text of each version, apart so that other queries never read it. Join on version_id and available_at: the time lets DuckDB skip what cannot match.';
COMMENT ON COLUMN article_texts.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_texts.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_texts.text IS 'Clean text: paragraphs separated by one newline, table cells by " | ".';
COMMENT ON COLUMN article_texts.available_at IS 'As in article_versions, UTC.';

CREATE TABLE superseded_versions (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    superseded_by UUID NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE superseded_versions IS 'One row per version that is not its article''s newest, so that the newest are found without sorting all versions.';
COMMENT ON COLUMN superseded_versions.version_id IS 'The version that is no longer, or never was, the newest.';
COMMENT ON COLUMN superseded_versions.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN superseded_versions.superseded_by IS 'The newest version at that moment.';
COMMENT ON COLUMN superseded_versions.available_at IS 'Since when that was known here, UTC.';
