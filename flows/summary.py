"""What a run came to: the command's closing table and Prefect's artifact are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.accounts import OUTCOMES, Poll
from warehouse.checking import Failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A finished run."""

    run_id: str
    polls: tuple[Poll, ...]
    warnings: tuple[str, ...]
    failing: tuple[Failing, ...]  # checks of the warehouse
    pages: int  # pages that were fetched, extracted and loaded
    seconds: float  # from the first request to the last commit
    failure: str  # why the run failed; empty when it did not


def table_rows(summary: Summary) -> list[dict[str, str]]:
    """Return a row a source, and one of their sums when there are several."""
    rows = [_row(poll.source, [poll]) for poll in summary.polls]
    if len(summary.polls) != 1:
        rows.append(_row("all", list(summary.polls)))
    return rows


def short_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows of the same table for a narrow terminal."""
    rows = [[x.source, f"{x.listed:,}", counted(x.counts)] for x in summary.polls]
    return ["source", "listed", "outcomes"], rows


def counted(counts: Mapping[str, int]) -> str:
    """Say how many listings ended how, leaving out how none did: 38 stored, 5 rejected."""
    return ", ".join(f"{counts[name]:,} {name}" for name in OUTCOMES if counts[name])


def notes(summary: Summary) -> list[str]:
    """Return what a person should know besides the table, a sentence each."""
    lines = [] if summary.polls else ["No source was due; newsledger status says when each is."]
    lines += [
        f"{poll.source}: {name}: "
        + ", ".join(f"{n} {why.replace('_', ' ')}" for why, n in reasons.most_common())
        for poll in summary.polls
        for name, reasons in poll.reasons.items()
    ]
    lines += [
        f"{poll.source}: {poll.revisited:,} of the listed were looked at again"
        for poll in summary.polls
        if poll.revisited
    ]
    lines += [f"{poll.source}: {problem}" for poll in summary.polls for problem in poll.problems]
    lines += [f"check {x.check_name}: {x.subject}: {x.detail}" for x in summary.failing]
    return lines + list(summary.warnings)


def rate(summary: Summary) -> str:
    """Say how many pages were worked on, and how fast."""
    if not summary.pages:
        return f"Nothing new, in {summary.seconds:.1f} s."
    each = summary.pages / summary.seconds
    return f"{summary.pages:,} pages in {summary.seconds:.1f} s: {each:.1f} a second."


def as_markdown(summary: Summary) -> str:
    """Return the summary as Markdown, for Prefect's artifact."""
    rows = table_rows(summary)
    head = list(rows[0])
    table = [head, ["---"] * len(head), *(list(row.values()) for row in rows)]
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    lines += ["", rate(summary)]
    lines += ["", *(f"- {note}" for note in notes(summary))] if notes(summary) else []
    return "\n".join(lines)


def _row(name: str, polls: list[Poll]) -> dict[str, str]:
    counts = {outcome: sum(poll.counts[outcome] for poll in polls) for outcome in OUTCOMES}
    listed = {"listed": sum(poll.listed for poll in polls)}
    return {"source": name} | {key: f"{count:,}" for key, count in (listed | counts).items()}
