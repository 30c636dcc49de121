-- Takedowns: what must never come back, and what has still to be erased.

CREATE TABLE takedowns (
    article_key UUID NOT NULL,
    places VARCHAR[] NOT NULL,
    why VARCHAR NOT NULL,
    taken_down_at TIMESTAMPTZ NOT NULL,
    erased_at TIMESTAMPTZ
);
COMMENT ON TABLE takedowns IS 'One row per article that was taken down on request: it is refused whenever it comes again.';
COMMENT ON COLUMN takedowns.article_key IS 'The article: outcomes.article_key.';
COMMENT ON COLUMN takedowns.places IS 'Addresses (or a list''s own ids, where there is no address) under which it is refused too.';
COMMENT ON COLUMN takedowns.why IS 'Who asked for it and why, as the person who took it down wrote.';
COMMENT ON COLUMN takedowns.taken_down_at IS 'When it was asked for here, UTC.';
COMMENT ON COLUMN takedowns.erased_at IS 'When its last copy was gone from archive, database files and exports, UTC; null until then.';
