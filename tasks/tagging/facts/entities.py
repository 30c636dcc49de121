"""Everything in a sentence that rules may bind: companies, firms, amounts, periods, names."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tasks.articles.records import Article, TickerTag
from tasks.tagging.facts.amounts import YEARS, Amount, find_amounts
from tasks.tagging.facts.analysts import AnalystBook, load_analysts
from tasks.tagging.facts.lines import Entity, Line, mark
from tasks.tagging.facts.numerals import Convention, convention_of
from tasks.tagging.facts.patterns import SLOTS, fold
from tasks.tagging.facts.periods import (
    NINE_MONTHS,
    PeriodBook,
    find_stretches,
    load_periods,
    spans_of,
)
from tasks.tagging.facts.rulebook import Rulebook
from tasks.tagging.tickers.companies import Run
from tasks.tagging.tickers.evidence import Reading

# Letters that a sentence may have before its entities are looked for: all but those of companies.
_POSSIBLE = frozenset("".join(SLOTS.values())) - frozenset("BC")
_LEAD = 500  # characters that may say which quarter an article is about
_LARGE = 1e3  # the scale from which money is a company's, not a share's
_LARGE_VALUE = 1e6
_NAME = re.compile(
    r"[^\W\d_a-zß-ÿ][\w&’'.-]*(?:\s(?:&\s)?[^\W\d_a-zß-ÿ][\w&’'.-]*){0,6}", re.UNICODE
)
_WORD = re.compile(r"[^\W_]+(?:[&'’.-][^\W_]+)*")
_BRACKET = re.compile(r"\s*[(\[（【]")
_OWN_SYMBOL = re.compile(r"\s?\((?=[^)]*[A-Z])(?:[A-Z]{2,8}:\s?)?[A-Z0-9][A-Z0-9.-]{1,9}\)")
_ARTICLE = re.compile(r"^(?:A|O|As|Os)\s(?=\S)")  # names of companies have one in Portuguese
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Place:
    """One place that names a company of the article."""

    start: int
    end: int
    tag: TickerTag


@dataclass(frozen=True, slots=True)
class Field:
    """The title or the text of an article, with the places that name its companies."""

    name: str
    text: str
    companies: tuple[Place, ...]  # in order, none overlapping
    language: str  # ISO 639-1
    year: int | None  # of the article's publication


@dataclass(frozen=True)
class Sentence:
    """A sentence before its entities are looked for, but for the companies, which are known."""

    field: Field
    start: int
    end: int
    folded: str
    companies: tuple[Entity, ...]

    @property
    def names_company(self) -> bool:
        """Tell whether it names a company that is no rater."""
        return any(company.letter in "BC" for company in self.companies)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its line, and more: entities still stand as printed, or as any letter."""
        named = (company.letter for company in self.companies)
        return _POSSIBLE.union(self.folded.split(), named)


def field_of(reading: Reading, tickers: Sequence[TickerTag], name: str) -> Field:
    """Return a field with its companies: names with their brackets, and every further mention."""
    is_title = name == "title"
    text = reading.article.title if is_title else reading.article.text
    runs = reading.title_runs if is_title else reading.text_runs
    tags = {tag.symbol: tag for tag in reversed(tickers)}
    places = [
        *_run_places(runs, tags),
        *(
            Place(mention.start, mention.end, tag)
            for tag in tickers
            for mention in tag.mentions
            if mention.field == name
            and mention.end > mention.start
            and mention.evidence != "product"  # AWS grows, and Amazon's shares are another matter
        ),
    ]
    places.sort(key=lambda place: (place.start, -place.end))
    kept: list[Place] = []
    for place in places:
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
    published = reading.article.published_at
    year = published.year if published else None
    return Field(name, text, tuple(kept), reading.article.language, year)


def _run_places(runs: Sequence[Run], tags: Mapping[str, TickerTag]) -> Iterator[Place]:
    for run in runs:
        tag = tags.get(run.securities[0][0])
        if tag:
            yield Place(run.start, run.end, tag)


