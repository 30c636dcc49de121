"""From where on a model may add a topic, and below what it may remove one that the rules found.

Both are chosen on articles that the model had not seen when it scored them. An addition must be
right three times in four, two imaginary wrong ones counted, and so must a removal: with little to
go by, the rules stand alone. Among the bounds that hold this, the one that mends most is taken.

Arrays are (article, topic): ``scores`` are log-odds, NaN where the model says nothing; ``labels``
1 and 0, and -1 where nobody said.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIGHT = 0.75  # least share of additions, and of removals, that are right
DOUBT = 2  # wrong ones that are imagined: six right ones in a row are the fewest that will do

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Bounds:
    """For each topic; infinite where the model is not to be trusted with it."""

    adds_from: NDArray[np.float32]
    removes_below: NDArray[np.float32]


def choose_bounds(scores: Floats, labels: Ints, found: Bools, weak: Bools) -> Bounds:
    """Choose the bounds of each topic.

    ``found`` is what the rules found, ``weak`` what of it may be removed.
    """
    adds, removes = [], []
    for topic in range(scores.shape[1]):
        score, label = scores[:, topic], labels[:, topic]
        may_add = ~found[:, topic] & (label >= 0) & ~np.isnan(score)
        may_remove = weak[:, topic] & (label >= 0) & ~np.isnan(score)
        adds.append(_lowest(score[may_add], label[may_add] == 1))
        removes.append(-_lowest(-score[may_remove], label[may_remove] == 0))
    return Bounds(np.array(adds, np.float32), np.array(removes, np.float32))


def decide(bounds: Bounds, scores: Floats, found: Bools, weak: Bools) -> Bools:
    """Return what rules and model find together."""
    added = ~found & (scores >= bounds.adds_from)
    removed = weak & (scores < bounds.removes_below)
    return (found | added) & ~removed


def _lowest(scores: Floats, is_right: Bools) -> float:
    """Return the bound from which on what scores higher is right often enough, or infinity.

    It lies half-way between two scores, so that no rounding decides.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, right = scores[order], np.cumsum(is_right[order])
    taken = np.arange(1, len(ranked) + 1)
    next_lower = np.append(ranked[1:], ranked[-1:] - 1)
    holds = (right >= RIGHT * (taken + DOUBT)) & (ranked > next_lower)
    if not holds.any():
        return float("inf")
    mended = np.where(holds, 2 * right - taken, -1)
    best = int(np.argmax(mended))
    return float((ranked[best] + next_lower[best]) / 2)
