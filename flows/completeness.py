"""Proof of completeness: for each source and day what was listed, how it ended, and every gap.

A certificate is what the ledger says at one moment. It counts a day as proven only when its slice
is (the view ``slice_states`` says what that takes); everything else is a gap with its reason.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tasks.articles.errors import NewsLedgerError
from warehouse.home import Home
from warehouse.query import query
from warehouse.slices import NEVER_BEGUN, PROVEN

OUTCOMES = ("stored", "revised", "unchanged", "rejected", "deferred", "removed", "missing")
COLUMNS = ("source", "day", "state", "stated", "listed", *OUTCOMES, "why")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One source and day (UTC): the counts of its listings, and why it is not proven."""

    source: str
    day: date
    state: str  # as in the view slice_states, or "never begun"
    stated: int | None  # what the source's lists gave for it; None where they were not asked
    listed: int  # the sum of the outcomes and missing
    stored: int = 0
    revised: int = 0
    unchanged: int = 0
    rejected: int = 0
    deferred: int = 0
    removed: int = 0
    missing: int = 0
    reasons: Mapping[str, Mapping[str, int]]  # by outcome (rejected, deferred) and reason
    gap: str  # why it is not proven, in words; "" when it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the ledger says of some sources and days."""

    made_at: datetime
    source: str  # "" for all
    since: date | None
    until: date | None  # not included
    days: Sequence[Day]

    @property
    def proven(self) -> int:
        """How many of the days are proven."""
        return sum(day.state == PROVEN for day in self.days)


def certify(
    home: Home, now: datetime, *, source: str = "", since: date | None, until: date | None
) -> Certificate:
    """Return the certificate of a source, or of all, from the published file.

    Between two bounds every day is in it, whether anything is known of it or not. Raises
    NewsLedgerError for a reversed range, WarehouseMissing where nothing was published.
    """
    if since and until and since >= until:
        raise NewsLedgerError(f"There is no day from {since} to before {until}; swap them?")
    bounds = {"source": source, "since": since or date.min, "until": until or date.max}
    found = {(row["source"], row["day"]): row for row in query(home, _DAYS, bounds).records()}
    reasons: dict[tuple[str, date], dict[str, dict[str, int]]] = {}
    for row in query(home, _REASONS, bounds).records():
        of_day = reasons.setdefault((row["source"], row["day"]), {})
        of_day.setdefault(row["outcome"], {})[row["reason"]] = row["listings"]
    names = {source} if source else {name for name, _ in found}
    for name in names:
        for day in _between(since, until, now.date()):
            found.setdefault((name, day), {"source": name, "day": day, "listed": 0})
    days = [_day(row, reasons.get(key, {})) for key, row in sorted(found.items())]
    return Certificate(made_at=now, source=source, since=since, until=until, days=days)


def as_json(certificate: Certificate) -> str:
    """Return a certificate as JSON: its bounds and sums, then its days."""
    said = asdict(certificate)
    sums = {"days": len(certificate.days), "proven": certificate.proven, **_sums(certificate)}
    return json.dumps({**said, "sums": sums}, ensure_ascii=False, indent=2, default=str) + "\n"


def as_markdown(certificate: Certificate) -> str:
    """Return a certificate as Markdown: a sentence, a table of its days, and its gaps."""
    days = certificate.days
    span = f"{days[0].day} to {max(day.day for day in days)}" if days else "no day"
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(cells(day) for day in days)]
    gaps = [f"- {day.source}, {day.day}: {day.gap}" for day in days if day.gap]
    return "\n".join(
        [
            f"# Completeness of {certificate.source or 'all sources'}, {span}",
            "",
            f"Made {certificate.made_at:%Y-%m-%d %H:%M} UTC. {summary(certificate)}",
            "",
            *("| " + " | ".join(map(str, row)) + " |" for row in rows),
            "",
            "## Gaps",
            "",
            *(gaps or ["None."]),
            "",
        ]
    )


def cells(day: Day) -> tuple[object, ...]:
    """Return a day's row of the table, a cell for each of ``COLUMNS``."""
    counts = [getattr(day, name) for name in OUTCOMES]
    stated = "" if day.stated is None else day.stated
    why = "; ".join(_counted(name, reasons) for name, reasons in day.reasons.items())
    return (day.source, day.day, day.state, stated, day.listed, *counts, why)


