"""A part of `make eval`: how right and how complete the facts are, on the gold articles.

A found fact is right when a gold fact of the article has its kind and symbol; then each value that
both have is compared. Found facts about one matter (EPS here, revenue there) count as one, as they
do in the views. Intervals are Wilson's at 95 %. `python tests/eval_facts.py FOLDER` reads others;
`--errors` shows each miss.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isclose, sqrt
from pathlib import Path
from typing import Any

from rich.console import Console

from flows.display import print_rows
from tasks.articles.records import Article, Fact
from tasks.tagging.facts.analysts import load_analysts
from tasks.tagging.facts.patterns import fold
from tasks.tagging.tagger import load_tagger
from tests.articles import article

GOLD = Path(__file__).parent / "gold" / "articles"
_Z = 1.96
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
class Score:
    """Counts of one kind in one language."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    values_right: int = 0
    values_wrong: int = 0
    values_missed: int = 0
    errors: list[str] = field(default_factory=list)


def gold_articles(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (name, content) of each gold file below a folder."""
    for path in sorted(folder.rglob("*.toml")):
        yield path.stem, tomllib.loads(path.read_text(encoding="utf-8"))


def built(gold: Mapping[str, Any]) -> Article:
    """Return the gold file's article, as extraction would leave it."""
    made = article(
        gold["title"],
        gold["text"].strip(),
        language=gold["language"],
        tickers=tuple(gold.get("publisher_tickers", ())),
        topics=tuple(gold.get("publisher_topics", ())),
    )
    published = gold.get("published_at")
    if not isinstance(published, datetime):
        return made
    aware = published if published.tzinfo else published.replace(tzinfo=UTC)
    fields = {name: getattr(made, name) for name in Article.__slots__}
    return Article(**(fields | {"published_at": aware}))


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
        return one == other or one.endswith(other) or other.endswith(one)
    return one == other


def _folded(value: Any) -> str:
    printed = value.isoformat() if isinstance(value, date) else str(value)
    return "".join(c for c in printed.casefold() if c.isalnum())


def judge(name: str, gold: Mapping[str, Any], scores: dict[tuple[str, str], Score]) -> None:
    """Add one article's counts to the scores by (kind, language)."""
    expect = gold["expect"]
    either = [{entry.rpartition(":")[2] for entry in some} for some in expect.get("either", [])]
    wanted = list(expect.get("facts", []))
    open_labels = list(range(len(wanted)))
    for group in matters(load_tagger().tag(built(gold)).facts):
        kind, symbol = group[0].kind, group[0].symbol
        score = scores.setdefault((kind, gold["language"]), Score())
        values = values_of(group)
        fits = [
            place
            for place in open_labels
            if wanted[place]["kind"] == kind
            and _same_symbol(wanted[place]["symbol"].rpartition(":")[2], symbol, either)
        ]
        if not fits:
            score.wrong += 1
            score.errors.append(f"{name}: WRONG {kind} {symbol} {values} | {group[0].text!r}")
            continue
        best = max(fits, key=lambda place: _agreement(values, labels_of(wanted[place])))
        open_labels.remove(best)
        _compare(name, f"{kind} {symbol}", values, labels_of(wanted[best]), score)
    for place in open_labels:
        missed = wanted[place]
        score = scores.setdefault((missed["kind"], gold["language"]), Score())
        score.missed += 1
        score.values_missed += len(labels_of(missed))
        score.errors.append(f"{name}: MISSED {missed['kind']} {missed}")


def _same_symbol(wanted: str, found: str, either: Sequence[set[str]]) -> bool:
    return wanted == found or any({wanted, found} <= group for group in either)


def _agreement(values: _Values, labels: _Values) -> int:
    return sum(is_same(n, values[n], v) for n, v in labels.items() if n in values)


def _compare(name: str, what: str, values: _Values, labels: _Values, score: Score) -> None:
    score.right += 1
    for label, wanted in labels.items():
        if label not in values:
            score.values_missed += 1
            score.errors.append(f"{name}: {what} lacks {label}={wanted}; has {values}")
        elif is_same(label, values[label], wanted):
            score.values_right += 1
        else:
            score.values_wrong += 1
            score.errors.append(f"{name}: {what} VALUE {label}={values[label]}, wanted {wanted}")


def share(part: int, whole: int) -> str:
    """Return a share with its interval, ``.98 (.95-.99)``; "-" of nothing."""
    if not whole:
        return "-"
    p, n = part / whole, whole
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return f"{p:.3f} ({max(0, middle - half):.2f}-{min(1, middle + half):.2f})"


def _row(kind: str, language: str, s: Score) -> tuple[str, ...]:
    return (
        kind,
        language,
        str(s.right + s.missed),
        share(s.right, s.right + s.wrong),
        share(s.right, s.right + s.missed),
        share(s.values_right, s.values_right + s.values_wrong),
        share(s.values_right, s.values_right + s.values_wrong + s.values_missed),
    )


def total(scores: Sequence[Score]) -> Score:
    """Return the sum of several scores."""
    names = ("right", "wrong", "missed", "values_right", "values_wrong", "values_missed")
    sums = Counter({name: sum(getattr(s, name) for s in scores) for name in names})
    return Score(**sums)


def evaluate(folder: Path) -> dict[tuple[str, str], Score]:
    """Return the scores by (kind, language) on the gold files below a folder."""
    scores: dict[tuple[str, str], Score] = {}
    for name, gold in gold_articles(folder):
        judge(name, gold, scores)
    return scores


def main() -> None:
    """Print the table for the gold articles, or for those in the folder that is named."""
    folders = [Path(word) for word in sys.argv[1:] if not word.startswith("--")]
    scores = evaluate(folders[0] if folders else GOLD)
    rows = [_row(kind, language, s) for (kind, language), s in sorted(scores.items())]
    for language in sorted({language for _, language in scores}):
        some = [s for (_, spoken), s in scores.items() if spoken == language]
        rows.append(_row("all", language, total(some)))
    rows.append(_row("all", "all", total(list(scores.values()))))
    columns = ("facts", "language", "gold", "precision", "recall")
    console = Console(highlight=False, width=160)
    print_rows((*columns, "values: precision", "values: recall"), rows, console)
    if "--errors" in sys.argv:
        for score in scores.values():
            for error in score.errors:
                console.print(error, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
