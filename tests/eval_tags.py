"""Precision and recall of the ticker tags on the gold articles: a part of `make eval`.

The gold articles are ``tests/gold/articles/*/*.toml``: each says, beside its text, which securities
a careful reader would tag. `python tests/eval_tags.py [FOLDER...]` measures other folders.
"""

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.display import print_rows
from tasks.articles.records import TickerTag
from tasks.tagging.tagger import load_tagger
from tasks.tagging.tickers.evidence import PUBLISHED
from tasks.tagging.tickers.exchanges import load_exchanges
from tests.articles import article

GOLD = Path(__file__).parent / "gold" / "articles"
_Z = 1.96  # standard deviations on either side of 95 %
_BINS = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one gold article: each published tag right or wrong, each label met or not."""

    name: str
    language: str
    tags: list[tuple[TickerTag, bool]]
    missed: list[str]
    met: int
    is_primary_right: bool | None  # None when the article has no single one
    roles: list[bool] = field(default_factory=list)  # of what is a firm cited for its rating
    weak: list[tuple[TickerTag, bool]] = field(default_factory=list)  # below the threshold


def main(folders: Sequence[str] = ()) -> None:
    """Print the tables; name every mistake when folders are given."""
    places = [Path(folder) for folder in folders] or [GOLD]
    paths = sorted({path for place in places for path in place.rglob("*.toml")})
    verdicts = [judge(path) for path in paths]
    console = Console(highlight=False, width=110)
    if not verdicts:
        console.print(f"No gold articles in {', '.join(map(str, places))}.")
        return
    print_tables(verdicts, console)
    if folders:
        for line in mistakes(verdicts):
            console.print(line, markup=False, soft_wrap=True)


def judge(path: Path) -> Verdict:
    """Tag one gold article and compare."""
    gold: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    given = article(
        gold["title"],
        gold["text"].strip(),
        language=gold["language"],
        tickers=tuple(gold.get("publisher_tickers", ())),
        topics=tuple(gold.get("publisher_topics", ())),
    )
    published_at = gold.get("published_at", given.published_at)
    tags = load_tagger().tag(replace(given, published_at=published_at)).tickers
    expect = gold["expect"]
    groups = [set(_codes(group)) for group in expect.get("either", ())]
    labels = [_options(label, groups) for label in _codes(expect["tickers"])]
    firms = [_options(label, groups) for label in _codes(expect.get("analyst_firms", ()))]
    sources = {_code(tag) for tag in tags if tag.role == "publisher"}
    shown = [tag for tag in tags if tag.confidence >= PUBLISHED]
    wanted = [*labels, *firms]
    extra = sources | set(_codes(expect.get("publishers", ())))
    judged = [(t, _code(t) in extra or any(_code(t) in one for one in wanted)) for t in tags]
    found = {_code(tag) for tag in shown}
    primary = _options("".join(_codes([expect.get("primary", "")])), groups)
    main_ones = {_code(tag) for tag in shown if tag.role == "primary"}
    return Verdict(
        name=path.stem,
        language=gold["language"],
        tags=[(tag, right) for tag, right in judged if tag.confidence >= PUBLISHED],
        weak=[(tag, right) for tag, right in judged if tag.confidence < PUBLISHED],
        missed=[min(one) for one in labels if not one & found],
        met=sum(bool(one & found) for one in labels),
        is_primary_right=_is_top(shown, primary) if expect.get("primary") else not main_ones,
        roles=[_has_role(shown, one) for one in firms if one & found],
    )


def _codes(labels: Iterable[str]) -> list[str]:
    """Return labels as tags print them: SIX:NESN is SWX:NESN, HKEX:175 is HKEX:0175."""
    book = load_exchanges()
    parted = [(label, *label.partition(":")[::2]) for label in labels]
    known = [(label, book.symbol(book.named(place), symbol)) for label, place, symbol in parted]
    return [f"{code}:{symbol}" if symbol else label for label, (symbol, code) in known]


def _options(label: str, groups: Iterable[set[str]]) -> set[str]:
    return next((group for group in groups if label in group), {label})


def _code(tag: TickerTag) -> str:
    return f"{tag.exchange}:{tag.symbol}"


def _is_top(tags: Sequence[TickerTag], primary: set[str]) -> bool:
    """Tell whether the first primary tag, or else nothing, is the gold's."""
    top = [tag for tag in tags if tag.role == "primary"][:1]
    return bool(top) and _code(top[0]) in primary


def _has_role(tags: Sequence[TickerTag], firm: set[str]) -> bool:
    return any(_code(tag) in firm and tag.role == "analyst_firm" for tag in tags)


def print_tables(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print tags by language and by evidence, and how confidence is calibrated."""
    by_language: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_language[verdict.language].append(verdict)
    rows = [_language_row(name, some) for name, some in sorted(by_language.items())]
    console.print("\nTicker tags that are published, by language")
    print_rows(
        ("language", "articles", "precision", "recall", "primary right", "firms' role"),
        [*rows, _language_row("all", verdicts)],
        console,
    )
    console.print("\nBy the strongest evidence")
    print_rows(("evidence", "tags", "precision"), list(_evidence_rows(verdicts)), console)
    console.print("\nCalibration: tags by confidence, and how many are right")
    print_rows(("confidence", "tags", "right"), list(_bins(verdicts)), console)


def _language_row(name: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    rights = [right for verdict in verdicts for _, right in verdict.tags]
    met = sum(verdict.met for verdict in verdicts)
    missed = sum(len(verdict.missed) for verdict in verdicts)
    tops = [v.is_primary_right for v in verdicts if v.is_primary_right is not None]
    roles = [right for verdict in verdicts for right in verdict.roles]
    return (
        name,
        str(len(verdicts)),
        share(sum(rights), len(rights)),
        share(met, met + missed),
        share(sum(tops), len(tops)),
        share(sum(roles), len(roles)),
    )


def _evidence_rows(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str, str]]:
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for verdict in verdicts:
        for tag, is_right in verdict.tags:
            total[tag.evidence[0]] += 1
            right[tag.evidence[0]] += is_right
    for kind, count in total.most_common():
        yield kind, str(count), share(right[kind], count)


def _bins(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str, str]]:
    tags = [pair for verdict in verdicts for pair in (*verdict.tags, *verdict.weak)]
    for low, high in pairwise(_BINS):
        some = [right for tag, right in tags if low <= tag.confidence < high]
        yield f"{low:.2f}-{min(high, 1):.2f}", str(len(some)), share(sum(some), len(some))


def share(part: int, whole: int) -> str:
    """Return a share with its 95 % interval after Wilson: ``.97 (.94-.99)  120/124``."""
    if not whole:
        return "-"
    p, z = part / whole, _Z
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    spread = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    low, high = max(0.0, middle - spread), min(1.0, middle + spread)
    return f"{p:.3f} ({low:.2f}-{high:.2f}) {part}/{whole}"


def mistakes(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each article with a wrong tag, a missed one, or another primary one."""
    for verdict in verdicts:
        wrong = [
            f"{_code(tag)}={tag.mentions[0].text!r}({tag.evidence[0]})"
            for tag, right in verdict.tags
            if not right
        ]
        tops = [_code(tag) for tag, _ in verdict.tags if tag.role == "primary"]
        if wrong or verdict.missed or verdict.is_primary_right is False:
            primary = "" if verdict.is_primary_right is not False else f" primary {tops}"
            yield f"{verdict.name}: wrong {wrong} missed {verdict.missed}{primary}"


if __name__ == "__main__":
    main(sys.argv[1:])
