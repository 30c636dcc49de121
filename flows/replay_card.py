"""What `newsledger reprocess` and `newsledger rebuild` print.

What is different, by language and by rule, with examples; rows of the earlier warehouse and now.
"""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from flows.display import print_rows
from flows.rebuild import Rebuilt
from flows.tally import Example, Reprocessed, language_rows, rule_rows

_MOST_RULES = 12
_NOTHING = (
    "Nothing to read again: no article of these sources was published (or, where that is unknown,"
    " first seen) in that span."
)


def print_reprocessed(done: Reprocessed, console: Console) -> None:
    """Print a finished run: +gained -lost ~changed, then what could not be read."""
    tally = done.tally
    if rows := language_rows(tally):
        print_rows(list(rows[0]), [list(row.values()) for row in rows], console)
    if rows := rule_rows(tally, _MOST_RULES):
        console.print()
        title = "Differences by rule (kind of evidence)"
        print_rows(list(rows[0]), [list(row.values()) for row in rows], console, title=title)
    _print_examples(tally.examples, console)
    for problem in dict.fromkeys(tally.problems):
        console.print(Text(f"  {problem}"), soft_wrap=True)
    for line in _told(done):
        console.print(line, soft_wrap=True, markup=False)


def _print_examples(examples: Sequence[Example], console: Console) -> None:
    if examples:
        console.print(Text("\nExamples", "bold"))
    for headline, found in examples:
        figures = f": {found.before} -> {found.after}" if found.before or found.after else ""
        rule = f" ({found.rule})" if found.rule else ""
        _print_cut(Text(headline or "(no title)"), console)
        said = f"  {found.part} {found.change}: {found.subject}{figures}{rule}"
        _print_cut(Text(said, "dim"), console)


def _print_cut(line: Text, console: Console) -> None:
    """Print a line, cut off where the terminal ends."""
    console.print(line, no_wrap=True, overflow="ellipsis")


def _told(done: Reprocessed) -> list[str]:
    read, different = done.tally.read.total(), done.tally.changed.total()
    if not read and not done.missing:
        return [_NOTHING]
    lines = [f"\n{read:,} articles read again in {done.seconds:.1f} s, {different:,} different."]
    if done.missing:
        lines.append(
            f"{done.missing:,} could not be read again: their pages are not in the archive, or"
            " damaged, or a newer version came meanwhile. They stay as they are; --only"
            " tickers,topics,facts reads their stored texts."
        )
    if done.dry_run:
        lines.append("Nothing was appended: this was a dry run.")
    else:
        lines.append(f"{done.tally.restated:,} versions appended with the cause reprocessed.")
    if done.file:
        lines.append(f"All differences, a row each: {done.file}")
    return lines


def print_rebuilt(done: Rebuilt, console: Console) -> None:
    """Print a finished rebuild: rows before and now, then what could not be read."""
    rows = [
        [table, "" if before is None else f"{before:,}", f"{now:,}"]
        for table, before, now in done.rows
    ]
    print_rows(["table", "before", "now"], rows, console)
    for problem in dict.fromkeys(done.problems):
        console.print(Text(f"  {problem}"), soft_wrap=True)
    console.print(f"\nBatches loaded: {done.batches:,}, in {done.seconds:.1f} s.", soft_wrap=True)
    if done.carried:
        console.print(
            f"{done.carried:,} versions are as they were: their pages are erased or damaged.",
            soft_wrap=True,
        )
    console.print(
        f"What no page tells was carried over from {done.told}."
        if done.told
        else "No earlier ledger could be opened, so what no page tells is not there: fetches that"
        " failed, removals that servers or lists told, runs, takedowns.",
        soft_wrap=True,
        markup=False,
    )
    console.print(f"To use it: NEWSLEDGER_HOME={done.home}", soft_wrap=True, markup=False)
