-- What ran, what came in, and whether anything is missing. Days are days in UTC, whatever time
-- zone the session of the reader has.

-- Pages from files were fetched before their listing was first put off, so time alone does not tell.
CREATE OR REPLACE MACRO attempt_order(outcome, reason, fetched_at, outcome_id) AS
    row(reason = 'taken_down', outcome NOT IN ('deferred', 'rejected'), fetched_at, outcome_id);
COMMENT ON MACRO attempt_order IS 'Which of a listing''s attempts says how it ended, the greatest: a takedown, else one that brought something, else the last.';

CREATE OR REPLACE VIEW listing_outcomes AS
SELECT
    listing_id,
    arg_max(outcome, attempt_order(outcome, reason, fetched_at, outcome_id)) AS outcome,
    arg_max(reason, attempt_order(outcome, reason, fetched_at, outcome_id)) AS reason,
    max(fetched_at) AS fetched_at,
    count(*) AS attempts
FROM outcomes
WHERE NOT is_revisit
GROUP BY listing_id;
COMMENT ON VIEW listing_outcomes IS 'Per listing: the outcome of its takedown, else of the attempt that brought something, else of the last one, and how many attempts there were; later looks at an article that was brought in (is_revisit) do not count.';

CREATE OR REPLACE VIEW listing_days AS
SELECT source, day, listing_id FROM slice_listings
UNION ALL
SELECT l.source, make_date(floor(epoch(l.listed_at) / 86400)::INTEGER) AS day, l.listing_id
FROM listings AS l
ANTI JOIN slice_listings AS s ON s.listing_id = l.listing_id;
COMMENT ON VIEW listing_days IS 'Per listing the UTC day that it is counted for: that of its slice, or else of first listing.';

CREATE OR REPLACE VIEW completeness AS
SELECT
    l.source,
    l.day,
    count(*) AS listed,
    count(*) FILTER (WHERE o.outcome = 'stored') AS stored,
    count(*) FILTER (WHERE o.outcome = 'revised') AS revised,
    count(*) FILTER (WHERE o.outcome = 'unchanged') AS unchanged,
    count(*) FILTER (WHERE o.outcome = 'rejected') AS rejected,
    count(*) FILTER (WHERE o.outcome = 'deferred') AS deferred,
    count(*) FILTER (WHERE o.outcome = 'removed') AS removed,
    count(*) FILTER (WHERE o.outcome IS NULL) AS missing
FROM listing_days AS l
LEFT JOIN listing_outcomes AS o ON o.listing_id = l.listing_id
GROUP BY ALL;
COMMENT ON VIEW completeness IS 'Per source and UTC day (as in listing_days): how the listings ended. listed is the sum of the others; missing ones have no outcome yet.';

CREATE OR REPLACE VIEW slice_states AS
WITH ended AS (
    SELECT
        s.source,
        s.day,
        count(*) AS listed,
        count(*) FILTER (WHERE o.outcome = 'stored') AS stored,
        count(*) FILTER (WHERE o.outcome = 'revised') AS revised,
        count(*) FILTER (WHERE o.outcome = 'unchanged') AS unchanged,
        count(*) FILTER (WHERE o.outcome = 'rejected') AS rejected,
        count(*) FILTER (WHERE o.outcome = 'deferred') AS deferred,
        count(*) FILTER (WHERE o.outcome = 'removed') AS removed,
        count(*) FILTER (WHERE o.outcome IS NULL) AS missing
    FROM slice_listings AS s
    LEFT JOIN listing_outcomes AS o ON o.listing_id = s.listing_id
    GROUP BY ALL
), counted AS (
    SELECT
        s.source, s.day, s.stated,
        coalesce(e.listed, 0) AS listed,
        coalesce(e.stored, 0) AS stored,
        coalesce(e.revised, 0) AS revised,
        coalesce(e.unchanged, 0) AS unchanged,
        coalesce(e.rejected, 0) AS rejected,
        coalesce(e.deferred, 0) AS deferred,
        coalesce(e.removed, 0) AS removed,
        coalesce(e.missing, 0) AS missing,
        s.attempts, s.is_whole, s.error, s.run_id, s.started_at, s.read_at, s.finished_at
    FROM slices AS s
    LEFT JOIN ended AS e ON e.source = s.source AND e.day = s.day
)
SELECT
    source, day,
    CASE
        WHEN finished_at IS NULL THEN 'open'
        WHEN NOT is_whole THEN 'failed'
        -- Lists get a day's last articles a while after its end; and a clock may have been wrong.
        WHEN epoch(read_at) < epoch(day::TIMESTAMP) + 25 * 3600 OR read_at > now() THEN 'early'
        WHEN deferred + missing > 0 THEN 'waiting'
        ELSE 'proven'
    END AS state,
    * EXCLUDE (source, day, is_whole)
