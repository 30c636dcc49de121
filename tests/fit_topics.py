"""Fits the weights of ``tasks/tagging/topic_choice.py`` to the labelled articles of ``dev``.

`python tests/fit_topics.py` prints them beside those that the code has, and the micro-F1 that
fitted ones reach on articles held back (five folds, whole articles). What the two editors do not
agree on is left out. Needs the extra `train`.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.tagging.topic_choice import _WEIGHTS, Choice, Signs
from tests.eval_topics import Judged, judge
from tests.measuring import gold_articles

FOLDS = 5
KEPT_FROM = 0.4  # the share of certainty from which a topic is kept when the folds are judged
WEAK = 1.0  # how little the weights are held back: scikit-learn's C


def main(console: Console) -> None:
    """Fit, and print."""
    signs, labels, groups, missed = _examples()
    fitted = _fitted(signs, labels)
    weights = [fitted.intercept_[0], *fitted.coef_[0]]
    rows = [
        (name, f"{new:.2f}", f"{old:.2f}")
        for name, new, old in zip(Signs._fields, weights, _WEIGHTS, strict=True)
    ]
    print_rows(("sign", "fitted", "in use"), rows, console)
    console.print(
        f"Held back: micro-F1 {_held_back(signs, labels, groups, missed):.3f}, of"
        f" {len(labels):,} topics that may be kept in {len(set(groups))} articles; in use"
        f" {_f1(signs @ np.array(_WEIGHTS) > 0, labels, missed):.3f} on the same ones."
    )


def _examples() -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return signs, labels and article of what may be kept, and how many labels are not in it."""
    rows: list[Signs] = []
    labels: list[bool] = []
    groups: list[int] = []
    missed = 0
    for number, (one, found) in enumerate(_weighed()):
        plain = {topic: signs for topic, signs in found.items() if topic not in one.doubtful}
        rows += plain.values()
        labels += [topic in one.wanted for topic in plain]
        groups += [number] * len(plain)
        missed += len(one.wanted - one.doubtful - plain.keys())
    return np.array(rows, dtype=float), np.array(labels), np.array(groups), missed


def _weighed() -> Iterator[tuple[Judged, dict[str, Signs]]]:
    """Yield each article as judged, and the signs of what it may be filed under."""
    weigh = Choice.weighed
    found: list[dict[str, Signs]] = []

    def noted(choice: Choice) -> dict[str, Signs]:
        found.append(weigh(choice))
        return found[-1]

    with patch.object(Choice, "weighed", noted):
        for gold in gold_articles(()):
            if gold.half == "dev":
                found.clear()
                yield judge(gold), found[-1]


def _fitted(signs: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=WEAK, max_iter=1_000).fit(signs[:, 1:], labels)


def _held_back(signs: np.ndarray, labels: np.ndarray, groups: np.ndarray, missed: int) -> float:
    kept = np.zeros(len(labels), dtype=bool)
    for learnt, judged in GroupKFold(FOLDS).split(signs, labels, groups):
        model = _fitted(signs[learnt], labels[learnt])
        kept[judged] = model.predict_proba(signs[judged, 1:])[:, 1] >= KEPT_FROM
    return _f1(kept, labels, missed)


def _f1(kept: np.ndarray, labels: Sequence[bool] | np.ndarray, missed: int) -> float:
    right = int(np.sum(kept & labels))
    return 2 * right / (int(np.sum(kept)) + int(np.sum(labels)) + missed)


if __name__ == "__main__":
    main(Console(highlight=False))
