-- Days on which something listed has no outcome yet, or waits to be tried again.
SELECT source, day, listed, deferred, missing
FROM completeness
WHERE deferred + missing > 0
ORDER BY day DESC, source;
