"""An article's facts: the sentences worth reading, the rules' pieces, and facts made of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tasks.articles.records import Article, Fact, TickerTag
from tasks.tagging.facts.binding import Binder
from tasks.tagging.facts.building import build
from tasks.tagging.facts.entities import EntityFinder, Field, field_of
from tasks.tagging.facts.lines import (
    LONGEST,
    Line,
    appositions,
    sentence_at,
    sentence_ends,
)
from tasks.tagging.facts.pieces import read_pieces
from tasks.tagging.facts.rulebook import Kind, Rulebook, languages, load_rulebook
from tasks.tagging.facts.sessions import in_session
from tasks.tagging.facts.settling import settled
from tasks.tagging.tickers.evidence import Reading

MOST_FACTS = 200  # of an article
_MOST_READ = 100_000  # characters of a text, as for topics
_WITH_RATINGS = frozenset({"analyst_rating"})
_OVER_APPOSITIONS = frozenset({"price_move"})
_DIGIT = re.compile(r"\d")


class FactReader:
    """Reads facts by the rules of the article's language; in a language without rules, none."""

    def __init__(self) -> None:
        self._languages = languages()

    def books(self) -> tuple[Rulebook, ...]:
        """Return the rules of all languages. Raises KnowledgeError."""
        return tuple(map(load_rulebook, self._languages))

    def book(self, language: str) -> Rulebook | None:
        """Return a language's rules, None where it has none. As ``books``."""
        return load_rulebook(language) if language in self._languages else None

    def read(self, reading: Reading, tickers: Sequence[TickerTag]) -> tuple[Fact, ...]:
        """Return the article's facts in the order of their places, the title's first."""
        book = self.book(reading.article.language)
        if book is None or not tickers:
            return ()
        finder = EntityFinder(reading.article, book)
        found: list[Fact] = []
        for name in ("title", "text"):
            field = field_of(reading, tickers, name)
            found += _facts(field, book, finder, tickers)
        quarter = finder.quarter() if any(fact.kind == "earnings" for fact in found) else ""
        found = [
            _with_period(fact, quarter) for fact in found if not _is_to_come(fact, reading.article)
        ]
        texts = {"title": reading.article.title, "text": reading.article.text}
        return tuple(in_session(settled(found[:MOST_FACTS], texts), reading.article, book))


def _is_to_come(fact: Fact, article: Article) -> bool:
    """Tell whether results are those of a year that has not ended: somebody's forecast."""
    year = article.published_at.year if article.published_at else None
    return (
        fact.kind == "earnings"
        and year is not None
        and any(value.period.isdigit() and int(value.period) > year for value in fact.values)
    )


def _with_period(fact: Fact, quarter: str) -> Fact:
    """Give results that name no period in their own sentence that of the article."""
    if fact.kind != "earnings" or not quarter or any(value.period for value in fact.values):
        return fact
    return replace(fact, values=tuple(replace(value, period=quarter) for value in fact.values))


def _facts(
    field: Field, book: Rulebook, finder: EntityFinder, tickers: Sequence[TickerTag]
) -> Iterator[Fact]:
    lowered = field.text[:_MOST_READ].replace("İ", "I").lower()
    triggers = list(book.triggered(lowered))
    if not triggers:
        return
    ends = sentence_ends(field.text, book.abbreviations)
    binder = Binder(field, ends, tickers, book)
    for (start, end), names in _worth_reading(triggers, ends, lowered, book).items():
        sentence = finder.sentence(field, start, end)
        if not sentence.names_company and binder.understood(start) is None:
            continue  # whatever it says, nobody can tell of whom
        lines: dict[bool, Line] = {}
        plain: dict[bool, Line] = {}
        for kind in (book.kinds[name] for name in sorted(names)):
            if not kind.stating.may_match(sentence.words):  # before it is looked at closely
                continue
            rated = kind.name in _WITH_RATINGS
            if rated not in lines:
                lines[rated] = finder.line(sentence, with_ratings=rated)
            if kind.stating.may_match(lines[rated].words):
                if rated not in plain:
                    plain[rated] = _without_comparisons(lines[rated], book)
                line = _without_asides(plain[rated], kind, field, book)
                yield from build(read_pieces(kind, line, book.prepositions), line, binder, field)


def _worth_reading(
    triggers: Iterable[tuple[int, frozenset[str]]],
    ends: Sequence[int],
    lowered: str,
    book: Rulebook,
) -> Mapping[tuple[int, int], set[str]]:
    """Return the sentences that have a trigger, in order, with the kinds it speaks of."""
    found: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for place, kinds in triggers:
        start, end = sentence_at(ends, place)
        if end - start <= LONGEST:
            found[start, end] |= kinds
    absent = {k.name for k in book.kinds.values() if not k.is_told(lowered)}
    possible = (
        (place, _possible(place, kinds - absent, lowered, book)) for place, kinds in found.items()
    )
    return {place: kinds for place, kinds in possible if kinds}


def _possible(place: tuple[int, int], kinds: set[str], lowered: str, book: Rulebook) -> set[str]:
    """Return those of the kinds for which a sentence has figures, and money where they need it."""
    sentence = lowered[slice(*place)]
    if not _DIGIT.search(sentence):
        return kinds & book.without_figures
    if kinds <= book.without_money or book.units.has_money(sentence):
        return kinds
    return kinds & book.without_money


def _without_comparisons(line: Line, book: Rulebook) -> Line:
    spans = [match.span() for _, match in book.asides.matches(line.text, line.words)]
    return line.without(spans) if spans else line


def _without_asides(line: Line, kind: Kind, field: Field, book: Rulebook) -> Line:
    """Return the line without what is no fact of this kind."""
    if kind.name in _OVER_APPOSITIONS:
        line = line.without(appositions(line, field.text, book.verbs, book.times), trace="")
    return line.without_asides(kind.asides)
