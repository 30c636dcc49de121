"""Under which of the scored topics an article is filed; all numbers below.

- A topic needs a strong phrase in title or lead, two phrases of weight 2 or more, one of these
  beside a name in the title, a clear category, or the facts that it is about.
- What the title says decides what may stand beside it. A company's events need the title, unless
  the article is about that one company; news of the economy needs the title, unless the title has
  other such news; a market or a sector that the title leaves out needs a strong phrase in the lead
  and more points. The strongest topic of all is never asked for more.
- What one sentence tells of a company that the article is about needs no more; in a round-up of
  movers, or of a market, it is told in passing.
- The business of the company that the article is about is kept beside any of these topics; that of
  others needs words, or two of them in the title. Some titles name others only in passing.
- Kept are topics with enough points and a share of the points of the best topic, and of the best of
  its kind: a story has one or two sectors, but often several events.
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


class _Kind(NamedTuple):
    """Topics that compete with each other: the points and shares of the best that they need."""

    name: str
    of_all: float
    of_kind: float
    aside: float = LEAST_SCORE  # points, where the title says nothing of it


_EVENT = _Kind("event", 0.25, 0.3, aside=5.3)
_THEME = _Kind("theme", 0.4, 0.5, aside=5.3)
_MOVE = _Kind("move", 0.4, 0.4)
_ECONOMY = _Kind("economy", 0.3, 0.3)
_POLICY = _Kind("policy", 0.25, 0.3)
_KINDS = {
    "analyst-ratings": _Kind("event", 0.3, 0.3),
    "price-action": _MOVE,
    "options-activity": _MOVE,
    "equity-markets": _THEME,
    "company": _EVENT,
    "markets": _Kind("asset", 0.35, 0.3, aside=7.0),
    "commodities": _THEME,
    "sector": _THEME,
    "macro": _ECONOMY,
    "policy": _POLICY,
}
_SAID_ONCE = 3.0  # points: fewer are enough for what one sentence tells
_UNTITLED = 6.0  # points of the best topic, where the title speaks of none
# Topics, and groups of them, whose names stand in the titles of others only in passing.
_IN_PASSING = {
    "equity-markets": frozenset({"sector", "commodities", "etf-funds"}),
    "options-activity": frozenset({"analyst-ratings", "equity-markets", "sector"}),
}
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
            if self._group(topic) in _BUSINESS and topic not in _ANYWHERE:
                words |= score.words
        return len(words) >= _FEW_WORDS

    def kept(self) -> dict[str, float]:
        """Return topic -> points of those that the article is about, the strongest first."""
        totals = self._credible()
        best = max(totals.values(), default=0.0)
        bests: dict[str, float] = {}
        for topic, total in totals.items():
            name = self._kind(topic).name
            bests[name] = max(total, bests.get(name, 0.0))
        kept = {
            topic: total
            for topic, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
            if self._is_enough(topic, best, bests[self._kind(topic).name])
        }
        for event, general in _INSTEAD.items():
            if event in kept and event in self._titled:
                kept.pop(general, None)
        return kept

    def _is_enough(self, topic: str, best: float, best_of_kind: float) -> bool:
        kind, score, total = self._kind(topic), self._scores[topic], self._totals[topic]
        if score.has_facts or self._is_own(score):
            return True
        if self._is_said_once(topic):
            return total >= (0.0 if score.is_told else _SAID_ONCE)
        return total >= max(LEAST_SCORE, kind.of_all * best, kind.of_kind * best_of_kind)

    def _is_said_once(self, topic: str) -> bool:
        score = self._scores[topic]
        if self._is_about_one and score.is_told:
            return True
        if topic == "guidance":
            return self._is_about_one and score.stands_out
        return topic == "inflation" and score.has_words and self._has_economy(topic)

    def _has_economy(self, topic: str) -> bool:
        others = self._titled - {topic}
        return not others or any(self._group(other) == "macro" for other in others)

    def _credible(self) -> dict[str, float]:
        """Return topic -> points of those that more than a word or a name speaks for."""
        sure = {
            topic: self._totals[topic]
            for topic, score in self._scores.items()
            if score.has_category
            or score.has_facts
            or self._is_worded(topic)
            or (score.is_sector and self._is_own_business)
        }
        best = max(sure.values(), default=0.0)
        outweighs = self._off_topic if self._is_business else 2 * self._off_topic
        if best < self._least_of_best(sure) or outweighs > best:
            return {}
        named = {
            topic: self._totals[topic]
            for topic, score in self._scores.items()
            if topic not in sure and (self._is_own(score) or score.is_named_twice)
        }
        return {
            topic: total
            for topic, total in (sure | named).items()
            if self._is_topical(topic, total, best)
        }

    def _least_of_best(self, sure: Mapping[str, float]) -> float:
        scores = [self._scores[topic] for topic in sure]
        is_plain = any(
            score.in_title or score.has_category or score.has_facts or self._is_own(score)
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

    def _is_topical(self, topic: str, total: float, best: float) -> bool:
        score, kind = self._scores[topic], self._kind(topic)
        if score.in_title or score.has_category:
            return True
        passing = [some for title, some in _IN_PASSING.items() if title in self._titled]
        if any({topic, self._group(topic)} & some for some in passing) and not score.has_facts:
            return False
        if "price-action" in self._titled and not self._is_about_one and kind.name == "event":
            return False  # a round-up of movers says why each moves
        return total >= best or self._is_own(score) or self._stands_aside(topic, total)

    def _is_own(self, score: Score) -> bool:
        return score.is_sector and self._is_about_one

    def _stands_aside(self, topic: str, total: float) -> bool:
        """Say whether a topic may stand beside a title that says nothing of it."""
        kind, score = self._kind(topic), self._scores[topic]
        if score.is_named_twice or self._is_said_once(topic):
            return True
        if kind.name == "event":
            return score.has_facts or (self._is_about_one and total >= kind.aside)
        if kind.name == "economy":
            return self._has_economy(topic)
        if kind.name == "move":
            return True
        return score.stands_out and total >= kind.aside

    def _group(self, topic: str) -> str:
        return self._taxonomy.topics[topic].group

    def _kind(self, topic: str) -> _Kind:
        return _KINDS.get(topic) or _KINDS[self._group(topic)]
