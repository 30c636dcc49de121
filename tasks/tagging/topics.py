"""Which topics an article is about: weighted phrases and the publisher's categories.

How a topic's score comes about, all numbers below:

- A phrase counts its weight: 3, 2 or 1. In the title three times that, once. In the text, whole
  where it first stands in the lead, less further down, and again by half for a second place; no
  phrase counts more than that, so length and repetition buy little.
- A phrase inside a longer one of the same topic does not count beside it, nor does one that
  shares a word with a phrase listed under ``never``.
- A publisher's category counts as a strong phrase, or, when it is vague, as a weak one.
- A topic needs a strong phrase in title or lead, or two phrases of weight 2 or more, or a category.
- Kept are topics with at least 3 points and two fifths of the points of the best.
- When the off-topic phrases (recipes, football) outweigh every topic, there is none.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tasks.articles.records import Article, TopicTag
from tasks.tagging.folding import fold
from tasks.tagging.phrasebook import OFF_TOPIC, Phrase, Phrasebook, languages, load_phrasebook
from tasks.tagging.taxonomy import Taxonomy, load_taxonomy

MOST_EVIDENCE = 5  # phrases shown with a tag
LEAST_SCORE = 3.0
_SHARE_OF_BEST = 0.4
_SHARE_OF_FAMILY = 0.4
_FADE = 0.8
_NAME_IN_TEXT = 1.0
_LEAST = {}
_FAMILIES = {
    "company": "event",
    "markets": "theme",
    "commodities": "theme",
    "sector": "theme",
    "macro": "macro",
    "policy": "macro",
}
_TITLE = 3.0
_LEAD_ENDS, _MIDDLE_ENDS = 500, 2_500  # folded characters of the text
_LEAD, _MIDDLE, _REST = 1.0, 0.6, 0.3
_AGAIN = 0.5
_CHANNEL, _VAGUE_CHANNEL = 3.0, 1.0
_MEANINGFUL, _STRONG = 2.0, 3.0
_MOST_READ = 100_000  # characters of a text: what comes later says nothing new


@dataclass(slots=True)
class _Score:
    """What speaks for one topic: phrase -> points so far, and how much of it is more than weak."""

    points: dict[str, float] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)  # places in the text, by phrase
    meaningful: set[str] = field(default_factory=set)  # phrases of weight 2 or more, names aside
    names: set[str] = field(default_factory=set)
    stands_out: bool = False  # a strong phrase in title or lead, or a category
    is_named: bool = False  # a name in the title

    @property
    def total(self) -> float:
        ranked = sorted(self.points.values(), reverse=True)
        return sum(points * _FADE**place for place, points in enumerate(ranked))

    @property
    def is_credible(self) -> bool:
        return self.stands_out or len(self.meaningful) > 1

    @property
    def is_about_names(self) -> bool:
        return self.is_named or len(self.names) + len(self.meaningful) > 1

    def add(self, phrase: Phrase, points: float, *, prominent: bool, in_title: bool = False) -> None:
        name = phrase.text.strip()
        self.points[name] = self.points.get(name, 0.0) + points
        if phrase.is_name:
            self.names.add(name)
            self.is_named = self.is_named or in_title
        elif phrase.weight >= _MEANINGFUL:
            self.meaningful.add(name)
            self.stands_out = self.stands_out or (prominent and phrase.weight >= _STRONG)

    def evidence(self) -> tuple[str, ...]:
        ranked = sorted(self.points, key=lambda name: (-self.points[name], name))
        return tuple(ranked[:MOST_EVIDENCE])


class TopicTagger:
    """Finds topics by rules; holds one phrasebook a language."""

    def __init__(self) -> None:
        self._taxonomy: Taxonomy = load_taxonomy()
        self._books: Mapping[str, Phrasebook] = {
            language: load_phrasebook(language) for language in languages()
        }
        self._shared = load_phrasebook("")
        self._all = tuple(self._books.values())

    def tag(self, article: Article, title: str, text: str) -> tuple[TopicTag, ...]:
        """Return the article's topics, the strongest first.

        ``title`` and ``text`` are the article's without exchange citations. In a language without
        phrases the shared ones count; an unknown language is told by its little words.
        """
        folded = fold(title), fold(text[:_MOST_READ])
        best = self._best(article.language, *folded)
        self._add_channels(best, article.publisher_topics)
        return _kept(best, self._taxonomy)

    def _best(self, language: str, title: str, text: str) -> dict[str, _Score]:
        if language:
            return _scores(self._books.get(language, self._shared), title, text)
        words = f"{title}{text[:_LEAD_ENDS]}".split()
        little = [sum(word in book.little_words for word in words) for book in self._all]
        likely = [
            _scores(book, title, text)
            for book, count in zip(self._all, little, strict=True)
            if count == max(little)
        ]
        return max(likely, key=lambda scores: sum(score.total for score in scores.values()))

    def _add_channels(self, scores: dict[str, _Score], printed: tuple[str, ...]) -> None:
        for name in dict.fromkeys(printed):
            channel = self._taxonomy.channel(name)
            for topic in channel.topics if channel else ():
                vague = channel is None or channel.is_vague
                score = scores.setdefault(topic, _Score())
                score.points[f"channel:{name}"] = _VAGUE_CHANNEL if vague else _CHANNEL
                score.stands_out = score.stands_out or not vague


def _scores(book: Phrasebook, title: str, text: str) -> dict[str, _Score]:
    scores: dict[str, _Score] = {}
    for _, phrase in _counting(book, title):
        score = scores.setdefault(phrase.topic, _Score())
        if phrase.text.strip() not in score.points:
            score.add(phrase, phrase.weight * _TITLE, prominent=True, in_title=True)
    for start, phrase in _counting(book, text):
        score = scores.setdefault(phrase.topic, _Score())
        name = phrase.text.strip()
        places = score.seen[name] = score.seen.get(name, 0) + 1
        if places <= 2:  # noqa: PLR2004 - the first place, and one that confirms it
            share = 1.0 if places == 1 else _AGAIN
            points = phrase.weight * share * _nearness(start) * (_NAME_IN_TEXT if phrase.is_name else 1.0)
            score.add(phrase, points, prominent=start < _LEAD_ENDS)
    return scores


def _counting(book: Phrasebook, folded: str) -> Iterator[tuple[int, Phrase]]:
    """Yield (start, phrase) without those inside a longer, or touched by a hiding, phrase."""
    found = sorted(book.find(folded), key=lambda match: (match[0], -match[1]))
    hidden = _hidden(found)
    reach: dict[str, int] = {}
    for start, end, phrases in found:
        for phrase in phrases:
            if phrase.weight and end > reach.get(phrase.topic, 0):
                reach[phrase.topic] = end
                if phrase.topic not in hidden or not hidden[phrase.topic].touch(start, end):
                    yield start, phrase


@dataclass(slots=True)
class _Spans:
    """Where a topic's hiding phrases stand: starts in order, and the furthest end up to each."""

    starts: list[int] = field(default_factory=list)
    reaches: list[int] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        self.starts.append(start)
        self.reaches.append(max(end, self.reaches[-1] if self.reaches else 0))

    def touch(self, start: int, end: int) -> bool:
        before = bisect_left(self.starts, end - 1)  # the blank at the end may be shared
        return before > 0 and self.reaches[before - 1] > start + 1


