"""The books of a reprocessing: what was read, what is different, by rule and by language."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.differences import PARTS, Difference

SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.uuid(), nullable=False) for name in ("article_key", "version_id")),
        *(
            pa.field(name, pa.string(), nullable=False)
            for name in ("source", "language", "part", "change", "subject", "rule")
        ),
        *(pa.field(name, pa.string(), nullable=False) for name in ("before", "after")),
    ]
)
_MOST_EXAMPLES = 6
Example = tuple[str, Difference]  # a headline, and what is different


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run came to so far."""

    read: Counter[str] = field(default_factory=Counter)  # articles by language
    changed: Counter[str] = field(default_factory=Counter)  # articles by language
    restated: int = 0  # versions appended
    by_language: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_rule: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, unit: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Take note of a unit, as the journal has it."""
        self.read.update(unit["read"])
        self.changed.update(unit["changed"])
        self.restated += unit["restated"]
        for row in rows:
            self.by_language[row["language"], row["part"], row["change"]] += 1
            self.by_rule[row["part"], row["rule"], row["change"]] += 1

    def show(self, examples: Iterable[Example]) -> None:
        """Keep a few examples, of different kinds."""
        for headline, difference in examples:
            kinds = {(shown.part, shown.change) for _, shown in self.examples}
            is_another = (difference.part, difference.change) not in kinds
            if is_another and len(self.examples) < _MOST_EXAMPLES:
                self.examples.append((headline, difference))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprocessed:
    """A finished run."""

    run_id: str
    dry_run: bool
    tally: Tally
    missing: int  # articles that could not be read: their pages are not there, or damaged
    file: Path | None  # the differences, a row each; None when there are none
    seconds: float


def language_rows(tally: Tally) -> list[dict[str, str]]:
    """Return a row a language, and one of their sums: articles, and +gained -lost ~changed."""
    rows = [_row(language or "?", [language], tally) for language in sorted(tally.read)]
    if len(rows) > 1:
        rows.append(_row("all", list(tally.read), tally))
    return rows


def rule_rows(tally: Tally, most: int) -> list[dict[str, str]]:
    """Return a row a rule (kind of evidence), the one with most differences first."""
    sums: Counter[tuple[str, str]] = Counter()
    for (part, rule, _), count in tally.by_rule.items():
        sums[part, rule] += count
    return [
        {"part": part, "rule": rule}
        | {change: f"{tally.by_rule[part, rule, change]:,}" for change in _SIGNS}
        for (part, rule), _ in sums.most_common(most)
    ]


_SIGNS = {"gained": "+", "lost": "-", "changed": "~"}


def _row(name: str, languages: list[str], tally: Tally) -> dict[str, str]:
    def told(part: str) -> str:
        counts = {
            sign: sum(tally.by_language[language, part, change] for language in languages)
            for change, sign in _SIGNS.items()
        }
        return " ".join(f"{sign}{count:,}" for sign, count in counts.items() if count) or "0"

    read = sum(tally.read[language] for language in languages)
    changed = sum(tally.changed[language] for language in languages)
    parts = {part: told(part) for part in PARTS}
    return {"language": name, "articles": f"{read:,}", "different": f"{changed:,}"} | parts
