"""Whom a fact is about: the company that its own sentence names, or else the article's subject."""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from tasks.articles.records import TickerTag
from tasks.tagging.facts.analysts import load_analysts
from tasks.tagging.facts.entities import Field, Place
from tasks.tagging.facts.lines import Entity, Line, sentence_at
from tasks.tagging.facts.pieces import Piece, word_before
from tasks.tagging.facts.rulebook import Rulebook

_RATED = frozenset({"analyst_rating"})
_FORECAST = "guidance"
_DECIDED = frozenset({"dividend", _FORECAST})
_LONGEST_SOURCE = 40  # characters of the words before one that is quoted
_BEGINNING = 60  # characters in which a sentence says what it is about
NAMED, FOLLOWING, UNDERSTOOD = 0.98, 0.95, 0.9  # how sure each way is


class Binder:
    """Binds the facts of one field, whose sentences end at ``ends``."""

    def __init__(
        self, field: Field, ends: Sequence[int], tickers: Sequence[TickerTag], book: Rulebook
    ) -> None:
        self._field, self._ends, self._book = field, ends, book
        subjects = [tag for tag in tickers if tag.role == "primary"]
        first = subjects[0] if subjects else None
        twins = all(first and tag.relevance == first.relevance for tag in subjects)
        self._subject = first if twins else None

    def bind(
        self, line: Line, piece: Piece, houses: Collection[Entity]
    ) -> tuple[TickerTag, float] | None:
        """Return the company that a piece is about, and how sure that is; None: nobody can tell.

        In order: what the rule itself took; the nearest company before the piece's end in the
        sentence; the only one after it; the article's subject, when nobody else is named. Listed
        firms that rate others in this sentence (``houses``) are none of these, nor are sources.
        """
        if piece.company is not None and isinstance(piece.company.value, TickerTag):
            return piece.company.value, NAMED
        named = [
            (entity, entity.value)
            for entity in line.entities.values()
            if isinstance(entity.value, TickerTag)
            and entity is not piece.bought
            and entity not in houses
            and not self._is_source(line, entity)
        ]
        before = [(entity, tag) for entity, tag in named if entity.start < piece.end]
        if self._has_rival(line, before[-1][0].end if before else line.start, piece.start):
            return self._bought(piece)
        if before:
            nearest = self._nearest(line, before, piece)
            return (nearest, NAMED) if nearest is not None else None
        tags = {tag.symbol: tag for e, tag in named if not self._is_house(piece, e)}
        if tags:
            return (next(iter(tags.values())), FOLLOWING) if len(tags) == 1 else None
        return self._bought(piece) if piece.bought is not None else self._unnamed(line, piece)

    def _unnamed(self, line: Line, piece: Piece) -> tuple[TickerTag, float] | None:
        """Return whom a sentence is about that names none; a rating is not of one who rates."""
        subject = self.understood(line.start)
        if subject is None or (piece.rule.kind in _RATED and self._rates(subject)):
            return None
        return subject, UNDERSTOOD

    def _nearest(
        self, line: Line, before: Sequence[tuple[Entity, TickerTag]], piece: Piece
    ) -> TickerTag | None:
        """Return the last company; of what a board decides, the last that acts.

        Where none acts, a forecast may be that of the article's subject: then nobody can tell.
        """
        last = before[-1][1]
        if piece.rule.kind not in _DECIDED:
            return last
        acting = [tag for e, tag in before if word_before(line, e) not in self._book.prepositions]
        if acting:
            return acting[-1]
        is_subjects = self._subject is None or self._subject.symbol == last.symbol
        return last if is_subjects or piece.rule.kind != _FORECAST else None

    def _is_source(self, line: Line, entity: Entity) -> bool:
        place = entity.start - line.start
        before = line.text[max(0, place - _LONGEST_SOURCE) : place]
        return self._book.sources.search(before) is not None

    def _is_house(self, piece: Piece, entity: Entity) -> bool:
        """Tell whether a listed house stands beside a rating: it is hardly what is rated."""
        is_rater = entity.letter == "B" and piece.rule.kind in _RATED
        return is_rater and entity.value is not self._subject

    def _bought(self, piece: Piece) -> tuple[TickerTag, float] | None:
        """Return the company that is bought by one that nobody has tagged."""
        bought = piece.bought.value if piece.bought else None
        return (bought, NAMED) if isinstance(bought, TickerTag) else None

    def _has_rival(self, line: Line, since: int, until: int) -> bool:
        """Tell whether a company nobody has tagged is what this part of the sentence is about."""
        return any(
            entity.letter == "W"
            and since <= entity.start < until
            and word_before(line, entity) not in self._book.prepositions
            and not self._book.subjects.isdisjoint(line.text[entity.end - line.start :].split()[:2])
            for entity in line.entities.values()
        )

    def understood(self, start: int) -> TickerTag | None:
        """Return whom a sentence that begins here is about if it names nobody.

        That is the article's subject, unless the paragraph speaks of another company.

        "The stock" is that of the company with which the last sentence begins that names any; of
        the article's subject, where that comes first or last there, or nobody begins it.
        """
        paragraph = self._field.text.rfind("\n", 0, start) + 1
        spoken_of = self._spoken_of(paragraph, start)
        if not spoken_of:
            return self._subject
        last = spoken_of[-1]
        sentence, _ = sentence_at(self._ends, last.start)
        places = [place for place in spoken_of if place.start >= sentence]
        beside = [place.tag for place in places]
        if self._subject is not None and self._subject.symbol in {
            beside[0].symbol,
            last.tag.symbol,
        }:
            return self._subject
        is_only = all(tag.symbol == last.tag.symbol for tag in beside)
        begins = places[0].start - sentence < _BEGINNING
        if not begins:  # whoever is named was named beside the subject
            return self._subject
        return last.tag if is_only else None

    def _rates(self, tag: TickerTag) -> bool:
        """Tell whether a company that is not the article's subject is a house that rates others."""
        firm, text = load_analysts().firm, self._field.text
        return tag is not self._subject and any(
            place.tag is tag and firm.match(text, place.start) for place in self._field.companies
        )

    def _spoken_of(self, since: int, until: int) -> list[Place]:
        """Return the places between two that name a company, those of raters left out."""
        first, last = (
            bisect_left(self._field.companies, place, key=lambda p: p.start)
            for place in (since, until)
        )
        return [p for p in self._field.companies[first:last] if p.tag.role != "analyst_firm"]
