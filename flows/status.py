"""How things stand: failing checks, the last runs, each source's polls, how much there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tasks.sources.registry import choose
from tasks.sources.schema import Source
from warehouse.home import Home
from warehouse.query import query

FEW_RUNS = 3  # up to so many a home is new
Row = dict[str, Any]  # by column; instants are aware, in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the published copy says; its fields are the keys of ``status --json``."""

    file: str
    bytes: int
    failing: Sequence[Row]  # checks of the warehouse: check, subject, detail, failing_since_at
    runs: Sequence[Row]  # the last ones, the newest first
    errors: Sequence[Row]  # of a week: each error once, how often, when last, of which flows
    sources: Sequence[Row]
    rows: Mapping[str, int]  # of the main tables


def read_status(home: Home) -> Status:
    """Return how things stand. Raises WarehouseMissing where nothing was published."""
    return Status(
        file=str(home.news),
        failing=query(home, _FAILING).records(),
        runs=query(home, _RUNS).records(),
        errors=query(home, _ERRORS).records(),
        sources=query(home, _SOURCES).records(),
        rows=query(home, _COUNTS).records()[0],
        bytes=home.news.stat().st_size,
    )


def as_record(status: Status) -> Row:
    """Return a status as plain values for JSON; instants are ISO 8601, in UTC."""
    return {name: _plain(value) for name, value in asdict(status).items()}


def see_that_known(home: Home, source: str, declared: Mapping[str, Source]) -> None:
    """Raise SourceError for a source that is neither declared nor in the ledger."""
    if source not in {row["source"] for row in query(home, _NAMES).records()}:
        choose(declared, [source])


def runs_so_far(home: Home) -> int:
    """Return how many runs the published copy knows, up to a hundred; 0 without a copy."""
    return len(query(home, "SELECT run_id FROM runs LIMIT 100").rows) if home.news.exists() else 0


_FAILING = """
SELECT check_name AS "check", subject, detail, failing_since_at FROM failing
"""
_RUNS = """
SELECT
    run_id, flow, sources, state, started_at, finished_at, error,
    listed, stored, revised, unchanged, rejected, deferred, removed
FROM run_log ORDER BY started_at DESC, run_id LIMIT 5
"""
_ERRORS = """
SELECT error, count(*) AS times, max(started_at) AS last_at, list_distinct(list(flow)) AS flows
FROM run_log
WHERE error <> '' AND started_at > (SELECT max(started_at) FROM runs) - INTERVAL 7 DAYS
GROUP BY error ORDER BY last_at DESC LIMIT 5
"""
_SOURCES = """
SELECT
    f.source, f.articles, f.newest_published_at, p.polled_at, p.new_listings, p.next_poll_at,
    coalesce(p.failures, 0) AS failures,
    CASE
        WHEN p.failures > 0 THEN p.error
        WHEN p.next_poll_at > p.polled_at + to_seconds(60 * p.interval_minutes + 1)
            THEN 'its server asked for a pause'
        WHEN p.error <> '' THEN p.error
        WHEN p.new_listings = 0 THEN 'nothing was new'
        ELSE ''
    END AS why
FROM freshness AS f
LEFT JOIN polling AS p ON p.source = f.source
ORDER BY f.source
"""
_COUNTS = """
SELECT
    (SELECT count(*) FROM articles) AS articles,
    (SELECT count(*) FROM article_versions) AS versions,
    (SELECT count(*) FROM article_tickers) AS tickers,
    (SELECT count(*) FROM ticker_mentions) AS mentions,
    (SELECT count(*) FROM article_topics) AS topics,
    (SELECT count(*) FROM outcomes) AS outcomes
"""
_NAMES = """
SELECT source FROM freshness UNION SELECT source FROM completeness
UNION SELECT source FROM slices UNION SELECT source FROM source_states
"""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if value is None or isinstance(value, (int, float, str)) else str(value)
