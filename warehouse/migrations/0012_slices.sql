-- A slice's counts come from its listings, whoever settles them: nothing wrote them down before.

DROP TABLE slices;
CREATE TABLE slices (
    source VARCHAR NOT NULL,
    day DATE NOT NULL,
    attempts INTEGER NOT NULL,
    stated INTEGER,
    is_whole BOOLEAN NOT NULL,
    error VARCHAR NOT NULL,
    run_id UUID NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    read_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);
COMMENT ON TABLE slices IS 'One row per source and day that a backfill was asked for. People mostly want the view slice_states.';
COMMENT ON COLUMN slices.source IS 'Name of the source.';
COMMENT ON COLUMN slices.day IS 'The day, in UTC, whose articles were asked for.';
COMMENT ON COLUMN slices.attempts IS 'How often it was begun.';
COMMENT ON COLUMN slices.stated IS 'Articles that the source''s lists gave for the day when they were read last; null before.';
COMMENT ON COLUMN slices.is_whole IS 'Whether all of the source''s lists for the day were read to their end at the last attempt.';
COMMENT ON COLUMN slices.error IS 'Why they were not, in a sentence; empty when they were.';
COMMENT ON COLUMN slices.run_id IS 'The run that worked on it last: runs.run_id.';
COMMENT ON COLUMN slices.started_at IS 'When it was last begun, UTC.';
COMMENT ON COLUMN slices.read_at IS 'When reading its lists last ended, UTC; null before.';
COMMENT ON COLUMN slices.finished_at IS 'When all that its lists gave had been worked on, UTC; null while it is open.';

CREATE TABLE slice_listings (
    source VARCHAR NOT NULL,
    day DATE NOT NULL,
    listing_id UUID NOT NULL
);
COMMENT ON TABLE slice_listings IS 'One row per listing that a backfill found: the one slice that it belongs to.';
COMMENT ON COLUMN slice_listings.source IS 'Name of the source.';
COMMENT ON COLUMN slice_listings.day IS 'The day, in UTC: of publication, else of the list or crawl that has it, else of its address or change.';
COMMENT ON COLUMN slice_listings.listing_id IS 'listings.listing_id.';
