"""Under which of the scored topics an article is filed; all numbers below.

- A topic needs a strong phrase in title or lead, two phrases of weight 2 or more, one of these
  beside a name in the title, a clear category, or the facts that it is about; or it is the business
  of the company that the article is about, or of two that the title names.
- Which of these an article is filed under is weighed: what speaks for a topic and against it
  (``Signs``) counts so much each (``_WEIGHTS``), and a topic whose sum is above nought is kept.
  The weights come from a logistic regression on the labelled articles of ``tests/gold``, ``dev``
  alone (``tests/fit_topics.py``); signs that did not help articles held back were left out, as the
  title or the lead itself.
  What they must outweigh was then set by hand: rather no topic than a wrong one.
- A clear category of the publisher's is kept where it is not weak beside the best; so is, in a
  text too short to weigh, what the title says, and the business of the company that it is about.
- When the off-topic phrases (recipes, football) outweigh every topic, there is none.
- A text that speaks of no business (no fact, no category, hardly a security, hardly a word of
  companies, markets or the economy) must be about a topic throughout, and half as much off-topic
  outweighs it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tasks.tagging.phrasebook import OFF_TOPIC
from tasks.tagging.taxonomy import Taxonomy
from tasks.tagging.topic_scores import Score

LEAST_SCORE = 4.5


class Signs(NamedTuple):
    """What speaks for filing an article under a topic, and against it."""

    always: float  # 1: its weight is what the others must outweigh
    points: float  # of the topic
    told_of_one: float  # a phrase says that the company did it, which the article is about
    named_in_title: float  # the title names a company of this business
    own_business: float  # it is the business of the company that the article is about
    beside_markets: float  # a sector or a commodity, where the title speaks of the whole market
    beside_economy: float  # news of the economy, where the title has other such news
    rivals: float  # topics that have words


_WEIGHTS = Signs(
    always=-2.80,
    points=0.44,
    told_of_one=2.37,
    named_in_title=-3.23,
    own_business=3.05,
    beside_markets=-1.61,
    beside_economy=1.28,
    rivals=-0.12,
)
_OF_BEST = 0.5  # share of the best topic's points that a publisher's category needs
_UNTITLED = 6.0  # points of the best topic, where the title speaks of none
_THEMES = frozenset({"sector", "commodities"})  # groups
# A company's own event in the title -> the general topic that it is not.
_INSTEAD = {
    "fda-clinical": "healthcare",
    "layoffs": "employment",
    "offerings": "bonds-debt",
    "bankruptcy": "legal",
}
# What a text of business has words of; courts and strikes are no signs of it.
_BUSINESS = frozenset({"company", "markets", "macro"})
_ANYWHERE = frozenset({"legal", "employment"})
_BESIDES = frozenset({"fiscal-tax", "trade-tariffs"})
_FEW_WORDS = 3
_FEW_SECURITIES = 3  # as many are named by news of business, hardly by other news


class Choice:
    """Chooses among the scores of one article."""

    def __init__(
        self,
        scores: Mapping[str, Score],
        points: Mapping[str, float],
        taxonomy: Taxonomy,
        *,
        is_about_one: bool,
        securities: int,
        is_brief: bool,
    ) -> None:
        self._scores = {topic: score for topic, score in scores.items() if topic != OFF_TOPIC}
        self._totals = points
        self._off_topic = points.get(OFF_TOPIC, 0.0)
        self._taxonomy = taxonomy
        self._titled = {topic for topic, score in self._scores.items() if score.in_title}
        self._is_about_one = is_about_one and "equity-markets" not in self._titled
        self._is_brief = is_brief
        has_words = self._has_business_words()
        names_several = securities >= _FEW_SECURITIES
        self._is_business = has_words or is_brief or names_several
        self._is_own_business = has_words and is_about_one and names_several
        self._is_court_news = not (has_words or is_brief)

    def _has_business_words(self) -> bool:
        """Say whether there are words of companies, markets or the economy, or a clear category."""
        words: set[str] = set()
        for topic, score in self._scores.items():
            if score.has_category or score.has_facts or score.is_told:
                return True
            if topic in _BESIDES or (self._group(topic) in _BUSINESS and topic not in _ANYWHERE):
                words |= score.words
        return len(words) >= _FEW_WORDS

    def kept(self) -> dict[str, float]:
        """Return topic -> points of those that the article is about, the strongest first."""
        signs = self.weighed()
        best = max((self._totals[topic] for topic in signs), default=0.0)
        kept = {
            topic: self._totals[topic]
            for topic in sorted(signs, key=lambda topic: (-self._totals[topic], topic))
            if self._is_kept(topic, signs[topic], best)
        }
        for event, general in _INSTEAD.items():
            if event in kept and event in self._titled:
                kept.pop(general, None)
        return kept

    def _is_kept(self, topic: str, signs: Signs, best: float) -> bool:
        if self._scores[topic].has_category and signs.points >= _OF_BEST * best:
            return True
        if self._is_brief and (topic in self._titled or signs.own_business):
            return signs.points >= LEAST_SCORE
        return sum(sign * weight for sign, weight in zip(signs, _WEIGHTS, strict=True)) > 0

    def weighed(self) -> dict[str, Signs]:
        """Return topic -> what speaks for and against those that may be kept at all."""
        sure = {topic for topic in self._scores if self._is_sure(topic)}
        best = max((self._totals[topic] for topic in sure), default=0.0)
        outweighs = self._off_topic if self._is_business else 2 * self._off_topic
        if best < self._least_of_best(sure) or outweighs > best:
            return {}
        own = {
            topic
            for topic, score in self._scores.items()
            if score.is_named_twice or (score.is_sector and self._is_about_one)
        }
        rivals = sum(score.has_words for score in self._scores.values())
        return {topic: self._signs(topic, rivals) for topic in sure | own}

    def _is_sure(self, topic: str) -> bool:
        """Say whether more than a word or a name speaks for a topic."""
        score = self._scores[topic]
        return (
            score.has_category
            or score.has_facts
            or self._is_worded(topic)
            or (score.is_sector and self._is_own_business)
        )

    def _least_of_best(self, sure: set[str]) -> float:
        scores = [self._scores[topic] for topic in sure]
        is_plain = any(
            score.in_title
            or score.has_category
            or score.has_facts
            or (score.is_sector and self._is_about_one)
            for score in scores
        )
        return LEAST_SCORE if is_plain else _UNTITLED

    def _is_worded(self, topic: str) -> bool:
        score = self._scores[topic]
        if topic == "legal" and self._is_court_news:
            return False
        if self._is_business:
            return score.has_words
        return len(score.words) >= _FEW_WORDS and self._totals[topic] >= 2 * LEAST_SCORE

    def _signs(self, topic: str, rivals: int) -> Signs:
        score, group = self._scores[topic], self._group(topic)
        return Signs(
            always=1,
            points=self._totals[topic],
            told_of_one=score.is_told and self._is_about_one,
            named_in_title=score.is_named,
            own_business=score.is_sector,
            beside_markets=group in _THEMES and "equity-markets" in self._titled,
            beside_economy=group == "macro" and self._has_economy(topic),
            rivals=rivals,
        )

    def _has_economy(self, topic: str) -> bool:
        return any(self._group(other) == "macro" for other in self._titled - {topic})

    def _group(self, topic: str) -> str:
        return self._taxonomy.topics[topic].group
