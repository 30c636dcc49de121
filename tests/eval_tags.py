"""Precision and recall of the ticker tags on the labelled articles: a part of `make eval`.

Only published tags are counted, but for the calibration, which shows all. `python
tests/eval_tags.py [FOLDER...]` measures other articles.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.articles.records import TickerTag
from tasks.tagging.tickers.evidence import PUBLISHED
from tasks.tagging.tickers.exchanges import load_exchanges
from tests.measuring import (
    GoldArticle,
    Scores,
    Share,
    by_half,
    by_language,
    gold_articles,
    run,
    shown,
)

FIGURES = ("precision", "recall", "primary right", "firms' role")
_BINS = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.001)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one gold article: each published tag right or wrong, each label met or not."""

    name: str
    half: str
    language: str
    tags: list[tuple[TickerTag, bool]]
    missed: list[str]
    met: int
    is_primary_right: bool  # the one that it should be; none, or two, where no single one should
    roles: list[bool] = field(default_factory=list)  # of what is a firm cited for its rating
    weak: list[tuple[TickerTag, bool]] = field(default_factory=list)  # below the threshold


def main(console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True) -> None:
    """Print the tables, and the mistakes that may be shown."""
    verdicts = [judge(gold) for gold in gold_articles(folders)]
    print_tables(verdicts, console)
    for line in mistakes(list(shown(verdicts if with_mistakes else ()))):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def judge(gold: GoldArticle) -> Verdict:
    """Tag one gold article and compare."""
    tags, expect = gold.tagged().tickers, gold.expect
    groups = [set(_codes(group)) for group in expect.get("either", ())]
    labels = [_options(label, groups) for label in _codes(expect["tickers"])]
    firms = [_options(label, groups) for label in _codes(expect.get("analyst_firms", ()))]
    sources = {_code(tag) for tag in tags if tag.role == "publisher"}
    published = [tag for tag in tags if tag.confidence >= PUBLISHED]
    wanted = [*labels, *firms]
    extra = sources | set(_codes(expect.get("publishers", ())))
    judged = [(t, _code(t) in extra or any(_code(t) in one for one in wanted)) for t in tags]
    found = {_code(tag) for tag in published}
    primary = _options("".join(_codes([expect.get("primary", "")])), groups)
    main_ones = {_code(tag) for tag in published if tag.role == "primary"}
    return Verdict(
        name=gold.name,
        half=gold.half,
        language=gold.language,
        tags=[(tag, right) for tag, right in judged if tag.confidence >= PUBLISHED],
        weak=[(tag, right) for tag, right in judged if tag.confidence < PUBLISHED],
        missed=[min(one) for one in labels if not one & found],
        met=sum(bool(one & found) for one in labels),
        is_primary_right=_is_top(published, primary)
        if expect.get("primary")
        else len(main_ones) != 1,
        roles=[_has_role(published, one) for one in firms if one & found],
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
    print_rows(
        ("articles", "language", "count", *FIGURES),
        [_language_row(*group) for group in by_language(verdicts)],
        console,
        title="Ticker tags that are published, by language",
    )
    print_rows(
        ("articles", "strongest evidence", "precision"),
        [row for half, some in by_half(verdicts) for row in _evidence_rows(half, some)],
        console,
        title="The same by evidence",
    )
    print_rows(
        ("articles", "confidence", "right"),
        [row for half, some in by_half(verdicts) for row in _bins(half, some)],
        console,
        title="Calibration: tags by confidence, and how many are right",
    )


def scores(verdicts: Iterable[Verdict]) -> Scores:
    """Return the figures of some articles."""
    of = Scores()
    for verdict in verdicts:
        of["precision"].add(right for _, right in verdict.tags)
        of["recall"].add([True] * verdict.met + [False] * len(verdict.missed))
        of["primary right"].add([verdict.is_primary_right])
        of["firms' role"].add(verdict.roles)
    return of


def _language_row(half: str, language: str, verdicts: Sequence[Verdict]) -> tuple[object, ...]:
    of = scores(verdicts)
    return (half, language, len(verdicts), *(str(of[figure]) for figure in FIGURES))


def _evidence_rows(half: str, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    shares: dict[str, Share] = defaultdict(Share)
    for verdict in verdicts:
        for tag, is_right in verdict.tags:
            shares[tag.evidence[0]].add([is_right])
    for kind, share in sorted(shares.items(), key=lambda entry: -entry[1].all):
        yield half, kind, str(share)


def _bins(half: str, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    tags = [pair for verdict in verdicts for pair in (*verdict.tags, *verdict.weak)]
    for low, high in pairwise(_BINS):
        share = Share()
        share.add(right for tag, right in tags if low <= tag.confidence < high)
        if share.all:
            yield half, f"{low:.2f}-{min(high, 1):.2f}", str(share)


def mistakes(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each article with a wrong tag, a missed one, or another primary one."""
    for verdict in verdicts:
        wrong = [
            f"{_code(tag)}={tag.mentions[0].text!r}({tag.evidence[0]})"
            for tag, right in verdict.tags
            if not right
        ]
        tops = [_code(tag) for tag, _ in verdict.tags if tag.role == "primary"]
        if wrong or verdict.missed or not verdict.is_primary_right:
            primary = "" if verdict.is_primary_right else f" primary {tops}"
            yield f"{verdict.name}: wrong {wrong} missed {verdict.missed}{primary}"


if __name__ == "__main__":
    run(main)
