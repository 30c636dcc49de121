-- What a list said is kept once, in listings; each deferred outcome had a second copy of it.

ALTER TABLE outcomes DROP COLUMN listing;
COMMENT ON COLUMN listings.listing IS 'All that the list said, as JSON, so that it can be tried again; {} once it was taken down or its licence ran out.';

-- A client of DuckDB's server cannot attach a database that has a default with a function in it.
ALTER TABLE schema_migrations ALTER COLUMN applied_at DROP DEFAULT;
