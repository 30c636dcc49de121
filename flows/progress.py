"""How a run tells what it is doing: to Prefect's log, to a terminal, or in plain lines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar

from tasks.articles.records import Outcome


class Progress(Protocol):
    """What a run reports to."""

    def say(self, text: str) -> None:
        """Tell one thing that happened."""

    def expect(self, count: int) -> None:
        """Expect so many more listings."""

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Take note that these listings have ended."""


class LogProgress:
    """Reports to the log of the Prefect run."""

    def say(self, text: str) -> None:
        from prefect import get_run_logger  # noqa: PLC0415  Prefect is slow to import

        get_run_logger().info(text)

    def expect(self, count: int) -> None:
        self.say(f"{count:,} listings to work on")

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        self.say(_counted(Counter(o.outcome for o in outcomes)))


class PlainProgress:
    """Prints plain lines, for pipes and log files."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = monotonic()
        self._expected = self._ended = 0

    def say(self, text: str) -> None:
        self._console.print(f"{monotonic() - self._started:6.1f}s  {text}", soft_wrap=True)

    def expect(self, count: int) -> None:
        self._expected += count
        self.say(f"{count:,} listings to work on")

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        self._ended += len(outcomes)
        counts = _counted(Counter(o.outcome for o in outcomes))
        self.say(f"{self._ended:,} of {self._expected:,} listings: {counts}")


class TerminalProgress:
    """Shows a live bar on a terminal, with what happened above it."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", total=None)
        self._expected = 0
        self._counts: Counter[str] = Counter()

    def say(self, text: str) -> None:
        self._bar.update(self._task, description=text)

    def expect(self, count: int) -> None:
        self._expected += count
        self._bar.update(self._task, total=self._expected, description="Fetching and reading")

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        self._counts.update(o.outcome for o in outcomes)
        self._bar.update(self._task, advance=len(outcomes), description=_counted(self._counts))


_reported_to: ContextVar[Progress | None] = ContextVar("reported_to", default=None)


def progress() -> Progress:
    """Return what the current run reports to."""
    return _reported_to.get() or LogProgress()


@contextmanager
def shown_on(console: Console) -> Iterator[Progress]:
    """Show the progress of the flows that run inside: live on a terminal, else in plain lines."""
    if not console.is_terminal:
        yield from _reporting(PlainProgress(console))
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield from _reporting(TerminalProgress(bar))


def _reporting(reported_to: Progress) -> Iterator[Progress]:
    token = _reported_to.set(reported_to)
    try:
        yield reported_to
    finally:
        _reported_to.reset(token)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
