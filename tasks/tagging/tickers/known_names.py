"""Layer: companies, funds and coins by their names, brands and products, without any bracket.

A name that is also a common word (Target, Leonardo) counts where something beside it supports it:
a verb of business, "shares of", a legal form, a change in percent, a list of companies, or a place
elsewhere in the article that is certain. Without support it is kept as weak. The names are the
files of ``tasks/tagging/securities``; what supports them is ``support/*.toml`` there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, islice
from pathlib import Path

from tasks.articles.records import Article
from tasks.tagging.securities.beside import Beside, read_beside, read_files
from tasks.tagging.securities.names import Found, NameIndex
from tasks.tagging.securities.reference import FOLDER, Company, Listing, Reference
from tasks.tagging.tickers.by_print import (
    CERTAIN,
    NOBODYS,
    drop_persons,
    is_person,
    support_by_print,
)
from tasks.tagging.tickers.context import Context, is_business, names_several
from tasks.tagging.tickers.evidence import Reading, Sighting, sighting
from tasks.tagging.tickers.exchanges import alias_key
from tasks.tagging.tickers.surroundings import (
    changes,
    is_surname,
    is_title_case,
    stand_in_one_list,
    starts_sentence,
    word_after,
)
from tasks.tagging.tickers.taken import Taken

SUPPORT = FOLDER / "support"
MOST_NAMES = 4_000  # read of one text
_MOST_LISTINGS = 4  # of one company that an article cites
_SHORT_TEXT = 400  # characters; more than that without a word of business is about other things
_LEGAL = re.compile(
    r",?\s(?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|plc|PLC|N\.?V|S\.?A|AG|SE|Group|Holdings|"
    r"Trust|ETF|ETF Trust|Platforms|Technologies)\b\.?"
)
_BARE = re.compile(r"\.?,?\s\(?([A-Z]{1,5}(?:[.-][A-Z])?)(?![\w.-]*\w)")
_EVIDENCE = {"names": "name", "brands": "brand", "products": "product", "doubtful": "brand"}
_WITHOUT_CAPITALS = frozenset({"it", "es", "pt", "fr"})  # amid sentences, but for names
# Words of an article that is about New York.
_AMERICAN = (
    "NYSE",
    "NASDAQ",
    "Nasdaq",
    "Wall Street",
    "New York",
    "S&P 500",
    "Dow ",
    "ADR",
    "U.S.",
)
_AT_HOME = "home"  # no language: the listing that stands for a company
_UNSUPPORTED, _SUPPORTED = 0, 1


@cache
def load_support(folder: Path = SUPPORT) -> Mapping[str, Beside]:
    """Read the phrases of each language. Raises OSError, TOMLDecodeError or KeyError."""
    return {path.stem: read_beside(read_files([path])) for path in sorted(folder.glob("*.toml"))}


@dataclass(frozen=True, slots=True)
class _When:
    """What decides which of a company's listings an article means."""

    language: str
    day: date | None
    homes: frozenset[str]  # exchanges that an English article is about, in place of New York


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The layer; holds all names and what supports them."""

    reference: Reference
    index: NameIndex
    support: Mapping[str, Beside]  # by language
    boundaries: frozenset[str]  # words that end a name when they stand before it
    persons: frozenset[str]  # first names and titles of persons

    def named(self, reading: Reading, earlier: Sequence[Sighting]) -> Iterator[Sighting]:
        """Yield a sighting for each name that means a security, and for its symbol after it."""
        cited = self._cited(earlier)
        when = self._when(reading.article, cited)
        hidden: set[str] = set()
        context = Context(reading.article, self.index)
        by_field = {
            field: self._found((field, reading, context), earlier, hidden)
            for field in ("title", "text")
        }
        surnames = self._surnames(reading, by_field)
        candidates = {
            field: self._candidates((field, reading, context), by_field[field], hidden, surnames)
            for field in ("title", "text")
        }
        if names_several(by_field, earlier):
            support_by_print(reading.article, candidates["text"], hidden | surnames, self.index)
        everywhere = [*candidates["title"], *candidates["text"]]
        is_long = len(reading.article.text) > _SHORT_TEXT
        needs_support = is_long and not earlier and not is_business(everywhere)
        least = CERTAIN if needs_support else _SUPPORTED
        certain = set(cited) | {
            found.company
            for found, support in everywhere
            if support == CERTAIN or (support >= least and found.kind == "doubtful")
        }
        for field, of_field in candidates.items():
            body = reading.article.title if field == "title" else reading.article.text
            for found, support in of_field:
                sure = support >= least or found.company in certain
                if sure or _is_worth_keeping(field, body, found):
                    listings = cited.get(found.company) or self._listing(found.company, when)
                    kind = _EVIDENCE[found.kind] if sure else "weak_name"
                    span = (field, found.start, found.end)
                    yield from (sighting(*one, kind, span, reading) for one in listings)
                    yield from self._bare(reading, (field, body), found, listings)

    def _cited(self, earlier: Sequence[Sighting]) -> Mapping[Company, list[Listing]]:
        """Return the listings under which the article itself cites a company."""
        cited: dict[Company, list[Listing]] = {}
        for listing in dict.fromkeys((seen.symbol, seen.exchange) for seen in earlier):
            company = self.reference.company(*listing)
            if company is not None and len(cited.setdefault(company, [])) < _MOST_LISTINGS:
                cited[company].append(listing)
        return cited

    def _readers(self, cited: Mapping[Company, list[Listing]], language: str) -> str:
        """Return the language whose listings an article prefers: as it cites, so it means."""
        for company, listings in cited.items():
            american = any(self.reference.exchanges.market(code) == "US" for _, code in listings)
            if american and self._is_from_abroad(company):
                return "en"
            if not american and language == "en" and company.listings[:1] == listings[:1]:
                return _AT_HOME
        return language

    def _listing(self, company: Company, when: "_When") -> list[Listing]:
        home = company.listings[0][1] if company.listings else ""
        at_home = home in when.homes and "en" in company.by_language
        listing = company.listing(_AT_HOME if at_home else when.language, when.day)
        return [listing] if listing else []

    def _when(self, article: Article, cited: Mapping[Company, list[Listing]]) -> "_When":
        language = self._readers(cited, article.language or "en")
        day = article.published_at.date() if article.published_at else None
        homes: frozenset[str] = frozenset()
        if language == "en" and not any(word in article.text for word in _AMERICAN):
            homes = self.reference.exchanges.spoken_of(article.text)
        return _When(language, day, homes)

    def _is_from_abroad(self, company: Company) -> bool:
        home = company.listings[0][1] if company.listings else ""
        return self.reference.exchanges.market(home) != "US"

    def _found(
        self, where: tuple[str, Reading, Context], earlier: Sequence[Sighting], hidden: set[str]
    ) -> list[Found]:
        """Return the names of one field; ``hidden`` takes up words that mean something else."""
        field, reading, context = where
        article = reading.article
        body = article.title if field == "title" else article.text
        taken = Taken(field, reading, earlier)
        names = chain(
            self.index.find(body, article.language, hidden, context.abroad),
            self.index.find_characters(body, article.language),
        )
        free = (one for one in names if not taken.touches(one.start, one.end))
        return list(islice(free, MOST_NAMES))

    def _surnames(self, reading: Reading, found: Mapping[str, Sequence[Found]]) -> frozenset[str]:
        """Return the doubtful words that the article has as a person's name: "Marlene Otis"."""
        bodies = {"title": reading.article.title, "text": reading.article.text}
        return frozenset(
            bodies[field][one.start : one.end]
            for field, of_field in found.items()
            for one in of_field
            if one.kind == "doubtful" and is_person(bodies[field], one.start, self.persons)
        )

    def _candidates(
        self,
        where: tuple[str, Reading, Context],
        found: Sequence[Found],
        hidden: set[str],
        surnames: frozenset[str],
    ) -> list[tuple[Found, int]]:
        """Return the names of one field with the support that each has by itself."""
        field, reading, context = where
        body = reading.article.title if field == "title" else reading.article.text
        place = body, reading.article.language, context
        support = [self._support(f, place, hidden, surnames) for f in found]
        if field == "text":
            drop_persons(found, support, body)
        for place in (*range(1, len(found)), *range(len(found) - 1, 0, -1)):
            _share_support(found, support, place, body)
        return list(zip(found, support, strict=True))

    def _support(
        self,
        found: Found,
        where: tuple[str, str, Context],
        hidden: set[str],
        surnames: frozenset[str],
    ) -> int:
        """Tell what speaks for a name by itself; ``hidden`` words mean something else here, too."""
        body, language, context = where
        if self._is_person(found, body):
            return NOBODYS
        told = context.tells(body[found.start : found.end])
        beside = self.support.get(language, self.support["en"])
        is_first = found.kind == "doubtful" and self._is_first_name(found, body, beside)
        follows_trade = not is_first and beside.follows_trade(found.before)
        is_sure = found.kind in {"names", "products"} and told is not False
        if follows_trade or is_sure:
            return CERTAIN
        if is_first or is_surname(body, found.start, self.boundaries):
            return _UNSUPPORTED
        is_shared = body[found.start : found.end] in surnames  # "Otis said" is of a person then
        if beside.fits(found.before, "" if is_shared else found.after) or changes(body, found.end):
            return CERTAIN
        is_word = self._is_word_here(found, body, language)
        if told is not None and not is_word:
            return CERTAIN if told else NOBODYS
        is_brand = found.kind == "brands" or self._is_foreign(found, body, language)
        likely = body[found.start : found.end].lower() not in hidden
        return _SUPPORTED if is_brand and likely and not is_word else _UNSUPPORTED

    def _is_person(self, found: Found, body: str) -> bool:
        """Tell whether a name of one word is a person's: "Herr Henkel", "Matteo Ferragamo"."""
        word = body[found.start : found.end]
        is_one = word.isalpha() and not word.isupper() and not is_title_case(body)
        return is_one and is_person(body, found.start, self.persons)

    def _is_first_name(self, found: Found, body: str, beside: Beside) -> bool:
        """Tell whether another name goes on after a word: "Tim Cook" is not TIM."""
        after = word_after(body, found.end)
        if not after or alias_key(after) in self.boundaries or is_title_case(body):
            return False
        return not beside.fits("", found.after)

    def _is_word_here(self, found: Found, body: str, language: str) -> bool:
        if not self.index.is_doubtful(body[found.start : found.end], language):
            return False
        return starts_sentence(body, found.start)

    def _is_foreign(self, found: Found, body: str, language: str) -> bool:
        """Tell whether an English word has a capital amid a sentence of a language without it."""
        if language not in _WITHOUT_CAPITALS or found.company.listings[:1] == []:
            return False
        if not found.before.strip() or body[found.start : found.end].isupper():
            return False
        exchange = found.company.listings[0][1]
        word = body[found.start : found.end]
        in_language = self.index.is_doubtful(word, language)
        in_language = in_language or self.index.is_no_name_in(word, language)
        is_word = in_language or starts_sentence(body, found.start)
        return self.reference.exchanges.market(exchange) == "US" and not is_word

    def _bare(
        self, reading: Reading, where: tuple[str, str], found: Found, listings: Sequence[Listing]
    ) -> Iterator[Sighting]:
        """Yield the symbol that stands bare after its name: ``Apple Inc. AAPL``."""
        field, body = where
        end = found.end
        if legal := _LEGAL.match(body, end):
            end = legal.end()
        match = _BARE.match(body, end)
        symbol = match.group(1).replace(".", "-") if match else ""
        if match and symbol in {own for own, _ in (*listings, *found.company.listings)}:
            for listing in listings:
                if listing[0] == symbol or len(listings) == 1:
                    yield sighting(*listing, "bare_symbol", (field, *match.span(1)), reading)


def _share_support(found: Sequence[Found], support: list[int], place: int, body: str) -> None:
    """Give two neighbours in a list what support either has: "Walmart, Target and Costco"."""
    one, other = found[place - 1], found[place]
    pair = {support[place - 1], support[place]}
    differ = _UNSUPPORTED in pair and len(pair) > 1 and NOBODYS not in pair
    if differ and stand_in_one_list(body, one.end, other.start):
        support[place - 1] = support[place] = CERTAIN


def _is_worth_keeping(field: str, body: str, found: Found) -> bool:
    """Tell whether a word without support is at least printed like a name, mid-sentence."""
    if field == "title" or body[found.start : found.end].isupper() or word_after(body, found.end):
        return False
    return not starts_sentence(body, found.start)
