"""Deals articles into parts for cross-validation: whole stories, rare topics spread evenly."""

import numpy as np
from numpy.typing import NDArray

from tasks.tagging.learning.bounds import Ints


def deal(groups: NDArray[np.int64], labels: Ints, folds: int) -> NDArray[np.int64]:
    """Return the part, 0 to ``folds`` - 1, of each article; a story (``groups``) has one part.

    Stories with the rarest topics are dealt first, each into the part that has fewest with the
    rarest of its topics, and of these into the smallest; then those without a topic. The same input
    is dealt the same way.
    """
    _, numbers = np.unique(groups, return_inverse=True)
    has = np.zeros((int(numbers.max()) + 1, labels.shape[1]), np.int64)
    np.add.at(has, numbers, labels == 1)
    frequency = np.where(has.sum(axis=0) > 0, has.sum(axis=0), len(labels) + 1)
    rarest = np.where(has > 0, frequency, len(labels) + 1)
    sizes = np.bincount(numbers)
    held = np.zeros((folds, labels.shape[1]), np.int64)
    size = np.zeros(folds, np.int64)
    part = np.zeros(len(has), np.int64)
    for story in np.lexsort((np.arange(len(has)), rarest.min(axis=1))):
        rare = held[:, rarest[story].argmin()] if has[story].any() else size
        best = int(np.lexsort((size, rare))[0])
        part[story] = best
        held[best] += has[story]
        size[best] += sizes[story]
    return part[numbers]
