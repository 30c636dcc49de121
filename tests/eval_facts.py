"""A part of `make eval`: how right and how complete the facts are, on the labelled articles.

A found fact is right when a gold fact of the article has its kind and symbol; then each value that
both have is compared. Found facts about one matter (EPS here, revenue there) count as one, as they
do in the views. Languages without rules are named, not scored. `python tests/eval_facts.py
[FOLDER...]` measures other articles.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isclose
from pathlib import Path
from typing import Any

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.articles.records import Fact
from tasks.tagging.facts.analysts import load_analysts
from tasks.tagging.facts.patterns import fold
from tasks.tagging.facts.rulebook import languages
from tests.measuring import (
    GoldArticle,
    Scores,
    by_half,
    by_language,
    gold_articles,
    run,
    shown,
)

FIGURES = ("precision", "recall", "values: precision", "values: recall")
# Names of the labels -> names of the values; the others are the same.
_LABELS = {
    "rating_from": "rating_before",
    "rating_to": "rating",
    "target_from": "target_before",
    "target_to": "target",
    "percent": "change",
}
_NOT_VALUES = frozenset({"kind", "symbol", "quote", "currency"})
_WORDS = frozenset({"firm", "acquirer", "target"})  # names that may be printed shorter or longer
_Values = dict[str, Any]


@dataclass(slots=True)
class Judged:
    """What became of the facts of one kind in one article."""

    name: str
    half: str
    language: str
    kind: str
    found: list[bool] = field(default_factory=list)  # each found fact: is it right?
    labels: list[bool] = field(default_factory=list)  # each gold fact: is it found?
    values: list[bool] = field(default_factory=list)  # each value found: is it right?
    wanted: list[bool] = field(default_factory=list)  # each value labelled: is it found and right?
    errors: list[str] = field(default_factory=list)


def labels_of(fact: Mapping[str, Any]) -> _Values:
    """Return a gold fact's values by our names."""
    named = {_LABELS.get(name, name): v for name, v in fact.items() if name not in _NOT_VALUES}
    if fact["kind"] == "dividend" and "period" in named:
        named["frequency"] = named.pop("period")
    return {name: value for name, value in named.items() if value not in {"", None}}


def values_of(facts: Sequence[Fact]) -> _Values:
    """Return the values of facts about one matter."""
    found: _Values = {}
    for fact in facts:
        for value in fact.values:
            found.setdefault(value.name, value.value_text if value.value is None else value.value)
            if value.period and fact.kind in {"earnings", "guidance"}:
                found.setdefault("period", value.period)
    return found


def matters(facts: Sequence[Fact]) -> list[list[Fact]]:
    """Put facts together that do not contradict each other."""
    groups: list[list[Fact]] = []
    for fact in facts:
        own = values_of([fact])
        for group in groups:
            theirs = values_of(group)
            same = (group[0].kind, group[0].symbol) == (fact.kind, fact.symbol)
            if same and all(theirs[name] == own[name] for name in own if name in theirs):
                group.append(fact)
                break
        else:
            groups.append([fact])
    return groups


def is_same(name: str, found: Any, wanted: Any) -> bool:
    """Compare a value with its label: numbers to a millionth, names by how they begin."""
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-9)
    if name.startswith("rating"):
        wanted = load_analysts().ratings.get(" ".join(fold(str(wanted)).split()), wanted)
    one, other = (_folded(value) for value in (found, wanted))
    if name in _WORDS and not isinstance(wanted, (int, float)):
        return one.startswith(other[:6]) or other.startswith(one[:6])
    if name == "period":
        return _are_one_period(one, other)
    return one == other


def _are_one_period(one: str, other: str) -> bool:
    """Tell whether neither says another year or part of one: q32026, 2026q3, q3; fy, 2026."""
    years, parts = zip(*(_year_and_part(period) for period in (one, other)), strict=True)
    return parts[0] == parts[1] and (years[0] == years[1] or "" in years)


def _year_and_part(period: str) -> tuple[str, str]:
    year = re.search(r"20\d\d", period)
    return (year.group() if year else ""), re.sub(r"20\d\d|fy", "", period)


def _folded(value: Any) -> str:
    printed = value.isoformat() if isinstance(value, date) else str(value)
    return "".join(c for c in printed.casefold() if c.isalnum())


def judge(gold: GoldArticle) -> list[Judged]:
    """Read one article's facts and compare, kind by kind."""
    groups = matters(gold.tagged().facts)
    labels = _told_once(gold.expect.get("facts", []))
    kinds = {group[0].kind for group in groups} | {label["kind"] for label in labels}
    return [
        _judge_kind(
            gold,
            kind,
            [group for group in groups if group[0].kind == kind],
            [label for label in labels if label["kind"] == kind],
        )
        for kind in sorted(kinds)
    ]


