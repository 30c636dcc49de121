"""Trains a model on labelled articles, and measures by cross-validation what it gains.

The only place that imports scikit-learn. For each topic logistic regressions over terms and hints
(``terms.py``), one for each part that is left out; the model is their mean, so that what it says of
a new article is like what each of them said of the part that it had not seen, where the bounds were
chosen. The gain is measured on stories whose labels neither the weights nor the bounds had seen: in
each part of an outer cross-validation all that is done anew. Nothing is drawn at random without a
fixed seed: the same labels make the same model.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from tasks.articles.records import Article
from tasks.tagging.learning.bounds import Bools, Bounds, Floats, Ints, choose_bounds, decide
from tasks.tagging.learning.folds import deal
from tasks.tagging.learning.gain import Report, measure
from tasks.tagging.learning.model import WEAK, TopicModel, reads
from tasks.tagging.learning.terms import PLACES, hints_of, placed, terms_of
from tasks.tagging.phrasebook import OFF_TOPIC
from tasks.tagging.taxonomy import load_taxonomy
from tasks.tagging.topics import Weighed

MOST_PLACES = 20_000  # that have weights
_STRENGTH = 10.0  # scikit-learn's C
_FEWEST = 2  # articles in which a place with a weight stands


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled article."""

    article: Article
    weighed: Weighed  # by the rules
    story: UUID  # articles of one story are never on both sides of a cross-validation
    labels: Mapping[str, bool]  # topic -> whether it has it; what is missing nobody said


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what cross-validation showed of it."""

    model: TopicModel
    report: Report


@dataclass(frozen=True, slots=True)
class _Data:
    """All examples as arrays; a row is an article, a column a topic (or, of terms, a place)."""

    inputs: Any  # csr_matrix: terms at their places, then hints
    labels: Ints  # 1, 0, or -1 where nobody said
    found: Bools  # by the rules
    weak: Bools  # what of it the model may remove
    groups: NDArray[np.int64]  # number of the story
    readable: Bools  # the model says something about the article

    def some(self, rows: NDArray[np.intp]) -> "_Data":
        return _Data(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class _Learnt:
    weights: Floats  # topic by column of the inputs
    bias: Floats  # NaN for a topic whose labels were all alike: nothing is said of it
    bounds: Bounds


def train(
    examples: Sequence[Example],
    topics: Sequence[str],
    folds: int,
    min_examples: int,
    about: Mapping[str, Any],
) -> Trained:
    """Train a model for these topics and measure it by cross-validation in so many folds.

    Languages with fewer than ``min_examples`` articles are left to the rules. ``about`` is kept
    with the model. Each topic must have labels of both kinds in at least ``folds`` stories.
    """
    languages = _languages(examples, min_examples)
    terms = [terms_of(example.article) for example in examples]
    places, rarity, matrix = _matrix([placed(counted) for counted in terms])
    hints = [hints_of(example.weighed, hint_names()) for example in examples]
    readable = [
        reads(languages, example.article.language, counted)
        for example, counted in zip(examples, terms, strict=True)
    ]
    inputs = hstack([matrix, csr_matrix(np.array(hints))], format="csr")
    data = _data(examples, topics, inputs, np.array(readable))
    together = data.found.copy()
    for rest, held_out in _parts(data, folds):
        learnt, judged = _learn(data.some(rest), folds), data.some(held_out)
        scores = _scores(learnt.weights, learnt.bias, judged)
        together[held_out] = decide(learnt.bounds, scores, judged.found, judged.weak)
    report = measure(topics, data.labels, data.found, together, data.groups)
    learnt = _learn(data, folds)
    of_terms, of_hints = np.split(learnt.weights.astype(np.float32), [len(places)], axis=1)
    model = TopicModel(
        topics=tuple(topics),
        languages=languages,
        places=places,
        rarity=rarity,
        weights=of_terms,
        hints=hint_names(),
        hint_weights=of_hints,
        bias=learnt.bias.astype(np.float32),
        adds_from=learnt.bounds.adds_from,
        removes_below=learnt.bounds.removes_below,
        about=about,
    )
    return Trained(model, report)


def hint_names() -> tuple[str, ...]:
    """Return the topics whose points are hints: all there are, and what is no finance news."""
    return (*load_taxonomy().topics, OFF_TOPIC)


def _languages(examples: Sequence[Example], least: int) -> frozenset[str]:
    counts = Counter(example.article.language for example in examples)
    return frozenset(one for one, count in counts.items() if one and count >= least)


def _data(
    examples: Sequence[Example], topics: Sequence[str], inputs: Any, readable: Bools
) -> _Data:
    points = [{tag.topic: tag.score for tag in example.weighed.tags} for example in examples]
    found = np.array([[topic in each for topic in topics] for each in points])
    strong = np.array([[each.get(topic, 0.0) >= WEAK for topic in topics] for each in points])
    labels = [[int(each.labels.get(topic, -1)) for topic in topics] for each in examples]
    _, groups = np.unique([str(example.story) for example in examples], return_inverse=True)
    return _Data(
        inputs=inputs,
        labels=np.array(labels, np.int8),
        found=found,
        weak=found & ~strong,
        groups=groups.astype(np.int64),
        readable=readable,
    )


def _matrix(
    articles: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]],
) -> tuple[NDArray[np.int32], NDArray[np.float32], Any]:
    """Return the places that have weights, how rare each is, and article by place, scaled.

    Places are chosen without the labels: not in one article alone, nor in more than half.
    """
    ends = np.cumsum([0, *(len(places) for places, _ in articles)])
    columns, amounts = (np.concatenate(parts) for parts in zip(*articles, strict=True))
    matrix = csr_matrix((amounts, columns, ends), shape=(len(articles), PLACES))
    stands = np.bincount(columns, minlength=PLACES)
    told = np.flatnonzero((stands >= _FEWEST) & (stands <= len(articles) / 2))
    often = told[np.argsort(-stands[told], kind="stable")][:MOST_PLACES]
    places = np.sort(often).astype(np.int32)
    rarity = np.log((1 + len(articles)) / (1 + stands[places])).astype(np.float32)
    return places, rarity, normalize(matrix[:, places] @ diags(rarity))


def _learn(data: _Data, folds: int) -> _Learnt:
    """Learn weights and bounds; for the bounds, each part is scored by who learnt the rest."""
    scores = np.full(data.labels.shape, np.nan)
    fits = []
    for rest, held_out in _parts(data, folds):
        fits.append(_fit(data.some(rest)))
        scores[held_out] = _scores(*fits[-1], data.some(held_out))
    bounds = choose_bounds(scores, data.labels, data.found, data.weak)
    weights, bias = (np.mean(parts, axis=0) for parts in zip(*fits, strict=True))
    return _Learnt(weights, bias, bounds)


def _parts(data: _Data, folds: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the rows of the rest and of the part that is held out, for each part."""
    parts = deal(data.groups, data.labels, folds)
    for part in range(folds):
        yield np.flatnonzero(parts != part), np.flatnonzero(parts == part)


def _scores(weights: Floats, bias: Floats, data: _Data) -> Floats:
    """Return log-odds, NaN where nothing is said."""
    scores: Floats = np.asarray(data.inputs @ weights.T) + bias
    scores[~data.readable] = np.nan
    return scores


def _fit(data: _Data) -> tuple[Floats, Floats]:
    """Return the weights and the bias of each topic; NaN for one whose labels are all alike."""
    weights = np.zeros((data.labels.shape[1], data.inputs.shape[1]))
    bias = np.full(data.labels.shape[1], np.nan)
    for topic in range(data.labels.shape[1]):
        rows = np.flatnonzero(data.readable & (data.labels[:, topic] >= 0))
        labels = data.labels[rows, topic]
        if 0 < labels.sum() < len(labels):
            regression = LogisticRegression(
                C=_STRENGTH, solver="liblinear", dual=True, max_iter=1_000, random_state=0
            )
            regression.fit(data.inputs[rows], labels)
            weights[topic], bias[topic] = regression.coef_[0], regression.intercept_[0]
    return weights, bias
