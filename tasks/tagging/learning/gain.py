"""What a model gains over the rules alone: precision, recall and F1, and how sure the gain is.

The spread of a gain is what 95 % of samples give that are drawn from the stories, not from the
articles: copies of one story say nothing new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tasks.tagging.learning.bounds import Bools, Ints

SAMPLES = 1_000
_INSIDE = (2.5, 97.5)  # percent

Counts = NDArray[np.float64]  # (..., 3): right, extra, missed


class Quality(NamedTuple):
    """How good topics are: each 0 to 1, and 0 where there is nothing to divide by."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Gain:
    """The figures of one topic, or of all: the rules alone, and with the model."""

    name: str
    positives: int  # labelled articles that have the topic
    alone: Quality
    together: Quality
    low: float  # of the gain in F1, in 95 % of the samples
    high: float

    @property
    def gain(self) -> float:
        """What the model adds to F1."""
        return self.together.f1 - self.alone.f1


@dataclass(frozen=True, slots=True)
class Report:
    """What cross-validation showed."""

    topics: tuple[Gain, ...]
    micro: Gain  # over all labels
    macro: Gain  # the mean over topics

    @property
    def helps(self) -> bool:
        """Whether the gain over all labels is more than chance."""
        return self.micro.low > 0


def measure(
    topics: Sequence[str], labels: Ints, alone: Bools, together: Bools, groups: NDArray[np.int64]
) -> Report:
    """Compare what the rules found, alone and together with the model, with the labels.

    ``groups`` numbers the story of each article, from 0 on.
    """
    counts = np.stack([_by_group(labels, found, groups) for found in (alone, together)])
    draws = np.random.default_rng(0)
    stories = counts.shape[1]
    samples = np.stack(
        [
            np.einsum("s,cstk->ctk", np.bincount(picked, minlength=stories), counts)
            for picked in (draws.integers(stories, size=stories) for _ in range(SAMPLES))
        ]
    )  # (sample, alone or together, topic, kind of count)
    total = counts.sum(axis=1)
    positives = [int(number) for number in (labels == 1).sum(axis=0)]
    each = [
        _gain(name, positives[place], total[:, place], samples[:, :, place])
        for place, name in enumerate(topics)
    ]
    micro = _gain("all, micro", sum(positives), total.sum(axis=1), samples.sum(axis=2))
    return Report(tuple(each), micro, _macro(each, samples))


def _by_group(labels: Ints, found: Bools, groups: NDArray[np.int64]) -> Counts:
    """Return (story, topic, kind): how many topics are right, extra and missed."""
    kinds = [(labels == 1) & found, (labels == 0) & found, (labels == 1) & ~found]
    counts = np.zeros((int(groups.max()) + 1, labels.shape[1], len(kinds)))
    np.add.at(counts, groups, np.stack(kinds, axis=-1))
    return counts


def _gain(name: str, positives: int, total: Counts, samples: Counts) -> Gain:
    gains = _f1(samples[:, 1]) - _f1(samples[:, 0])
    low, high = np.percentile(gains, _INSIDE)
    return Gain(name, positives, _quality(total[0]), _quality(total[1]), float(low), float(high))


def _macro(each: Sequence[Gain], samples: Counts) -> Gain:
    f1 = _f1(samples).mean(axis=2)
    low, high = np.percentile(f1[:, 1] - f1[:, 0], _INSIDE)
    alone = Quality(*np.mean([gain.alone for gain in each], axis=0).tolist())
    together = Quality(*np.mean([gain.together for gain in each], axis=0).tolist())
    positives = sum(gain.positives for gain in each)
    return Gain("all, macro", positives, alone, together, float(low), float(high))


def _quality(counts: Counts) -> Quality:
    right, extra, missed = counts.tolist()
    precision, recall = right / max(1, right + extra), right / max(1, right + missed)
    return Quality(precision, recall, float(_f1(counts)))


def _f1(counts: Counts) -> Counts:
    right, wrong = counts[..., 0], counts[..., 1] + counts[..., 2]
    scores: Counts = 2 * right / np.maximum(1, 2 * right + wrong)
    return scores
