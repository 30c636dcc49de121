"""What `backfill` and `status --completeness` print for people."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flows.backfill import Backfilled
from flows.cards import print_summary
from flows.completeness import Certificate, Day, cells, summary
from flows.display import MAX_ROWS_ON_SCREEN, print_indented, print_rows
from flows.forecast import Expected
from flows.summary import counted
from warehouse.slices import PROVEN


def print_backfilled(done: Backfilled, news: Path, console: Console) -> None:
    """Print a finished backfill: what it did, how many days are proven, and what fills the rest."""
    print_summary(done.summary, news, console, is_new=False)
    proven = done.states[PROVEN]
    others = "".join(f", {n:,} {name}" for name, n in done.states.items() if name != PROVEN)
    console.print(f"{proven:,} of {done.days:,} days are proven{others}.", soft_wrap=True)
    if proven < done.days:
        console.print(
            f"Why: newsledger status --completeness --source {done.source}\n"
            f"Later: newsledger backfill {done.source} --gaps",
            soft_wrap=True,
            markup=False,
        )


def print_forecast(expected: Sequence[Expected], console: Console) -> None:
    """Print what the lists give for each day, and how much of it is known."""
    rows = [(x.day, x.listed, x.known, x.listed - x.known, x.error) for x in expected]
    _print_days(("day", "listed", "known", "new", "problem"), rows, console)
    listed, known = sum(x.listed for x in expected), sum(x.known for x in expected)
    console.print(
        f"{len(expected):,} days to fill; of {listed:,} listings {known:,} are known,"
        f" {listed - known:,} would be fetched. Nothing was stored.",
        soft_wrap=True,
    )


def print_certificate(certificate: Certificate, console: Console) -> None:
    """Print each day's counts, the gaps with their reasons, and how much is proven."""
    columns = ("source", "day", "state", "stated", "listed", "outcomes")
    _print_days(columns, [_row(day) for day in certificate.days], console)
    for (source, gap), days in _gaps(certificate.days).items():
        more = f" to {days[-1].day} ({len(days):,} days)" if len(days) > 1 else ""
        print_indented(Text(f"{source}, {days[0].day}{more}: {gap}"), console)
    console.print(f"{summary(certificate)} Days are in UTC.", soft_wrap=True)


def _row(day: Day) -> tuple[object, ...]:
    """Return a day's row, its outcomes with their reasons in one cell."""
    said = counted(asdict(day)) + (f", {day.missing:,} missing" if day.missing else "")
    why = cells(day)[-1]
    outcomes = f"{said} ({why})" if why else said
    return (day.source, day.day, day.state, day.stated, day.listed, outcomes)


def _gaps(days: Sequence[Day]) -> dict[tuple[str, str], list[Day]]:
    """Put the days of a source together that are not proven for the same reason."""
    gaps: dict[tuple[str, str], list[Day]] = {}
    for day in days:
        if day.gap:
            gaps.setdefault((day.source, day.gap), []).append(day)
    return gaps


def _print_days(columns: Sequence[str], rows: Sequence[Sequence[object]], console: Console) -> None:
    shown = rows[-MAX_ROWS_ON_SCREEN:] if console.is_terminal else rows
    if shown:
        print_rows(columns, shown, console)
    if len(shown) < len(rows):
        console.print(f"{len(rows) - len(shown):,} more days; a pipe or file gets all of them.")