FROM counted;
COMMENT ON VIEW slice_states IS 'Per slice (source and UTC day) that a backfill was asked for, its state: open (being worked on, or interrupted), failed (not all of its lists could be read, or some of their lines may be of any day: error says why), early (read before its day was an hour over, or by a wrong clock), waiting (some listings are deferred or missing), or proven (its lists were read whole after its day, and every listing has its outcome for good). listed is the sum of the outcomes and missing; stated is what the lists gave for it when they were read last; a listing of which they said no day is counted in listed alone, on the day of its article.';

CREATE OR REPLACE VIEW freshness AS
WITH loaded AS (
    SELECT
        v.source,
        count(*) AS articles,
        max(v.published_at) AS newest_published_at,
        max(v.available_at) AS newest_available_at
    FROM article_versions AS v
    ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
    WHERE v.cause <> 'removed'
    GROUP BY v.source
), polled AS (
    SELECT source, max(finished_at) FILTER (WHERE is_asked AND error = '') AS polled_at
    FROM polls
    GROUP BY source
)
SELECT
    source,
    coalesce(l.articles, 0) AS articles,
    l.newest_published_at,
    l.newest_available_at,
    p.polled_at,
    now() - l.newest_available_at AS age
FROM loaded AS l
FULL JOIN polled AS p USING (source);
COMMENT ON VIEW freshness IS 'Per source: its articles as they are now (removed ones out), the newest by published_at and by available_at, the last poll without an error, and how long ago the newest was loaded (age, an interval).';

CREATE OR REPLACE VIEW run_log AS
WITH counts AS (
    SELECT
        run_id,
        sum(listed)::BIGINT AS listed,
        sum(stored)::BIGINT AS stored,
        sum(revised)::BIGINT AS revised,
        sum(unchanged)::BIGINT AS unchanged,
        sum(rejected)::BIGINT AS rejected,
        sum(deferred)::BIGINT AS deferred,
        sum(removed)::BIGINT AS removed,
        sum(resumed)::BIGINT AS resumed,
        sum(new_listings)::BIGINT AS new_listings,
        sum(revisited)::BIGINT AS revisited
    FROM polls
    GROUP BY run_id
)
SELECT
    r.run_id, r.flow, r.sources, r.started_at, r.finished_at,
    r.finished_at - r.started_at AS duration,
    CASE
        WHEN r.finished_at IS NOT NULL AND r.error = '' THEN 'finished'
        WHEN r.finished_at IS NOT NULL THEN 'failed'
        WHEN r.started_at < max(r.started_at) OVER (PARTITION BY r.flow) THEN 'interrupted'
        ELSE 'running'
    END AS state,
    r.error,
    coalesce(c.listed, 0) AS listed,
    coalesce(c.stored, 0) AS stored,
    coalesce(c.revised, 0) AS revised,
    coalesce(c.unchanged, 0) AS unchanged,
    coalesce(c.rejected, 0) AS rejected,
    coalesce(c.deferred, 0) AS deferred,
    coalesce(c.removed, 0) AS removed,
    coalesce(c.resumed, 0) AS resumed,
    coalesce(c.new_listings, 0) AS new_listings,
    coalesce(c.revisited, 0) AS revisited
FROM runs AS r
LEFT JOIN counts AS c USING (run_id);
COMMENT ON VIEW run_log IS 'One row per run: its state (running, finished, failed, or interrupted: never finished though a later run of the flow started), how long it took (duration, an interval) and how many listings ended how.';

CREATE OR REPLACE VIEW polling AS
SELECT
    s.source,
    s.polled_at,
    coalesce(p.new_listings, 0) AS new_listings,
    s.next_poll_at,
    s.interval_minutes,
    s.failures,
    coalesce(p.error, '') AS error,
    s.watermark_at
FROM source_states AS s
LEFT JOIN polls AS p ON p.run_id = s.run_id AND p.source = s.source;
COMMENT ON VIEW polling IS 'Per source: its last poll, what was new in it, when it is asked next, how many polls in a row failed and why, and how far it is read (watermark_at).';
