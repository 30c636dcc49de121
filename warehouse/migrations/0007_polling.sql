-- When each source is asked next, what its lists looked like, and articles that are looked at again.

CREATE TABLE source_states (
    source VARCHAR NOT NULL,
    run_id UUID NOT NULL,
    watermark_at TIMESTAMPTZ,
    polled_at TIMESTAMPTZ NOT NULL,
    next_poll_at TIMESTAMPTZ NOT NULL,
    interval_minutes DOUBLE NOT NULL,
    failures INTEGER NOT NULL
);
COMMENT ON TABLE source_states IS 'One row per source that was ever asked: how far it is read, and when it is asked next.';
COMMENT ON COLUMN source_states.source IS 'Name of the source.';
COMMENT ON COLUMN source_states.run_id IS 'The run that asked it last: runs.run_id, and polls.run_id.';
COMMENT ON COLUMN source_states.watermark_at IS 'All that the source dates before this, UTC, was listed and has its outcome; null while that cannot be said.';
COMMENT ON COLUMN source_states.polled_at IS 'When it was asked last, UTC.';
COMMENT ON COLUMN source_states.next_poll_at IS 'Scheduled runs do not ask it before this, UTC.';
COMMENT ON COLUMN source_states.interval_minutes IS 'Time between two polls that its news calls for, in minutes.';
COMMENT ON COLUMN source_states.failures IS 'How many polls in a row could read none of its lists.';

CREATE TABLE documents (
    source VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    etag VARCHAR NOT NULL,
    last_modified VARCHAR NOT NULL,
    body_hash UUID,
    polls_since_full_read INTEGER NOT NULL,
    read_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE documents IS 'One row per document of a source''s lists, as it was when it was read last: an unchanged one is not read again.';
COMMENT ON COLUMN documents.source IS 'Name of the source.';
COMMENT ON COLUMN documents.url IS 'Address that was asked.';
COMMENT ON COLUMN documents.etag IS 'Its ETag as sent, or empty.';
COMMENT ON COLUMN documents.last_modified IS 'Its Last-Modified as sent, or empty.';
COMMENT ON COLUMN documents.body_hash IS 'Identity of its bytes, inflated; null when they were not read.';
COMMENT ON COLUMN documents.polls_since_full_read IS 'How many polls in a row asked for it only if it had changed.';
COMMENT ON COLUMN documents.read_at IS 'When it was asked for last, UTC.';

CREATE TABLE watched_pages (
    page_id UUID NOT NULL,
    etag VARCHAR NOT NULL,
    last_modified VARCHAR NOT NULL,
    body_hash UUID NOT NULL,
    available_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE watched_pages IS 'One row per page that may be looked at again: by what to tell whether it has changed.';
COMMENT ON COLUMN watched_pages.page_id IS 'The raw page: outcomes.page_id.';
COMMENT ON COLUMN watched_pages.etag IS 'Its ETag as sent, or empty.';
COMMENT ON COLUMN watched_pages.last_modified IS 'Its Last-Modified as sent, or empty.';
COMMENT ON COLUMN watched_pages.body_hash IS 'Identity of its bytes, inflated.';
COMMENT ON COLUMN watched_pages.available_at IS 'When it was committed here, UTC.';

ALTER TABLE outcomes ADD COLUMN is_revisit BOOLEAN DEFAULT false;
COMMENT ON COLUMN outcomes.is_revisit IS 'A later look at an article that the listing had led to: it does not change how the listing ended.';

ALTER TABLE polls ADD COLUMN is_asked BOOLEAN DEFAULT true;
COMMENT ON COLUMN polls.is_asked IS 'False when the source was not due: the run only worked on what was left over from earlier ones.';
ALTER TABLE polls ADD COLUMN new_listings INTEGER DEFAULT 0;
COMMENT ON COLUMN polls.new_listings IS 'Listings that were in its lists for the first time.';
ALTER TABLE polls ADD COLUMN revisited INTEGER DEFAULT 0;
COMMENT ON COLUMN polls.revisited IS 'Listings whose article was looked at again; they count among the outcomes.';