def _hidden(found: Iterable[tuple[int, int, tuple[Phrase, ...]]]) -> dict[str, _Spans]:
    spans: dict[str, _Spans] = {}
    for start, end, phrases in found:
        for phrase in phrases:
            if not phrase.weight:
                spans.setdefault(phrase.topic, _Spans()).add(start, end)
    return spans


def _nearness(start: int) -> float:
    if start < _LEAD_ENDS:
        return _LEAD
    return _MIDDLE if start < _MIDDLE_ENDS else _REST


def _kept(scores: Mapping[str, _Score], taxonomy: Taxonomy) -> tuple[TopicTag, ...]:
    credible = {topic for topic, score in scores.items() if score.is_credible}
    if not credible:
        return ()
    totals = {
        topic: score.total
        for topic, score in scores.items()
        if topic in credible or score.is_about_names
    }
    off_topic = scores[OFF_TOPIC].total if OFF_TOPIC in scores else 0.0
    totals.pop(OFF_TOPIC, None)
    best = max(totals.values(), default=0.0)
    if best < LEAST_SCORE or off_topic > best:
        return ()
    bests: dict[str, float] = {}
    for topic, total in totals.items():
        family = _family(topic, taxonomy)
        bests[family] = max(total, bests.get(family, 0.0))
    kept = sorted(
        (
            topic
            for topic, total in totals.items()
            if total
            >= max(
                _LEAST.get(_family(topic, taxonomy), LEAST_SCORE),
                _SHARE_OF_BEST * best,
                _SHARE_OF_FAMILY * bests[_family(topic, taxonomy)],
            )
        ),
        key=lambda topic: (-totals[topic], topic),
    )
    return tuple(
        TopicTag(
            topic=topic,
            score=round(totals[topic], 2),
            relevance=round(totals[topic] / best, 4),
            evidence=scores[topic].evidence(),
        )
        for topic in kept
    )


def _family(topic: str, taxonomy: Taxonomy) -> str:
    if topic in {"price-action", "options-activity"}:
        return "move"
    return _FAMILIES[taxonomy.topics[topic].group]
