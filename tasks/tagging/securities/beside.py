"""Phrases that stand directly beside a name and tell what it is there."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.tagging.securities.words import choices, split_phrases

_LONGEST = 6  # words of a phrase


@dataclass(frozen=True, slots=True)
class Beside:
    """Phrases as ``words_of`` writes them, with blanks at both ends."""

    before: frozenset[str]
    after: frozenset[str]
    trades: tuple[str, ...] = ()  # endings of words for what a company does, as German makes them

    def follows_trade(self, before: str) -> bool:
        """Tell whether the word before says what a company does: "Chiphersteller Intel"."""
        return bool(self.trades) and "".join(before.split()[-1:]).endswith(self.trades)

    def fits(self, before: str, after: str) -> bool:
        """Tell whether one of the phrases ends the words before or begins the words after."""
        left, right = before.split()[-_LONGEST:], after.split()[:_LONGEST]
        return any(
            f" {' '.join(left[place:])} " in self.before for place in range(len(left))
        ) or any(f" {' '.join(right[:place])} " in self.after for place in range(1, len(right) + 1))


def read_beside(files: Sequence[Mapping[str, str]]) -> Beside:
    """Return the phrases under ``before``, ``after`` and ``trades`` of all files; or KeyError."""
    before, after = (
        frozenset(w for file in files for line in split_phrases(file[side]) for w in choices(line))
        for side in ("before", "after")
    )
    trades = tuple(word for file in files for word in file.get("trades", "").split())
    return Beside(before, after, trades)


def read_files(paths: Sequence[Path]) -> list[dict[str, str]]:
    """Read files of phrases. Raises OSError or TOMLDecodeError for an unusable one."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
