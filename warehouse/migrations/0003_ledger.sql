-- The ledger: what was listed, how each listing ended, and what ran.

CREATE TABLE listings (
    listing_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    guid VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    published_at TIMESTAMPTZ,
    source_updated_at TIMESTAMPTZ,
    listed_at TIMESTAMPTZ NOT NULL,
    listing VARCHAR NOT NULL USING COMPRESSION zstd,
    run_id UUID NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE listings IS 'One row per line of a source''s list; an edited line is another listing.';
COMMENT ON COLUMN listings.listing_id IS 'Identity of the line as it read.';
COMMENT ON COLUMN listings.source IS 'Name of the source.';
COMMENT ON COLUMN listings.url IS 'Address that the list gives; empty for an item without a link.';
COMMENT ON COLUMN listings.guid IS 'The list''s own id of the line, or empty.';
COMMENT ON COLUMN listings.title IS 'Headline as the list gives it.';
COMMENT ON COLUMN listings.published_at IS 'As the list says, UTC; null when it does not.';
COMMENT ON COLUMN listings.source_updated_at IS 'Last change as the list says, UTC; null when it does not.';
COMMENT ON COLUMN listings.listed_at IS 'When we first saw the line in a list, UTC.';
COMMENT ON COLUMN listings.listing IS 'All that the list said, as JSON, so that it can be tried again.';
COMMENT ON COLUMN listings.run_id IS 'The run that recorded it: runs.run_id.';
COMMENT ON COLUMN listings.available_at IS 'When it was committed here, UTC.';

CREATE TABLE outcomes (
    outcome_id UUID NOT NULL,
    listing_id UUID NOT NULL,
    page_id UUID,
    article_key UUID,
    source VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL CHECK (
        outcome IN ('stored', 'revised', 'unchanged', 'rejected', 'deferred', 'removed')
    ),
    reason VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    content_hash UUID,
    fetched_at TIMESTAMPTZ NOT NULL,
    retry_at TIMESTAMPTZ,
    listing VARCHAR USING COMPRESSION zstd,
    batch_id UUID NOT NULL,
    run_id UUID NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE outcomes IS 'How each attempt at a listing ended; the attempt fetched last is the listing''s outcome.';
COMMENT ON COLUMN outcomes.outcome_id IS 'Identity of the attempt: the page_id, or made of listing_id and fetched_at where there is no page.';
COMMENT ON COLUMN outcomes.listing_id IS 'listings.listing_id.';
COMMENT ON COLUMN outcomes.page_id IS 'The raw page in the archive; null when none was fetched.';
COMMENT ON COLUMN outcomes.article_key IS 'The article; null when no article came of it.';
COMMENT ON COLUMN outcomes.source IS 'Name of the source.';
COMMENT ON COLUMN outcomes.outcome IS 'stored (a new article), revised (a new version), unchanged, rejected (for good), deferred (tried again) or removed (by the publisher).';
COMMENT ON COLUMN outcomes.reason IS 'Why it was rejected, deferred or removed, as one word to count by; else empty.';
COMMENT ON COLUMN outcomes.detail IS 'The same in a sentence for a person.';
COMMENT ON COLUMN outcomes.content_hash IS 'What the page said: article_versions.content_hash; null when no article came of it.';
COMMENT ON COLUMN outcomes.fetched_at IS 'When the page was fetched, or the fetch failed, UTC.';
COMMENT ON COLUMN outcomes.retry_at IS 'Deferred only: not tried again before this, UTC.';
COMMENT ON COLUMN outcomes.listing IS 'Deferred only: all that the list said, as JSON, so that it can be tried again.';
COMMENT ON COLUMN outcomes.batch_id IS 'batches.batch_id.';
COMMENT ON COLUMN outcomes.run_id IS 'The run that decided it: runs.run_id.';
COMMENT ON COLUMN outcomes.available_at IS 'When it was committed here, UTC.';

CREATE TABLE batches (
    batch_id UUID NOT NULL,
    run_id UUID NOT NULL,
    outcome_count INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE batches IS 'One row per batch, written when its first load committed.';
COMMENT ON COLUMN batches.batch_id IS 'Identity of the batch: the name of its file in the archive.';
COMMENT ON COLUMN batches.run_id IS 'The run that loaded it: runs.run_id.';
COMMENT ON COLUMN batches.outcome_count IS 'Rows that its first load added to outcomes.';
COMMENT ON COLUMN batches.version_count IS 'Rows that its first load added to article_versions.';
COMMENT ON COLUMN batches.available_at IS 'When it was committed here, UTC.';

CREATE TABLE runs (
    run_id UUID NOT NULL,
    flow VARCHAR NOT NULL,
    sources VARCHAR[] NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    error VARCHAR NOT NULL DEFAULT ''
);
COMMENT ON TABLE runs IS 'One row per run of a flow; the view run_log says how each went.';
COMMENT ON COLUMN runs.run_id IS 'Identity of the run.';
COMMENT ON COLUMN runs.flow IS 'Name of the flow: ingest, backfill and so on.';
COMMENT ON COLUMN runs.sources IS 'Names of the sources it was asked for.';
COMMENT ON COLUMN runs.started_at IS 'When it started, UTC.';
COMMENT ON COLUMN runs.finished_at IS 'When it finished, UTC; null while it runs and when it was killed.';
COMMENT ON COLUMN runs.error IS 'What ended it, in a sentence; empty when it went well.';

CREATE TABLE polls (
    run_id UUID NOT NULL,
    source VARCHAR NOT NULL,
    listed INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    revised INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    deferred INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    resumed INTEGER NOT NULL,
    error VARCHAR NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE polls IS 'One row per run and source: how many listings ended how.';
COMMENT ON COLUMN polls.run_id IS 'runs.run_id.';
COMMENT ON COLUMN polls.source IS 'Name of the source.';
COMMENT ON COLUMN polls.listed IS 'Listings that the run took up.';
COMMENT ON COLUMN polls.stored IS 'Listings that became a new article.';
COMMENT ON COLUMN polls.revised IS 'Listings that became a new version of a known article.';
COMMENT ON COLUMN polls.unchanged IS 'Listings whose article had not changed.';
COMMENT ON COLUMN polls.rejected IS 'Listings refused for good.';
COMMENT ON COLUMN polls.deferred IS 'Listings to be tried again.';
COMMENT ON COLUMN polls.removed IS 'Listings whose article the publisher had taken down.';
COMMENT ON COLUMN polls.resumed IS 'Listings left over from earlier runs: archived pages and deferred ones.';
COMMENT ON COLUMN polls.error IS 'Why the source could not be listed, in a sentence; empty when it could.';
COMMENT ON COLUMN polls.started_at IS 'When the source was first asked, UTC.';
COMMENT ON COLUMN polls.finished_at IS 'When its last listing was done, UTC.';
