-- Tags with their evidence: narrow tables, one row per version and security, topic or mention.

CREATE TABLE article_tickers (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    symbol VARCHAR NOT NULL,
    exchange VARCHAR NOT NULL,
    role VARCHAR NOT NULL CHECK (role IN ('primary', 'mention', 'analyst_firm', 'publisher')),
    confidence DOUBLE NOT NULL,
    relevance DOUBLE NOT NULL,
    evidence VARCHAR[] NOT NULL,
    mention_count INTEGER NOT NULL,
    published_at TIMESTAMPTZ,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_tickers IS 'One row per version of an article and security that it names.';
COMMENT ON COLUMN article_tickers.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_tickers.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_tickers.symbol IS 'Ticker symbol, class shares with a dash: BRK-B.';
COMMENT ON COLUMN article_tickers.exchange IS 'NASDAQ, NYSE, CRYPTO and so on; empty when unknown.';
COMMENT ON COLUMN article_tickers.role IS 'primary (the article is about it), mention, analyst_firm (named as the author of a rating) or publisher.';
COMMENT ON COLUMN article_tickers.confidence IS 'How sure that the security is meant, 0 to 1.';
COMMENT ON COLUMN article_tickers.relevance IS 'How much the article is about it, 0 to 1.';
COMMENT ON COLUMN article_tickers.evidence IS 'Kinds of evidence, strongest first.';
COMMENT ON COLUMN article_tickers.mention_count IS 'Rows in ticker_mentions.';
COMMENT ON COLUMN article_tickers.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_tickers.available_at IS 'As in article_versions, UTC.';

CREATE TABLE ticker_mentions (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    symbol VARCHAR NOT NULL,
    exchange VARCHAR NOT NULL,
    field VARCHAR NOT NULL CHECK (field IN ('title', 'text', 'markup', 'list')),
    char_start INTEGER NOT NULL,
    char_end INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE ticker_mentions IS 'One row per place in an article that names a security.';
COMMENT ON COLUMN ticker_mentions.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN ticker_mentions.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN ticker_mentions.symbol IS 'article_tickers.symbol.';
COMMENT ON COLUMN ticker_mentions.exchange IS 'article_tickers.exchange.';
COMMENT ON COLUMN ticker_mentions.field IS 'Where it stands: title, text, markup (a link or attribute) or list (what the list said).';
COMMENT ON COLUMN ticker_mentions.char_start IS 'First character in the field, counted from 0 in Unicode code points; 0 in markup and list.';
COMMENT ON COLUMN ticker_mentions.char_end IS 'Character after the last; 0 in markup and list.';
COMMENT ON COLUMN ticker_mentions.text IS 'The words that name it, as they stand there.';
COMMENT ON COLUMN ticker_mentions.evidence IS 'Kind of evidence.';
COMMENT ON COLUMN ticker_mentions.available_at IS 'As in article_versions, UTC.';

CREATE TABLE article_topics (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    topic VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    relevance DOUBLE NOT NULL,
    evidence VARCHAR[] NOT NULL,
    published_at TIMESTAMPTZ,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_topics IS 'One row per version of an article and topic that it is about.';
COMMENT ON COLUMN article_topics.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_topics.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_topics.topic IS 'Short name in the taxonomy: topics.topic.';
COMMENT ON COLUMN article_topics.score IS 'Sum of the evidence, without a unit; above 0.';
COMMENT ON COLUMN article_topics.relevance IS 'Score against the article''s strongest topic, 0 to 1.';
COMMENT ON COLUMN article_topics.evidence IS 'The phrases that counted, strongest first.';
COMMENT ON COLUMN article_topics.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_topics.available_at IS 'As in article_versions, UTC.';

CREATE TABLE topics (
    topic VARCHAR NOT NULL,
    topic_group VARCHAR NOT NULL,
    names MAP(VARCHAR, VARCHAR) NOT NULL,
    iptc_media_topic VARCHAR NOT NULL,
    means VARCHAR NOT NULL
);
COMMENT ON TABLE topics IS 'The taxonomy of topics as it is now.';
COMMENT ON COLUMN topics.topic IS 'Short name, such as analyst-ratings.';
COMMENT ON COLUMN topics.topic_group IS 'The group it belongs to, such as company.';
COMMENT ON COLUMN topics.names IS 'Its name by language, ISO 639-1: names[''it''].';
COMMENT ON COLUMN topics.iptc_media_topic IS 'The nearest IPTC media topic, such as medtop:20000178; empty when there is none.';
COMMENT ON COLUMN topics.means IS 'What belongs to it, in a sentence.';
