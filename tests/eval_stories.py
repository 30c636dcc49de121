"""A part of `make eval`: which articles are linked as one story, on pairs labelled by others.

The groups of ``gold/stories`` are tagged and loaded together, first in the order of time and then
backwards; a pair counts as linked when both articles end in one story. `python
tests/eval_stories.py [FOLDER...]` measures other groups.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tests.measuring import Share, run
from tests.tellings import Telling, load, stories
from tests.warehouse_rows import START
from warehouse.schema import bring_up_to_date

GOLD = Path(__file__).parent / "gold" / "stories"


@dataclass(frozen=True)
class Pair:
    """Two articles, whether they tell one story, and why that is hard to tell."""

    group: str
    one: str
    other: str
    is_same: bool
    kind: str


def groups(folders: Sequence[Path] = ()) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each labelled group by its name."""
    for path in sorted(path for folder in folders or [GOLD] for path in folder.glob("*.toml")):
        yield path.stem, tomllib.loads(path.read_text(encoding="utf-8"))


def tellings(name: str, group: Mapping[str, Any]) -> list[Telling]:
    """Return a group's articles."""
    return [
        Telling(
            name=f"{name}.{text['id']}",
            title=text["title"],
            text=text["text"].strip(),
            language=text["language"],
            minute=_minute(text["published_at"]),
            tickers=tuple(text["tickers"]),
        )
        for text in group["texts"]
    ]


def pairs(name: str, group: Mapping[str, Any]) -> list[Pair]:
    """Return a group's labelled pairs."""
    return [
        Pair(name, f"{name}.{one}", f"{name}.{other}", pair["same"], pair["kind"])
        for pair in group["pairs"]
        for one, other in [pair["of"]]
    ]


def together(told: Sequence[Telling]) -> dict[str, str]:
    """Load these, each in a batch of its own, and return the first of its story for each."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        bring_up_to_date(connection)
        load(connection, *([telling] for telling in told))
        return {name: first for first, names in stories(connection).items() for name in names}


def main(console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True) -> None:
    """Print precision and recall over all pairs, by kind, and the pairs that went wrong."""
    told = [telling for name, group in groups(folders) for telling in tellings(name, group)]
    labelled = [pair for name, group in groups(folders) for pair in pairs(name, group)]
    story = together(sorted(told, key=lambda telling: telling.minute))
    backwards = together(sorted(told, key=lambda telling: -telling.minute))
    linked = {pair: story[pair.one] == story[pair.other] for pair in labelled}
    labels = {(p.one, p.other) for p in labelled}
    across = [
        (one.name, other.name)
        for at, one in enumerate(told)
        for other in told[:at]
        if story[one.name] == story[other.name]
        and not {(one.name, other.name), (other.name, one.name)} & labels
    ]
    right = sum(linked[pair] for pair in labelled if pair.is_same)
    rows = [
        ("precision", str(Share(right, sum(linked.values()) + len(across)))),
        ("recall", str(Share(right, sum(pair.is_same for pair in labelled)))),
        ("unlike kept apart", str(_apart(labelled, linked))),
    ]
    print_rows(("stories", "share of pairs"), rows, console, title="Stories")
    kinds = sorted({(pair.kind, pair.is_same) for pair in labelled})
    print_rows(
        ("kind", "one story", "pairs", "linked"),
        [
            (kind, same, len(of), sum(linked[pair] for pair in of))
            for kind, same in kinds
            for of in [[p for p in labelled if (p.kind, p.is_same) == (kind, same)]]
        ],
        console,
    )
    for pair in labelled if with_mistakes else ():
        if linked[pair] != pair.is_same:
            console.print(f"  wrong: {pair.one} and {pair.other} ({pair.kind})")
    for pair_across in across:
        console.print(f"  wrong: {' and '.join(pair_across)} (of two groups)")
    console.print(f"Loaded backwards, {sum(backwards[n] != story[n] for n in story)} differ.")


def _apart(labelled: Sequence[Pair], linked: Mapping[Pair, bool]) -> Share:
    share = Share()
    share.add(not linked[pair] for pair in labelled if not pair.is_same)
    return share


def _minute(published_at: datetime) -> float:
    return (published_at.astimezone(UTC) - START).total_seconds() / 60


if __name__ == "__main__":
    run(main)