def summary(certificate: Certificate) -> str:
    """Say in a sentence how much is proven."""
    sums = _sums(certificate)
    brought = sums["stored"] + sums["revised"] + sums["unchanged"]
    return (
        f"{certificate.proven:,} of {len(certificate.days):,} days are proven; of"
        f" {sums['listed']:,} listings {brought:,} are articles, {sums['removed']:,} were removed,"
        f" {sums['rejected']:,} rejected, {sums['deferred']:,} deferred, {sums['missing']:,} are"
        " missing."
    )


def write(certificate: Certificate, path: Path) -> None:
    """Write a certificate to a file, JSON or Markdown as its name ends.

    Raises NewsLedgerError for another ending.
    """
    forms = {".json": as_json, ".md": as_markdown}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise NewsLedgerError(f"{path}: a certificate is a .json or a .md file.")
    path.write_text(form(certificate), encoding="utf-8")


_DAYS = """
SELECT
    coalesce(s.source, c.source) AS source,
    coalesce(s.day, c.day) AS day,
    s.state, s.stated, s.error,
    coalesce(c.listed, 0) AS listed,
    coalesce(c.stored, 0) AS stored,
    coalesce(c.revised, 0) AS revised,
    coalesce(c.unchanged, 0) AS unchanged,
    coalesce(c.rejected, 0) AS rejected,
    coalesce(c.deferred, 0) AS deferred,
    coalesce(c.removed, 0) AS removed,
    coalesce(c.missing, 0) AS missing
FROM slice_states AS s
FULL JOIN completeness AS c ON c.source = s.source AND c.day = s.day
WHERE ($source = '' OR coalesce(s.source, c.source) = $source)
    AND coalesce(s.day, c.day) >= $since AND coalesce(s.day, c.day) < $until
"""
_REASONS = """
SELECT l.source, l.day, o.outcome, o.reason, count(*) AS listings
FROM listing_days AS l
INNER JOIN listing_outcomes AS o ON o.listing_id = l.listing_id
WHERE o.reason <> '' AND o.outcome IN ('rejected', 'deferred')
    AND ($source = '' OR l.source = $source) AND l.day >= $since AND l.day < $until
GROUP BY ALL
ORDER BY l.source, l.day, listings DESC, o.reason
"""
_WHY = {
    NEVER_BEGUN: "no backfill was asked for it; what is counted came by polls or with other days",
    "open": "a backfill is at it, or was interrupted",
    "early": "its lists were read before the day was an hour over, or by a wrong clock",
    "failed": "its lists could not be read whole",
}


def _day(row: Mapping[str, Any], reasons: Mapping[str, Mapping[str, int]]) -> Day:
    state = row.get("state") or NEVER_BEGUN
    counts = {name: row.get(name, 0) for name in OUTCOMES}
    return Day(
        source=row["source"],
        day=row["day"],
        state=state,
        stated=row.get("stated"),
        listed=row["listed"],
        **counts,
        reasons=reasons,
        gap=_gap(state, row, reasons),
    )


def _gap(state: str, row: Mapping[str, Any], reasons: Mapping[str, Mapping[str, int]]) -> str:
    if state == PROVEN:
        return ""
    error = f": {row['error']}" if row.get("error") else ""
    parts = [_WHY[state] + error] if state in _WHY else []
    parts += [_counted("deferred", reasons["deferred"])] if "deferred" in reasons else []
    parts += [f"{row['missing']} missing"] if row.get("missing") else []
    return "; ".join(parts)


def _counted(outcome: str, reasons: Mapping[str, int]) -> str:
    return f"{outcome}: " + ", ".join(f"{n} {why.replace('_', ' ')}" for why, n in reasons.items())


def _between(since: date | None, until: date | None, today: date) -> Iterator[date]:
    """Yield the days between two bounds, up to today; none where a bound is open."""
    if since and until:
        last = min(until, today + DAY)
        yield from (since + n * DAY for n in range((last - since).days))


def _sums(certificate: Certificate) -> dict[str, int]:
    names = ("listed", *OUTCOMES)
    return {name: sum(getattr(day, name) for day in certificate.days) for name in names}