class EntityFinder:
    """Finds the entities of one article's sentences."""

    def __init__(self, article: Article, book: Rulebook) -> None:
        self._article, self._book = article, book
        self._units = book.units
        self._periods: PeriodBook = load_periods(article.language)
        self._analysts: AnalystBook = load_analysts()
        self._convention: Convention = convention_of(article.text, article.language)
        self._kept: tuple[Sentence, list[Entity], list[Entity]] | None = None
        self._cents = _cents_of(article.text)

    def sentence(self, field: Field, start: int, end: int) -> Sentence:
        """Return a sentence with its companies: what can be told of it quickly."""
        companies = tuple(self._companies(field, start, end))
        return Sentence(field, start, end, fold(field.text[start:end]), companies)

    def line(self, sentence: Sentence, *, with_ratings: bool) -> Line:
        """Return the line of one sentence; firms and ratings are marked only on demand."""
        field, start, end = sentence.field, sentence.start, sentence.end
        figures, names = self._common(sentence)
        firms: list[Entity] = []
        ratings: list[Entity] = []
        if with_ratings:
            firms = [Entity("F", *f) for f in self._analysts.firms(field.text, start, end)]
            rated = self._analysts.found_ratings(field.text, start, end)
            ratings = [Entity("R", *rating) for rating in rated]
        entities = [*sentence.companies, *firms, *figures, *ratings, *names]
        return mark(sentence.folded, start, entities)

    def quarter(self) -> str:
        """Return the one quarter that the title names, or else the lead; "" for none or several.

        Where none is named, but nine months, ``9M``.
        """
        for body in (self._article.title, self._article.text[:_LEAD]):
            named = {s.value for s in find_stretches(body, self._periods, None) if "Q" in s.value}
            if len({value[-2:] for value in named}) == 1:
                return max(named, key=len)
            if not named and NINE_MONTHS in spans_of(fold(body), self._periods, None):
                return NINE_MONTHS
        return ""

    def _common(self, sentence: Sentence) -> tuple[list[Entity], list[Entity]]:
        """Return the figures and names of a sentence; those of the last one are kept."""
        if self._kept is None or self._kept[0] is not sentence:
            field, start, end = sentence.field, sentence.start, sentence.end
            figures = [*self._stretches(sentence), *self._amounts(field, start, end)]
            self._kept = (sentence, figures, list(self._names(field, start, end)))
        return self._kept[1], self._kept[2]

    def _companies(self, field: Field, start: int, end: int) -> Iterator[Entity]:
        first = bisect_left(field.companies, start, key=lambda place: place.start)
        for place in field.companies[first:]:
            if place.start >= end:
                return
            printed = _POSSESSIVE.sub("", field.text[place.start : place.end])
            has_bracket = "(" in field.text[place.end : place.end + 2]
            symbol = _OWN_SYMBOL.match(field.text, place.end, end) if has_bracket else None
            last = symbol.end() if symbol else place.start + len(printed)
            if place.tag.role == "analyst_firm":
                name = next((n for _, _, n in self._analysts.firms(printed, 0, 99)), printed)
                yield Entity("F", place.start, last, name)
            elif place.end <= end:
                letter = "B" if self._analysts.firm.match(printed) else "C"
                name = _BRACKET.split(printed, maxsplit=1)[0]
                if field.language == "pt":
                    name = _ARTICLE.sub("", name)
                yield Entity(letter, place.start, last, place.tag, name)

    def _stretches(self, sentence: Sentence) -> Iterator[Entity]:
        if self._periods.hints.isdisjoint(sentence.words):
            return
        field, start, end = sentence.field, sentence.start, sentence.end
        published = self._article.published_at
        day = published.date() if published else None
        for found in find_stretches(field.text[start:end], self._periods, day):
            letter = "D" if found.kind == "day" else "Q"
            yield Entity(letter, start + found.start, start + found.end, found.value)

    def _amounts(self, field: Field, start: int, end: int) -> Iterator[Entity]:
        for found in find_amounts(field.text[start:end], self._units, self._convention):
            if found.value is not None:
                amount = self._with_currency(found)
                yield Entity(_letter(found), start + found.start, start + found.end, amount)

    def _with_currency(self, amount: Amount) -> Amount:
        if amount.kind != "money" or amount.currency:
            return amount
        return amount._replace(currency=self._cents)

    def _names(self, field: Field, start: int, end: int) -> Iterator[Entity]:
        """Yield names that are no companies of the article; a headline in capitals has none."""
        if field.name == "title" and self._article.language == "en":
            return
        for match in _NAME.finditer(field.text, start, end):
            words = [
                word
                for word in _WORD.finditer(field.text, *match.span())
                if not self._is_common(word.group())
            ]
            if words and not self._is_no_name(field.text, start, words):
                name = _POSSESSIVE.sub("", field.text[words[0].start() : words[-1].end()])
                yield Entity("W", words[0].start(), words[0].start() + len(name), name)

    def _is_common(self, word: str) -> bool:
        plain = _plain_words(word)
        return plain <= self._book.vocabulary or any(w.endswith(self._book.endings) for w in plain)

    def _is_no_name(self, text: str, start: int, words: Sequence[re.Match[str]]) -> bool:
        """Tell whether one word is a noun, or has its capital from the sentence's beginning."""
        if len(words) > 1:
            return False
        if _plain_words(words[0].group()) <= self._book.beside:
            return True
        before = text[start : words[0].start()].strip(' \n"“«(')
        if before:
            return fold(before[before.rfind(" ") + 1 :]) in self._book.articles
        following = fold(text[words[0].end() : words[0].end() + 20]).split()[:1]
        return not following or following[0] not in self._book.subjects


@lru_cache(maxsize=8_192)  # the same words, over and over
def _plain_words(word: str) -> frozenset[str]:
    return frozenset(fold(word).split())


def _cents_of(text: str) -> str:
    """Return whose cents a text means: of dollars or euros, when it has but one of them."""
    has_dollars = any(word in text for word in ("$", "dollar", "dólar"))
    has_euros = any(word in text for word in ("€", "euro"))
    if has_dollars == has_euros:
        return ""
    return "USD" if has_dollars else "EUR"


def _letter(amount: Amount) -> str:
    if amount.kind == "percent":
        return "S" if amount.has_sign else "P"
    if amount.kind == "number":
        return "Y" if amount.value in YEARS else "N"
    is_large = amount.scale >= _LARGE or abs(amount.value or 0) >= _LARGE_VALUE
    return "L" if is_large else "M"
