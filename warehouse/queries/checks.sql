-- What was checked when the checks last ran, and what failed; the view failing has the failures.
SELECT check_name, is_failure, subject, detail
FROM check_results
WHERE checked_at = (SELECT max(checked_at) FROM check_results)
ORDER BY is_failure DESC, check_name, subject;
