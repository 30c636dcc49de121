"""What `newsledger status` prints for people. All times are in UTC."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from flows.display import print_indented, print_rows, short_time
from flows.status import Row, Status
from flows.summary import counted

FEW = 2  # sources of a run that are named


def print_status(status: Status, now: datetime, console: Console) -> None:
    """Print a status: what fails first; equal problems are told once, beneath their table."""
    if status.failing:
        rows = [_failing(check, now) for check in status.failing]
        print_rows(("check", "subject", "detail", "since"), rows, console, "Failing checks (UTC)")
        console.print()
    if status.runs:
        runs = [_run(run, now) for run in status.runs]
        columns = ("started", "flow", "sources", "state", "listed", "outcomes")
        print_rows(columns, runs, console, "Last runs (UTC)")
        _print_lines((_error(error, now) for error in status.errors), console)
        console.print()
    if status.sources:
        columns = ("source", "articles", "newest", "last poll", "new", "next poll")
        sources = [_source(source, now) for source in status.sources]
        print_rows(columns, sources, console, "Sources (UTC)")
        _print_lines(_problems(status.sources), console)
        console.print()
    print_rows(list(status.rows), [list(status.rows.values())], console, "Rows")
    console.print(f"\n{status.file}, {status.bytes / 1e6:,.1f} MB", soft_wrap=True, markup=False)


def _failing(check: Row, now: datetime) -> tuple[object, ...]:
    since = short_time(check["failing_since_at"], now)
    return (check["check"], check["subject"], check["detail"], since)


def _run(run: Row, now: datetime) -> tuple[object, ...]:
    names = run["sources"]
    sources = ", ".join(names) if len(names) <= FEW else f"{len(names)} sources"
    started = short_time(run["started_at"], now)
    return (started, run["flow"], sources, run["state"], run["listed"], counted(run))


def _error(error: Row, now: datetime) -> str:
    """Say what ended runs, and how often."""
    when = short_time(error["last_at"], now)
    times = when if error["times"] == 1 else f"{error['times']} times, last {when}"
    return f"{', '.join(error['flows'])}, {times}: {'; '.join(_parts(error['error']))}"


def _source(source: Row, now: datetime) -> tuple[object, ...]:
    newest = source["newest_published_at"]
    return (
        source["source"],
        source["articles"],
        newest.date() if newest else None,
        short_time(source["polled_at"], now),
        source["new_listings"],
        short_time(source["next_poll_at"], now),
    )


def _problems(sources: Sequence[Row]) -> list[str]:
    """Say of which sources each thing is to be said, once."""
    said: dict[str, list[str]] = {}
    for source in sources:
        failures = source["failures"]
        times = f" (failed {failures} time{'s' * (failures > 1)})" if failures else ""
        for why in _parts(source["why"]):
            said.setdefault(why, []).append(source["source"] + times)
    return [f"{', '.join(names)}: {why}" for why, names in said.items()]


def _parts(problems: str) -> list[str]:
    """Return the problems that a ledger's text joins, each once."""
    return list(dict.fromkeys(filter(None, problems.split("; "))))


def _print_lines(lines: Iterable[str], console: Console) -> None:
    for line in lines:
        print_indented(Text(line), console)
