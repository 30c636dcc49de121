-- What the checks say now. A round that looked at the last days alone cannot take back what a
-- whole one found in older rows, so both the last round and the last whole one count. A check that
-- was not among the last round is no longer there.

CREATE OR REPLACE VIEW failing AS
WITH rounds AS (
    SELECT DISTINCT check_name, checked_at, is_partial FROM check_results
), current_rounds AS (
    SELECT check_name, max(checked_at) AS checked_at FROM rounds GROUP BY check_name
    HAVING max(checked_at) = (SELECT max(checked_at) FROM rounds)
    UNION
    SELECT check_name, max(checked_at) FILTER (WHERE NOT is_partial) FROM rounds
    GROUP BY check_name
    HAVING max(checked_at) = (SELECT max(checked_at) FROM rounds)
), failures AS (
    SELECT * FROM check_results WHERE is_failure
), latest AS (
    SELECT f.*
    FROM failures AS f
    SEMI JOIN current_rounds AS r
        ON r.check_name = f.check_name AND r.checked_at = f.checked_at
    QUALIFY row_number() OVER (
        PARTITION BY f.check_name, f.subject ORDER BY f.checked_at DESC, f.detail
    ) = 1
), passed AS (
    SELECT l.check_name, l.subject, max(r.checked_at) AS passed_at
    FROM latest AS l
    INNER JOIN rounds AS r ON r.check_name = l.check_name AND (l.is_partial OR NOT r.is_partial)
    ANTI JOIN failures AS f
        ON f.check_name = r.check_name AND f.subject = l.subject AND f.checked_at = r.checked_at
    GROUP BY ALL
)
SELECT
    l.check_name, l.subject, l.detail, l.run_id, l.checked_at,
    min(f.checked_at) AS failing_since_at
FROM latest AS l
LEFT JOIN passed AS p ON p.check_name = l.check_name AND p.subject = l.subject
INNER JOIN failures AS f
    ON f.check_name = l.check_name AND f.subject = l.subject
    AND (p.passed_at IS NULL OR f.checked_at > p.passed_at)
GROUP BY ALL
ORDER BY l.check_name, l.subject;
COMMENT ON VIEW failing IS 'What the checks found when they last ran, and since when without a pause (failing_since_at, UTC).';
