-- What a list said is kept once, in listings; each deferred outcome had a second copy of it.

ALTER TABLE outcomes DROP COLUMN listing;
COMMENT ON COLUMN listings.listing IS 'All that the list said, as JSON, so that it can be tried again; {} once it was taken down or its licence ran out.';
