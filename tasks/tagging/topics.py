"""Which topics an article is about: phrases, facts, companies and the publisher's categories.

``topic_scores.py`` says how many points each gives a topic, ``topic_choice.py`` which topics have
enough of them. Beside phrases there count

- what the article states in figures: results, guidance, a dividend, a deal, two ratings, and the
  moves of three securities where the title names one and the article is not about one alone;
- the business of the companies that it names (``sectors.py``), analysts and publishers aside;
- the categories that the publisher prints.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tasks.articles.records import Article, Fact, TickerTag, TopicTag
from tasks.tagging.folding import fold
from tasks.tagging.pairs import Span
from tasks.tagging.phrasebook import Phrasebook, languages, load_phrasebook
from tasks.tagging.sectors import Sectors
from tasks.tagging.taxonomy import Taxonomy, load_taxonomy
from tasks.tagging.topic_choice import Choice
from tasks.tagging.topic_scores import LEAD_ENDS, Score, score_words

_BRIEF = 300  # folded characters: a shorter text says too little to tell whether it is of business
_MOST_READ = 100_000  # characters of a text: what comes later says nothing new


class Weighed(NamedTuple):
    """What the rules say of an article."""

    tags: tuple[TopicTag, ...]  # of the topics that have enough, the strongest first
    points: Mapping[str, float]  # of all topics that anything speaks for, and of OFF_TOPIC


# Kinds of facts, how many securities they must be about to make a topic, and which.
_STATED = {
    "earnings": (1, "earnings"),
    "dividend": (1, "dividends"),
    "guidance": (1, "guidance"),
    "deal_value": (1, "mergers-acquisitions"),
    "analyst_rating": (2, "analyst-ratings"),
    "price_move": (4, "price-action"),
}
_NAMED = frozenset({"primary", "mention"})  # roles of whom the article is about, not of who speaks


class TopicTagger:
    """Finds topics by rules, with the phrasebook of each language that comes."""

    def __init__(self) -> None:
        self._taxonomy: Taxonomy = load_taxonomy()
        self._sectors = Sectors()
        self._languages = languages()

    def books(self) -> tuple[Phrasebook, ...]:
        """Return the phrasebooks of all languages. Raises KnowledgeError."""
        return tuple(map(load_phrasebook, self._languages))

    def book(self, language: str) -> Phrasebook:
        """Return a language's phrasebook; what all share for an unknown one. As ``books``."""
        return load_phrasebook(language if language in self._languages else "")

    def weigh(
        self,
        article: Article,
        title: str,
        text: str,
        facts: Sequence[Fact] = (),
        tickers: Sequence[TickerTag] = (),
    ) -> Weighed:
        """Return the article's topics, and what speaks for each that anything speaks for.

        ``title`` and ``text`` are the article's without exchange citations. In a language without
        phrases the shared ones count; an unknown language is told by its little words.
        """
        title = title.replace(":", " ")  # "Bitcoin: a new record" is one sentence
        folded = fold(text[:_MOST_READ])
        securities = list(_titled_spans(title, tickers))
        scores = self._score(article.language, fold(title), folded, securities)
        self._add_categories(scores, article.publisher_topics)
        is_about_one = self._sectors.count(tag for tag in tickers if tag.role == "primary") == 1
        moves = not is_about_one and any(_is_titled(tag) for tag in tickers)
        _add_facts(scores, facts, moves=moves)
        self._add_sectors(scores, tickers)
        points = {topic: score.total for topic, score in scores.items()}
        choice = Choice(
            scores,
            points,
            self._taxonomy,
            is_about_one=is_about_one,
            securities=self._sectors.count(tickers),
            is_brief=len(folded) < _BRIEF,
        )
        kept = choice.kept()
        return Weighed(self._tags(scores, kept), points)

    def _score(
        self, language: str, title: str, text: str, securities: Sequence[Span]
    ) -> defaultdict[str, Score]:
        if language:
            return score_words(self.book(language), title, text, securities)
        words = f"{title}{text[:LEAD_ENDS]}".split()
        books = self.books()
        little = [sum(word in book.little_words for word in words) for book in books]
        likely = [
            score_words(book, title, text, securities)
            for book, count in zip(books, little, strict=True)
            if count == max(little)
        ]
        return max(likely, key=lambda scores: sum(score.total for score in scores.values()))

    def _add_categories(self, scores: defaultdict[str, Score], printed: tuple[str, ...]) -> None:
        for name in dict.fromkeys(printed):
            channel = self._taxonomy.channel(name)
            for topic in channel.topics if channel else ():
                vague = channel is None or channel.is_vague
                scores[topic].add_category(name, is_vague=vague)

    def _add_sectors(self, scores: defaultdict[str, Score], tickers: Sequence[TickerTag]) -> None:
        for tag in tickers:
            if tag.role in _NAMED:
                for topic in self._sectors.topics(tag.symbol, tag.exchange):
                    scores[topic].add_security(tag)

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


def _titled_spans(title: str, tickers: Sequence[TickerTag]) -> Iterator[Span]:
    """Yield where the title, folded, names securities that the article is about."""
    names = {
        mention.text
        for tag in tickers
        if tag.role in _NAMED
        for mention in tag.mentions
        if mention.field == "title"
    }
    for name in names:
        if (start := title.find(name)) >= 0:  # a citation is no longer there
            first = len(fold(title[:start]).rstrip())  # of the blank before it
            yield first, first + len(fold(name))


def _is_titled(tag: TickerTag) -> bool:
    return any(mention.field == "title" for mention in tag.mentions)


def _add_facts(scores: defaultdict[str, Score], facts: Sequence[Fact], *, moves: bool) -> None:
    symbols = Counter(kind for kind, _ in {(fact.kind, fact.symbol) for fact in facts})
    for kind, (least, topic) in _STATED.items():
        if symbols[kind] >= least and (moves or kind != "price_move"):
            scores[topic].add_facts(kind)
