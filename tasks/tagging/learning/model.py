"""A trained model at work: it adds topics that the rules missed and removes weak ones of theirs.

For each topic that it knows, the model has a weight for each place of the terms and for each hint
of the rules. Their sum is compared with two bounds, which training set where cross-validation
showed that what is added, or removed, is right. Where it did not, the bound is infinite and the
rules stand alone. A tag of the model has the method ``model``; its score is what a topic needs by
the rules, times how far it is above the bound; its evidence is what weighed most.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.articles.records import Article, TopicTag
from tasks.tagging.learning.terms import PLACES, Term, hints_of, placed, places_of, terms_of
from tasks.tagging.taxonomy import load_taxonomy
from tasks.tagging.topic_choice import LEAST_SCORE
from tasks.tagging.topic_scores import MOST_EVIDENCE
from tasks.tagging.topics import Weighed

WEAK = 2 * LEAST_SCORE  # points: a tag of the rules that has as many is not removed
FEWEST_WORDS = 20  # of an article: fewer say too little
_MARKS = {"word": "", "pair": "", "category": "channel:"}  # kinds of terms in the evidence

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TopicModel:
    """The weights, the bounds, and what is known about the training (``about``: plain JSON)."""

    topics: tuple[str, ...]
    languages: frozenset[str]  # in which it was trained; in others it says nothing
    places: NDArray[np.int32]  # that have weights, in order
    rarity: Floats  # of each of these places: what stands in few articles counts more
    weights: Floats  # topic by place
    hints: tuple[str, ...]  # topics of the rules whose points count
    hint_weights: Floats  # topic by hint
    bias: Floats  # of each topic
    adds_from: Floats  # of each topic, as log-odds; infinite: it adds none
    removes_below: Floats  # of each topic, as log-odds; minus infinite: it removes none
    about: Mapping[str, Any]

    @property
    def does_nothing(self) -> bool:
        """Whether the rules stand alone in every topic."""
        return bool(np.isinf([*self.adds_from, *self.removes_below]).all())

    def judge(self, article: Article, weighed: Weighed) -> tuple[TopicTag, ...]:
        """Return an article's topics by rules and model, the strongest first."""
        terms = terms_of(article)
        if not reads(self.languages, article.language, terms):
            return weighed.tags
        amounts, hints = self._amounts(*placed(terms)), hints_of(weighed, self.hints)
        sums = self.weights @ amounts + self.hint_weights @ hints + self.bias
        odds = dict(zip(self.topics, sums.tolist(), strict=True))
        found = {tag.topic for tag in weighed.tags}
        kept = [tag for tag in weighed.tags if not self._removes(tag, odds)]
        added = [
            self._tag(number, odds[topic], terms, amounts, hints)
            for number, topic in enumerate(self.topics)
            if topic not in found and odds[topic] >= self.adds_from[number]
        ]
        is_same = len(kept) == len(weighed.tags) and not added
        return weighed.tags if is_same else _ranked([*kept, *added])

    def _removes(self, tag: TopicTag, odds: Mapping[str, float]) -> bool:
        if tag.score >= WEAK or tag.topic not in odds:
            return False
        return bool(odds[tag.topic] < self.removes_below[self.topics.index(tag.topic)])

    def _tag(
        self, number: int, odds: float, terms: Counter[Term], amounts: Floats, hints: Floats
    ) -> TopicTag:
        above = _probability(odds) / _probability(float(self.adds_from[number]))
        shares, hinted = self.weights[number] * amounts, self.hint_weights[number] * hints
        weighed = {
            f"{_MARKS[term.kind]}{term.shown}": float(shares[found].sum())
            for term in terms
            if term.kind in _MARKS and (found := self._columns(places_of(term))).size
        }
        weighed |= {f"rule:{name}": float(hinted[place]) for place, name in enumerate(self.hints)}
        ranked = sorted(weighed, key=lambda name: (-weighed[name], name))
        return TopicTag(
            topic=self.topics[number],
            score=round(LEAST_SCORE * above, 2),
            relevance=1.0,
            method="model",
            evidence=tuple(name for name in ranked[:MOST_EVIDENCE] if weighed[name] > 0),
            taxonomy_version=load_taxonomy().version,
        )

    def _amounts(self, places: NDArray[np.int32], amounts: Floats) -> Floats:
        columns = self._lookup[places]
        known = columns >= 0
        vector = np.zeros(len(self.places), np.float32)
        vector[columns[known]] = amounts[known]
        return scaled(vector * self.rarity)

    def _columns(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        columns = self._lookup[places]
        return columns[columns >= 0]

    @cached_property
    def _lookup(self) -> NDArray[np.int32]:
        columns = np.full(PLACES, -1, np.int32)
        columns[self.places] = np.arange(len(self.places), dtype=np.int32)
        return columns


def reads(languages: frozenset[str], language: str, terms: Counter[Term]) -> bool:
    """Say whether a model that knows these languages has enough to go by."""
    words = sum(count for term, count in terms.items() if term.kind == "word")
    return language in languages and words >= FEWEST_WORDS


def scaled(vector: Floats) -> Floats:
    """Return a vector with the length one, so that long texts do not outweigh short ones."""
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else vector


def _ranked(tags: Sequence[TopicTag]) -> tuple[TopicTag, ...]:
    best = max((tag.score for tag in tags), default=0.0)
    ranked = sorted(tags, key=lambda tag: (-tag.score, tag.topic))
    return tuple(replace(tag, relevance=round(tag.score / best, 4)) for tag in ranked)


def _probability(odds: float) -> float:
    return 1 / (1 + exp(-max(min(odds, 50.0), -50.0)))
