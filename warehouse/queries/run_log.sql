-- The last runs, and whether each one finished.
SELECT started_at, flow, state, duration, listed, stored, revised, rejected, deferred, error
FROM run_log
ORDER BY started_at DESC
LIMIT 20;
