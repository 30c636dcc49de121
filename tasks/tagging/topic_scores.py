"""How much the words of an article say for each topic; all numbers below.

- A phrase counts its weight: 3.5, 3, 2 or 1. In the title two and a half times that, once. In the
  text, whole where it first stands in the lead, less further down, and again by half for a second
  place; no phrase counts more than that, so length and repetition buy little.
- A name of a company counts less in the text: it says whom the text names, not what it is about.
- A phrase inside a longer one of the same topic does not count beside it, nor does one that
  shares a word with a phrase listed under ``never``.
- Two words near each other count as one phrase, from the first to the last of them.
- The second phrase counts four fifths, the third four fifths of that, and so on: ten chip makers
  in a row are not ten times as much about chips.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tasks.articles.records import TickerTag
from tasks.tagging.pairs import Span
from tasks.tagging.phrasebook import WEIGHTS, Found, Meaning, Meanings, Phrasebook

MOST_EVIDENCE = 5  # phrases shown with a tag
LEAD_ENDS, _MIDDLE_ENDS = 700, 2_500  # folded characters of the text
_PAIRS_END = 250  # what the first sentences say; a word further down is near another by chance
_TITLE = 2.5
_LEAD, _MIDDLE, _REST = 1.0, 0.6, 0.3
_AGAIN = 0.5
_NAME_IN_TEXT = 0.7
_FADE = 0.8
_CATEGORY, _VAGUE_CATEGORY, _FACTS = 4.5, 1.0, 4.5
_MEANINGFUL, _STRONG = 2.0, 3.0


@dataclass(slots=True)
class Score:
    """What speaks for one topic: phrase -> points so far, and how much of it is more than weak."""

    points: dict[str, float] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)  # places in the text, by phrase
    words: set[str] = field(default_factory=set)  # phrases of weight 2 or more, names aside
    names: set[str] = field(default_factory=set)
    stands_out: bool = False  # a strong phrase in title or lead
    is_told: bool = False  # a phrase says that a company did it
    has_category: bool = False  # the publisher files it under this topic, and clearly so
    has_facts: bool = False  # the article states what the topic is about, in figures
    in_title: bool = False  # one of the words is in the title
    is_named: bool = False  # one of the names is
    titled: int = 0  # securities of this business in the title
    is_sector: bool = False  # the business of the company that the article is about

    @property
    def total(self) -> float:
        """All points, each phrase's fading with its place in the ranking."""
        ranked = sorted(self.points.values(), reverse=True)
        return sum(points * _FADE**place for place, points in enumerate(ranked))

    @property
    def has_words(self) -> bool:
        """Whether its words make the topic: a strong one, two, or one and a name in the title."""
        return (
            self.stands_out
            or self.is_told
            or len(self.words) > 1
            or (self.in_title and self.is_named)
        )

    @property
    def is_named_twice(self) -> bool:
        """Whether the title names two of this business: it is about that."""
        return self.titled > 1

    @property
    def is_filed_alone(self) -> bool:
        """Whether only the publisher's category makes the topic: neither words nor facts."""
        return self.has_category and not (self.has_words or self.has_facts)

    def add(
        self, phrase: str, means: Meaning, points: float, *, in_title: bool, in_lead: bool = False
    ) -> None:
        """Count a phrase where it stands."""
        self.points[phrase] = self.points.get(phrase, 0.0) + points
        if means.is_name:
            self.names.add(phrase)
            self.is_named |= in_title
        elif means.weight >= _MEANINGFUL:
            self.words.add(phrase)
            self.in_title |= in_title
            self.is_told |= means.weight > _STRONG
            self.stands_out |= means.weight >= _STRONG and (in_title or in_lead)

    def add_category(self, printed: str, *, is_vague: bool) -> None:
        """Count a publisher's category: a clear one makes the topic, a vague one supports it."""
        self.points[f"channel:{printed}"] = _VAGUE_CATEGORY if is_vague else _CATEGORY
        self.has_category |= not is_vague

    def add_facts(self, kind: str) -> None:
        """Count the facts that the article states: they make the topic."""
        self.points[f"facts:{kind}"] = _FACTS
        self.has_facts = True

    def add_security(self, tag: TickerTag) -> None:
        """Count a company whose business the topic is as a name, where the article names it."""
        name = f"security:{tag.symbol}"
        in_title = any(mention.field == "title" for mention in tag.mentions)
        starts = sorted(mention.start for mention in tag.mentions if mention.field == "text")
        shares = zip(starts, (1.0, _AGAIN), strict=False)
        in_text = sum(share * _nearness(start) for start, share in shares)
        weight = WEIGHTS["names"]
        self.points[name] = weight * (in_title * _TITLE + in_text * _NAME_IN_TEXT)
        self.names.add(name)
        self.is_named |= in_title
        self.titled += in_title
        self.is_sector |= tag.role == "primary"

    def evidence(self) -> tuple[str, ...]:
        """Return the phrases that counted most."""
        ranked = sorted(self.points, key=lambda name: (-self.points[name], name))
        return tuple(ranked[:MOST_EVIDENCE])


def score_words(
    book: Phrasebook, title: str, text: str, securities: Sequence[Span] = ()
) -> defaultdict[str, Score]:
    """Return topic -> what a folded title and a folded text say for it.

    ``securities`` is where the title names securities.
    """
    scores: defaultdict[str, Score] = defaultdict(Score)
    for _, phrase, means in _counting(book, title, securities):
        score = scores[means.topic]
        if phrase not in score.points:
            score.add(phrase, means, means.weight * _TITLE, in_title=True)
    for start, phrase, means in _counting(book, text):
        score = scores[means.topic]
        places = score.seen[phrase] = score.seen.get(phrase, 0) + 1
        if places <= 2:  # noqa: PLR2004 - the first place, and one that confirms it
            share = 1.0 if places == 1 else _AGAIN
            if means.is_name:
                share *= _NAME_IN_TEXT
            points = means.weight * share * _nearness(start)
            score.add(phrase, means, points, in_title=False, in_lead=start < LEAD_ENDS)
    return scores


def _counting(
    book: Phrasebook, folded: str, securities: Sequence[Span] = ()
) -> Iterator[tuple[int, str, Meaning]]:
    """Yield (start, phrase, meaning) of what counts.

    Not so what is inside a longer phrase, or touched by a hiding one.
    """
    found = book.find(folded)
    for near in book.find_pairs(folded[:_PAIRS_END], securities):
        insort(found, near, key=_order)
    hidden = _hidden(found)
    reach: dict[str, int] = {}
    for start, end, meanings in found:
        for means in meanings:
            topic, weight, _ = means
            if weight and end > reach.get(topic, 0):
                reach[topic] = end
                if topic not in hidden or not hidden[topic].touch(start, end):
                    yield start, folded[start:end].strip(), means


def _order(found: Found) -> tuple[int, int]:
    return found[0], -found[1]


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


def _hidden(found: Iterable[tuple[int, int, Meanings]]) -> dict[str, _Spans]:
    spans: dict[str, _Spans] = {}
    for start, end, meanings in [one for one in found if not one[2][0].weight]:
        for means in meanings:
            if not means.weight:
                spans.setdefault(means.topic, _Spans()).add(start, end)
    return spans


def _nearness(start: int) -> float:
    if start < LEAD_ENDS:
        return _LEAD
    return _MIDDLE if start < _MIDDLE_ENDS else _REST
