"""Runs the checks of ``checks/*.sql`` and keeps what they found: a row returned is a failure.

A check is one SELECT of ``subject`` and ``detail``; its first lines say what it checks and why. It
may use ``getvariable('now')`` and ``getvariable('since')``: only what was committed since then has
to be looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.rows import insert
from warehouse.transaction import one_line, transaction

CHECKS = Path(__file__).parent / "checks"
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_THIN_OUT = """
DELETE FROM check_results WHERE rowid IN (
    SELECT rowid FROM check_results
    WHERE NOT is_failure AND checked_at < $1
    QUALIFY checked_at < max(checked_at) OVER (
        PARTITION BY check_name, is_partial, floor(epoch(checked_at) / 86400)
    )
)
"""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One failure, or one check that passed (then ``subject`` and ``detail`` are empty)."""

    check_name: str
    subject: str
    detail: str
    is_failure: bool
    is_partial: bool  # only rows committed since a while ago were looked at


@dataclass(frozen=True, slots=True)
class Failing:
    """What fails now: a row of the view failing."""

    check_name: str
    subject: str
    detail: str
    checked_at: datetime  # UTC
    failing_since_at: datetime  # UTC: the first check that found it, without a pause

    @property
    def is_new(self) -> bool:
        """Whether the last check was the first to find it."""
        return self.failing_since_at == self.checked_at


def run_checks(
    connection: DuckDBPyConnection,
    now: datetime,
    *,
    run_id: UUID | None = None,
    since: datetime = _BEGINNING,
    folder: Path = CHECKS,
) -> list[CheckResult]:
    """Run all checks on the live database, store what they found in check_results, and return it.

    ``now`` and ``since`` are aware: rows committed before ``since`` are taken to be right, which
    keeps the checks after a load short. Checking again for the same run, or without one at the
    same time, replaces what is stored. A check that cannot run is a failure with DuckDB's words.
    Raises WarehouseError when the results cannot be written.
    """
    is_partial = since > _BEGINNING
    with _variables(connection, now, since):
        results = [
            result
            for path in sorted(folder.glob("*.sql"))
            for result in _check(connection, path, is_partial)
        ]
    _store(connection, results, now, run_id)
    return results


def thin_out(connection: DuckDBPyConnection, before: datetime) -> int:
    """Keep of older passes the last of each check and UTC day, and return how many rows went.

    ``before`` is aware. Failures stay, and since when something fails is told as before, to the
    day. Raises WarehouseError.
    """
    with transaction(connection):
        row = connection.execute(_THIN_OUT, [before]).fetchone()
    return int(row[0]) if row else 0


def failing(connection: DuckDBPyConnection) -> list[Failing]:
    """Return what fails now, by check and subject."""
    rows = connection.execute(
        "SELECT check_name, subject, detail, checked_at, failing_since_at FROM failing"
    ).fetchall()
    return [Failing(*row) for row in rows]


def _check(connection: DuckDBPyConnection, path: Path, is_partial: bool) -> list[CheckResult]:
    sql = path.read_text(encoding="utf-8")
    is_partial = is_partial and "getvariable('since')" in sql
    try:
        rows = sorted(connection.execute(sql).fetchall())
    except duckdb.Error as error:
        rows = [(path.name, f"The check cannot run: {one_line(error)}")]
    found = [
        CheckResult(path.stem, subject, detail, is_failure=True, is_partial=is_partial)
        for subject, detail in rows
    ]
    return found or [CheckResult(path.stem, "", "", is_failure=False, is_partial=is_partial)]


@contextmanager
def _variables(connection: DuckDBPyConnection, now: datetime, since: datetime) -> Iterator[None]:
    connection.execute("SET VARIABLE now = $1::TIMESTAMPTZ", [now])
    connection.execute("SET VARIABLE since = $1::TIMESTAMPTZ", [since])
    try:
        yield
    finally:
        connection.execute("RESET VARIABLE now")
        connection.execute("RESET VARIABLE since")


def _store(
    connection: DuckDBPyConnection, results: list[CheckResult], now: datetime, run_id: UUID | None
) -> None:
    rows = [
        {
            "check_name": result.check_name,
            "subject": result.subject,
            "detail": result.detail,
            "is_failure": result.is_failure,
            "is_partial": result.is_partial,
            "run_id": run_id,
            "checked_at": now,
        }
        for result in results
    ]
    with transaction(connection):
        connection.execute(
            "DELETE FROM check_results WHERE run_id = $1 OR (run_id IS NULL AND checked_at = $2)",
            [run_id, now],
        )
        insert(connection, "check_results", rows)
