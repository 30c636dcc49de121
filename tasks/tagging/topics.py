"""Which topics an article is about: weighted phrases and the publisher's categories.

``topic_scores.py`` says how many points a topic has. What is kept, all numbers below:

- A topic needs a strong phrase in title or lead, two phrases of weight 2 or more, one of these
  beside a name in the title, a clear category, or the facts that it is about: results, guidance,
  a dividend or a deal in figures, two ratings, the moves of three securities. Names of companies
  make a topic only beside another topic that has one of these.
- Markets and rating changes name many in passing: beside them in the title, sectors need more than
  names there.
- Kept are topics with at least 4.5 points and a share of the points of the best topic, and of the
  best of its kind: a story has one or two sectors, but often several events, and news of the
  economy is filed under all that it reports on.
- A topic that facts make is kept whatever the others have.
- When the off-topic phrases (recipes, football) outweigh every topic, there is none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tasks.articles.records import Article, Fact, TopicTag
from tasks.tagging.folding import fold
from tasks.tagging.phrasebook import OFF_TOPIC, Phrasebook, languages, load_phrasebook
from tasks.tagging.taxonomy import Taxonomy, Topic, load_taxonomy
from tasks.tagging.topic_scores import LEAD_ENDS, Score, score_words

LEAST_SCORE = 4.5
_MOST_READ = 100_000  # characters of a text: what comes later says nothing new


class Weighed(NamedTuple):
    """What the rules say of an article."""

    tags: tuple[TopicTag, ...]  # of the topics that have enough, the strongest first
    points: Mapping[str, float]  # of all topics that anything speaks for, and of OFF_TOPIC


class _Kind(NamedTuple):
    """Topics that compete with each other, and the shares of the best that they need."""

    name: str
    of_all: float
    of_kind: float


_EVENT = _Kind("event", 0.3, 0.4)
_THEME = _Kind("theme", 0.3, 0.6)
_MOVE = _Kind("move", 0.4, 0.6)
_ECONOMY = _Kind("economy", 0.2, 0.2)
_POLICY = _Kind("policy", 0.3, 0.4)
_KINDS = {
    "company": _EVENT,
    "price-action": _MOVE,
    "options-activity": _MOVE,
    "markets": _THEME,
    "commodities": _THEME,
    "sector": _THEME,
    "macro": _ECONOMY,
    "policy": _POLICY,
}
# Topics, and groups of them, whose names stand in the titles of others only in passing.
_IN_PASSING = {
    "equity-markets": frozenset({"sector", "commodities"}),
    "analyst-ratings": frozenset({"banks-finance"}),
}
# Kinds of facts, how many securities they must be about to make a topic, and which.
_STATED = {
    "earnings": (1, "earnings"),
    "guidance": (1, "guidance"),
    "dividend": (1, "dividends"),
    "deal_value": (1, "mergers-acquisitions"),
    "analyst_rating": (2, "analyst-ratings"),
    "price_move": (3, "price-action"),
}


class TopicTagger:
    """Finds topics by rules, with the phrasebook of each language that comes."""

    def __init__(self) -> None:
        self._taxonomy: Taxonomy = load_taxonomy()
        self._languages = languages()

    def books(self) -> tuple[Phrasebook, ...]:
        """Return the phrasebooks of all languages. Raises KnowledgeError."""
        return tuple(map(load_phrasebook, self._languages))

    def tag(
        self, article: Article, title: str, text: str, facts: Sequence[Fact] = ()
    ) -> tuple[TopicTag, ...]:
        """Return the article's topics, the strongest first."""
        return self.weigh(article, title, text, facts).tags

    def weigh(self, article: Article, title: str, text: str, facts: Sequence[Fact] = ()) -> Weighed:
        """Return the article's topics, and what speaks for each that anything speaks for.

        ``title`` and ``text`` are the article's without exchange citations. In a language without
        phrases the shared ones count; an unknown language is told by its little words.
        """
        scores = self._score(article.language, fold(title), fold(text[:_MOST_READ]))
        self._add_categories(scores, article.publisher_topics)
        _add_facts(scores, facts)
        points = {topic: score.total for topic, score in scores.items()}
        return Weighed(self._tags(scores, self._kept(scores)), points)

    def _score(self, language: str, title: str, text: str) -> dict[str, Score]:
        if language:
            known = language if language in self._languages else ""
            return score_words(load_phrasebook(known), title, text)
        words = f"{title}{text[:LEAD_ENDS]}".split()
        books = self.books()
        little = [sum(word in book.little_words for word in words) for book in books]
        likely = [
            score_words(book, title, text)
            for book, count in zip(books, little, strict=True)
            if count == max(little)
        ]
        return max(likely, key=lambda scores: sum(score.total for score in scores.values()))

    def _add_categories(self, scores: dict[str, Score], printed: tuple[str, ...]) -> None:
        for name in dict.fromkeys(printed):
            channel = self._taxonomy.channel(name)
            for topic in channel.topics if channel else ():
                vague = channel is None or channel.is_vague
                scores.setdefault(topic, Score()).add_category(name, is_vague=vague)

    def _kept(self, scores: Mapping[str, Score]) -> dict[str, float]:
        """Return topic -> points of those that the article is about, the strongest first."""
        totals = self._credible(scores)
        best = max(totals.values(), default=0.0)
        bests: dict[str, float] = {}
        for topic, total in totals.items():
            name = self._kind(topic).name
            bests[name] = max(total, bests.get(name, 0.0))
        kept = {}
        for topic in sorted(totals, key=lambda topic: (-totals[topic], topic)):
            kind = self._kind(topic)
            least = max(LEAST_SCORE, kind.of_all * best, kind.of_kind * bests[kind.name])
            if totals[topic] >= least or scores[topic].has_facts:
                kept[topic] = totals[topic]
        return kept

    def _credible(self, scores: Mapping[str, Score]) -> dict[str, float]:
        """Return topic -> points of those that more than a word or a name speaks for."""
        known = {topic: score for topic, score in scores.items() if topic != OFF_TOPIC}
        sure = {
            t: s.total for t, s in known.items() if s.has_words or s.has_category or s.has_facts
        }
        off_topic = scores[OFF_TOPIC].total if OFF_TOPIC in scores else 0.0
        best = max(sure.values(), default=0.0)
        if best < LEAST_SCORE or off_topic > best:
            return {}
        named = {t: s.total for t, s in known.items() if t not in sure and s.has_names}
        passing = [
            passing
            for topic, passing in _IN_PASSING.items()
            if topic in sure and known[topic].in_title
        ]
        return {
            topic: total
            for topic, total in (sure | named).items()
            if known[topic].in_title
            or known[topic].has_category
            or known[topic].has_facts
            or not any({topic, self._topic(topic).group} & some for some in passing)
        }

    def _topic(self, slug: str) -> Topic:
        return self._taxonomy.topics[slug]

    def _kind(self, slug: str) -> _Kind:
        return _KINDS.get(slug) or _KINDS[self._topic(slug).group]

    def _tags(self, scores: Mapping[str, Score], kept: Mapping[str, float]) -> tuple[TopicTag, ...]:
        best = max(kept.values(), default=0.0)
        return tuple(
            TopicTag(
                topic=topic,
                score=round(total, 2),
                relevance=round(total / best, 4),
                method="category" if scores[topic].is_filed_alone else "rule",
                evidence=scores[topic].evidence(),
                taxonomy_version=self._taxonomy.version,
            )
            for topic, total in kept.items()
        )


def _add_facts(scores: dict[str, Score], facts: Sequence[Fact]) -> None:
    symbols = Counter(kind for kind, _ in {(fact.kind, fact.symbol) for fact in facts})
    for kind, (least, topic) in _STATED.items():
        if symbols[kind] >= least:
            scores.setdefault(topic, Score()).add_facts(kind)