def _told_once(labels: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the labels; results that do not contradict each other are one, as they are found."""
    once: list[Mapping[str, Any]] = []
    for label in labels:
        beside = next((one for one in once if _are_one_result(one, label)), None)
        if beside is None:
            once.append(label)
        else:
            once[once.index(beside)] = {**label, **beside}
    return once


def _are_one_result(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if (one["kind"], one["symbol"]) != (other["kind"], other["symbol"]):
        return False
    ours, theirs = labels_of(one), labels_of(other)
    return one["kind"] == "earnings" and all(ours[n] == theirs[n] for n in ours if n in theirs)


def _judge_kind(
    gold: GoldArticle, kind: str, groups: Sequence[Sequence[Fact]], labels: list[Mapping[str, Any]]
) -> Judged:
    judged = Judged(gold.name, gold.half, gold.language, kind)
    either = [{code.rpartition(":")[2] for code in some} for some in gold.expect.get("either", [])]
    for group in groups:
        symbol, values = group[0].symbol, values_of(group)
        fits = [
            one
            for one in labels
            if _same_symbol(one["symbol"], symbol, either)
            or (kind == "deal_value" and one["amount"] == values["amount"])  # the other party's
        ]
        judged.found.append(bool(fits))
        if fits:
            best = max(fits, key=lambda one: _agreement(values, labels_of(one)))
            labels.remove(best)
            _compare(f"{kind} {symbol}", values, labels_of(best), judged)
        else:
            judged.errors.append(f"WRONG {kind} {symbol} {values} | {group[0].text!r}")
    for missed in labels:
        judged.labels.append(False)
        judged.wanted += [False] * len(labels_of(missed))
        judged.errors.append(f"MISSED {kind} {missed}")
    return judged


def _same_symbol(label: str, found: str, either: Sequence[set[str]]) -> bool:
    wanted = label.rpartition(":")[2]
    return wanted == found or any({wanted, found} <= group for group in either)


def _agreement(values: _Values, labels: _Values) -> int:
    return sum(is_same(n, values[n], v) for n, v in labels.items() if n in values)


def _compare(what: str, values: _Values, labels: _Values, judged: Judged) -> None:
    judged.labels.append(True)
    for label, wanted in labels.items():
        if label not in values:
            judged.wanted.append(False)
            judged.errors.append(f"{what} lacks {label}={wanted}; has {values}")
            continue
        is_right = is_same(label, values[label], wanted)
        judged.wanted.append(is_right)
        judged.values.append(is_right)
        if not is_right:
            judged.errors.append(f"{what} VALUE {label}={values[label]}, wanted {wanted}")


def scores(judged: Iterable[Judged]) -> Scores:
    """Return the figures of some articles and kinds."""
    of = Scores()
    for one in judged:
        of["precision"].add(one.found)
        of["recall"].add(one.labels)
        of["values: precision"].add(one.values)
        of["values: recall"].add(one.wanted)
    return of


def ruled(judged: Iterable[Judged]) -> list[Judged]:
    """Return those in languages that have rules."""
    return [one for one in judged if one.language in languages()]


def main(console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True) -> None:
    """Print the tables, and the mistakes that may be shown."""
    judged = [one for gold in gold_articles(folders) for one in judge(gold)]
    found = ruled(judged)
    print_rows(
        ("articles", "language", *FIGURES),
        [_row(half, language, some) for half, language, some in by_language(found)],
        console,
        title="Facts, in the languages that have rules",
    )
    print_rows(
        ("articles", "kind", *FIGURES),
        [
            _row(half, kind, [one for one in some if one.kind == kind])
            for half, some in by_half(found)
            for kind in sorted({one.kind for one in some})
        ],
        console,
        title="The same by kind",
    )
    console.print(without_rules(judged))
    for one in shown(found if with_mistakes else ()):
        for error in one.errors:
            console.print(f"  {one.name}: {error}", markup=False, soft_wrap=True)


def without_rules(judged: Iterable[Judged]) -> str:
    """Say in which languages labelled facts are never found."""
    labels = Counter({one.language: 0 for one in judged if one.language not in languages()})
    for one in judged:
        if one.language not in languages():
            labels[one.language] += len(one.labels)
    named = ", ".join(f"{language} ({count} labelled)" for language, count in labels.items())
    return f"No rules, so no facts: {named or 'nowhere'}."


def _row(half: str, name: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    of = scores(judged)
    return (half, name, *(str(of[figure]) for figure in FIGURES))


if __name__ == "__main__":
    run(main)
