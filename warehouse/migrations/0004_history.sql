-- Facts, stories, securities, slices and check results. Like all tables: no indexes; rows are
-- appended in the order of time, and DuckDB's zone maps find them by it.

ALTER TABLE ticker_mentions ADD COLUMN published_at TIMESTAMPTZ;
UPDATE ticker_mentions SET published_at = v.published_at
FROM article_versions AS v
WHERE v.version_id = ticker_mentions.version_id;
COMMENT ON COLUMN ticker_mentions.published_at IS 'As in article_versions, UTC; null when unknown.';

CREATE TABLE article_facts (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    fact_number INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    symbol VARCHAR NOT NULL,
    exchange VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE,
    value_text VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    field VARCHAR NOT NULL CHECK (field IN ('title', 'text', 'markup', 'list')),
    char_start INTEGER NOT NULL,
    char_end INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    confidence DOUBLE NOT NULL,
    published_at TIMESTAMPTZ,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_facts IS 'One row per value that an article states: a rating''s firm, its old and new target and so on are rows with one fact_number.';
COMMENT ON COLUMN article_facts.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_facts.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_facts.fact_number IS 'Counts the facts of a version from 1; rows with the same number belong together.';
COMMENT ON COLUMN article_facts.kind IS 'What it is: analyst_rating, earnings, guidance, price_move, dividend, deal, ranking and so on.';
COMMENT ON COLUMN article_facts.symbol IS 'The security that it is about, as in article_tickers; empty when it is about none.';
COMMENT ON COLUMN article_facts.exchange IS 'article_tickers.exchange.';
COMMENT ON COLUMN article_facts.name IS 'Which value of the fact: firm, action, rating, target, target_before, eps, revenue, change and so on.';
COMMENT ON COLUMN article_facts.value IS 'The number in the unit, written out in full (1.2 billion is 1200000000); null when it is none.';
COMMENT ON COLUMN article_facts.value_text IS 'The value in a normal form, such as Buy or 2026-12-01; empty when the number says it all.';
COMMENT ON COLUMN article_facts.unit IS 'ISO 4217 currency (USD), percent, shares, points or empty.';
COMMENT ON COLUMN article_facts.period IS 'What the value covers, ISO 8601 with quarters: 2026, 2026-Q3, 2026-11-17; empty when not said.';
COMMENT ON COLUMN article_facts.field IS 'Where it stands: title, text, markup (a link or attribute) or list (what the list said).';
COMMENT ON COLUMN article_facts.char_start IS 'First character in the field, counted from 0 in Unicode code points; 0 in markup and list.';
COMMENT ON COLUMN article_facts.char_end IS 'Character after the last; 0 in markup and list.';
COMMENT ON COLUMN article_facts.text IS 'The words that state it, as they stand there.';
COMMENT ON COLUMN article_facts.evidence IS 'Name of the rule that read it.';
COMMENT ON COLUMN article_facts.confidence IS 'How sure that it was read right, 0 to 1.';
COMMENT ON COLUMN article_facts.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_facts.available_at IS 'As in article_versions, UTC.';

CREATE TABLE article_stories (
    version_id UUID NOT NULL,
    article_key UUID NOT NULL,
    story_id UUID NOT NULL,
    similarity DOUBLE NOT NULL,
    novelty DOUBLE NOT NULL,
    is_first BOOLEAN NOT NULL,
    delay_seconds DOUBLE NOT NULL,
    published_at TIMESTAMPTZ,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_stories IS 'One row per version of an article: the story that it tells. Near-duplicates share a story; nothing is dropped.';
COMMENT ON COLUMN article_stories.version_id IS 'article_versions.version_id.';
COMMENT ON COLUMN article_stories.article_key IS 'article_versions.article_key.';
COMMENT ON COLUMN article_stories.story_id IS 'Identity of the story: made of the article_key of the first that told it.';
COMMENT ON COLUMN article_stories.similarity IS 'How much its text is that of the first, 0 to 1; 1 for the first.';
COMMENT ON COLUMN article_stories.novelty IS 'Share of its text that no earlier article of the story had, 0 to 1; 1 for the first.';
COMMENT ON COLUMN article_stories.is_first IS 'Whether it was the first to tell the story, as far as was known when it was loaded.';
COMMENT ON COLUMN article_stories.delay_seconds IS 'Seconds from the first''s publication to its own; 0 for the first.';
COMMENT ON COLUMN article_stories.published_at IS 'As in article_versions, UTC; null when unknown.';
COMMENT ON COLUMN article_stories.available_at IS 'As in article_versions, UTC.';

CREATE TABLE securities (
    symbol VARCHAR NOT NULL,
    exchange VARCHAR NOT NULL,
    mic VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    entity_id UUID NOT NULL,
    cik VARCHAR NOT NULL,
    isin VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    country VARCHAR NOT NULL,
    aliases VARCHAR[] NOT NULL,
    valid_from_at TIMESTAMPTZ,
    valid_to_at TIMESTAMPTZ,
    reference_version VARCHAR NOT NULL
);
COMMENT ON TABLE securities IS 'One row per security and stretch of time in which it traded under this symbol and name.';
COMMENT ON COLUMN securities.symbol IS 'Ticker symbol, class shares with a dash: article_tickers.symbol.';
COMMENT ON COLUMN securities.exchange IS 'NASDAQ, NYSE, CRYPTO and so on: article_tickers.exchange.';
COMMENT ON COLUMN securities.mic IS 'ISO 10383 market code, such as XNAS; empty when there is none.';
COMMENT ON COLUMN securities.name IS 'Name of the company, fund or coin.';
COMMENT ON COLUMN securities.entity_id IS 'Identity of the company: the same for its share classes and after a change of symbol.';
COMMENT ON COLUMN securities.cik IS 'Number at the SEC, ten digits; empty when there is none.';
COMMENT ON COLUMN securities.isin IS 'ISO 6166 number; empty when unknown.';
COMMENT ON COLUMN securities.kind IS 'stock, adr, etf, fund, index, crypto and so on.';
COMMENT ON COLUMN securities.country IS 'ISO 3166-1 code of two letters; empty when unknown.';
COMMENT ON COLUMN securities.aliases IS 'Other names that articles use.';
COMMENT ON COLUMN securities.valid_from_at IS 'Since when it has traded so, UTC; null when not known.';
COMMENT ON COLUMN securities.valid_to_at IS 'Until when it traded so, UTC, exclusive; null when it still does.';
COMMENT ON COLUMN securities.reference_version IS 'Version of the reference data that says so.';

CREATE TABLE slices (
    source VARCHAR NOT NULL,
    day DATE NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('open', 'complete', 'failed')),
    listed INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    revised INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    deferred INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error VARCHAR NOT NULL,
    run_id UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
COMMENT ON TABLE slices IS 'One row per source and day that a backfill was asked for: how far it is.';
COMMENT ON COLUMN slices.source IS 'Name of the source.';
COMMENT ON COLUMN slices.day IS 'The day, in UTC, whose articles were asked for.';
COMMENT ON COLUMN slices.state IS 'open (being worked on, or interrupted), complete, or failed (its list could not be read).';
COMMENT ON COLUMN slices.listed IS 'Listings that the source has for the day: the sum of the outcomes and missing.';
COMMENT ON COLUMN slices.stored IS 'Listings that became a new article.';
COMMENT ON COLUMN slices.revised IS 'Listings that became a new version of a known article.';
COMMENT ON COLUMN slices.unchanged IS 'Listings whose article had not changed.';
COMMENT ON COLUMN slices.rejected IS 'Listings refused for good.';
COMMENT ON COLUMN slices.deferred IS 'Listings to be tried again.';
COMMENT ON COLUMN slices.removed IS 'Listings whose article the publisher had taken down.';
COMMENT ON COLUMN slices.missing IS 'Listings without an outcome yet.';
COMMENT ON COLUMN slices.attempts IS 'How often it was begun.';
COMMENT ON COLUMN slices.error IS 'Why it failed, in a sentence; empty when it did not.';
COMMENT ON COLUMN slices.run_id IS 'The run that worked on it last: runs.run_id.';
COMMENT ON COLUMN slices.started_at IS 'When it was last begun, UTC.';
COMMENT ON COLUMN slices.finished_at IS 'When it was last complete or failed, UTC; null while it is open.';

CREATE TABLE check_results (
    check_name VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    is_failure BOOLEAN NOT NULL,
    is_partial BOOLEAN NOT NULL,
    run_id UUID,
    checked_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE check_results IS 'What the checks found: a row per failure, or one row for a check that passed. The view failing has what fails now.';
COMMENT ON COLUMN check_results.check_name IS 'Name of the file in warehouse/checks, which says what is checked and why.';
COMMENT ON COLUMN check_results.subject IS 'What failed: a source, a table, an id; empty when the check passed.';
COMMENT ON COLUMN check_results.detail IS 'How it failed, in a sentence; empty when the check passed.';
COMMENT ON COLUMN check_results.is_failure IS 'Whether the row is a failure.';
COMMENT ON COLUMN check_results.is_partial IS 'Whether only rows of the last days were looked at; what an older row fails then stays failing until all are looked at again.';
COMMENT ON COLUMN check_results.run_id IS 'The run after whose load it was checked: runs.run_id; null for checks outside a run.';
COMMENT ON COLUMN check_results.checked_at IS 'When it was checked, UTC; the same for all rows of one round.';
