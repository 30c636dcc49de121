"""The companies, funds and coins that are known, with their listings, names and dates.

``listed.csv`` is a snapshot that ``build.py`` writes; ``companies/*.csv`` (names that articles use,
home listings) and ``history.csv`` (renamed and vanished symbols) are kept by hand and go before it.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

from tasks.articles.errors import KnowledgeError
from tasks.tagging.tickers.exchanges import ExchangeBook, load_exchanges

FOLDER = Path(__file__).parent
Listing = tuple[str, str]  # symbol, exchange code
# How a company may be called, from names that mean it anywhere to words that need support.
KINDS = ("names", "brands", "doubtful", "products")


@dataclass(slots=True, eq=False)
class Company:
    """One company, fund or coin: all its listings, the one that stands for it first."""

    name: str
    kind: str  # stock, etf or crypto
    listings: list[Listing]
    cik: str = ""
    by_language: dict[str, Listing] = field(default_factory=dict)
    isins: dict[Listing, str] = field(default_factory=dict)
    country: str = ""
    names: dict[str, str] = field(default_factory=dict)  # as written -> one of KINDS
    former: list["Former"] = field(default_factory=list)
    owner: "Company | None" = None  # who bought it when it had no listing of its own any more

    @property
    def key(self) -> Listing:
        """Return the listing, of now or of the past, that the company is known by."""
        return self.listings[0] if self.listings else self.former[0].listing

    def listing(self, language: str, day: date | None) -> Listing | None:
        """Return its listing for readers of a language on a day; None when it had none."""
        if day is not None:
            for former in self.former:
                if former.since <= day < former.until:
                    return former.listing
        if self.owner is not None:
            return self.owner.listing(language, day)
        if not self.listings:
            return None
        return self.by_language.get(language, self.listings[0])


@dataclass(frozen=True, slots=True)
class Former:
    """A symbol that a company had, from one day until another, the latter not included."""

    listing: Listing
    name: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Reference:
    """All companies, by symbol and market."""

    version: str  # day of the snapshot and a short hash of all files: 2026-11-23-3f9a02c4
    companies: tuple[Company, ...]
    by_security: Mapping[tuple[str, str], Company]  # symbol, market
    by_symbol: Mapping[str, Sequence[Company]]
    exchanges: ExchangeBook

    def company(self, symbol: str, exchange: str) -> Company | None:
        """Return whose security this is, now or formerly; None for an unknown one."""
        return self.by_security.get((symbol, self.exchanges.market(exchange)))

    def likeliest(self, symbol: str, language: str) -> Listing | None:
        """Return the listing that a symbol without an exchange means in an article."""
        found = [
            listing
            for company in self.by_symbol.get(symbol, ())
            for listing in company.listings
            if listing[0] == symbol
        ]
        at_home = [x for x in found if language and self._language(x[1]) == language]
        american = [x for x in found if self.exchanges.market(x[1]) == "US"]
        best = at_home or american or (found if len(found) == 1 else [])
        return best[0] if best else None

    def _language(self, code: str) -> str:
        exchange = self.exchanges.by_code.get(code)
        return exchange.language if exchange else ""


@cache
def load_reference(folder: Path = FOLDER) -> Reference:
    """Read the files. Raises KnowledgeError, naming the file and line, for one that is unusable."""
    loader = _Loader(load_exchanges())
    day = loader.read_snapshot(folder / "listed.csv")
    for path in sorted((folder / "companies").glob("*.csv")):
        loader.read_names(path)
    loader.read_history(folder / "history.csv")
    by_symbol: dict[str, list[Company]] = {}
    for company in loader.companies:
        for symbol in dict.fromkeys(symbol for symbol, _ in company.listings):
            by_symbol.setdefault(symbol, []).append(company)
    return Reference(
        version=f"{day}-{_digest(folder)}",
        companies=tuple(loader.companies),
        by_security=loader.by_security,
        by_symbol=by_symbol,
        exchanges=loader.exchanges,
    )


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


class _Loader:
    """Merges the files into companies, one for all listings of each."""

    def __init__(self, exchanges: ExchangeBook) -> None:
        self.exchanges = exchanges
        self.companies: list[Company] = []
        self.by_security: dict[tuple[str, str], Company] = {}
        self._by_cik: dict[str, Company] = {}
        self._markets = {code: exchange.market for code, exchange in exchanges.by_code.items()}

    def read_snapshot(self, path: Path) -> str:
        """Read the snapshot and return its day."""
        with path.open(encoding="utf-8", newline="") as lines:
            day = next(lines).removeprefix("# ").partition(":")[0]
            rows = csv.reader(lines)
            next(rows)
            for symbol, exchange, name, cik, isin, kind, country, names, doubtful in rows:
                listing = (symbol, exchange)
                company = self._by_cik.get(cik) if cik and kind == "stock" else None
                if company is None:
                    company = Company(name, kind, [listing], cik, country=country)
                    self._add(company)
                    if cik:
                        self._by_cik.setdefault(cik, company)
                else:
                    company.listings.append(listing)
                if isin:
                    company.isins[listing] = isin
                for given in filter(None, names.split("|")):
                    company.names[given] = "names"
                for given in filter(None, doubtful.split("|")):
                    company.names[given] = "doubtful"
                self._index(company, listing)
        return day

    def read_names(self, path: Path) -> None:
        """Read a file of names kept by hand; they go before those of the snapshot."""
        kind = {"coins": "crypto", "funds": "etf"}.get(path.stem, "stock")
        for line, row in _rows(path):
            try:
                self._read_names(row, kind)
            except (KeyError, ValueError) as error:
                raise KnowledgeError(f"{path}, line {line}: {error}") from error

    def _read_names(self, row: Mapping[str, str], kind: str) -> None:
        default: list[Listing] = []
        by_language: dict[str, Listing] = {}
        for written in row["listings"].split():
            language, _, place = written.rpartition("=")
            exchange, _, symbol = place.partition(":")
            if exchange not in self._markets or not symbol:
                raise ValueError(f"{written!r} is not EXCHANGE:SYMBOL with a known exchange.")
            listing = (symbol, exchange)
            if language:
                by_language[language] = listing
            else:
                default.append(listing)
        listings = list(dict.fromkeys((*default, *by_language.values())))
        known = [self._company(listing) for listing in listings]
        company = next((c for c in known if c is not None), None)
        if company is None:
            company = Company("", kind, [])
            self._add(company)
        for listing, other in zip(listings, known, strict=True):
            if other is not None and other is not company:
                self._merge(other, company)
            self._index(company, listing)
        rest = [listing for listing in company.listings if listing not in listings]
        company.listings = [*listings, *rest]
        company.by_language |= by_language
        company.kind = kind
        company.country = company.country or self.exchanges.by_code[listings[0][1]].country
        given = {name: what for what in KINDS for name in row[what].split("|") if name}
        company.names = given | {n: what for n, what in company.names.items() if n not in given}
        company.name = company.name or next(iter(given), listings[0][0])

    def read_history(self, path: Path) -> None:
        """Read the symbols of the past."""
        for line, row in _rows(path):
            listing = (row["symbol"], row["exchange"])
            try:
                since, until = (date.fromisoformat(row[k]) for k in ("valid_from", "valid_to"))
            except ValueError as error:
                raise KnowledgeError(f"{path}, line {line}: {error}") from error
            company = self._company((row["now"], row["exchange"])) if row["now"] else None
            if company is None:
                company = Company(row["name"].split("|")[0] or row["symbol"], "stock", [])
                self._add(company)
            names = row["name"].split("|") if row["name"] else []
            name = names[0] if names else company.name
            exchange, _, symbol = row["owner"].partition(":")
            company.owner = self._company((symbol, exchange)) if symbol else None
            company.former.append(Former(listing, name, since, until))
            company.names |= {n: "names" for n in names if n not in company.names}
            if self._company(listing) is None:
                self._index(company, listing)

    def _add(self, company: Company) -> None:
        self.companies.append(company)

    def _company(self, listing: Listing) -> Company | None:
        symbol, exchange = listing
        return self.by_security.get((symbol, self._markets.get(exchange, exchange)))

    def _index(self, company: Company, listing: Listing) -> None:
        symbol, exchange = listing
        self.by_security.setdefault((symbol, self._markets.get(exchange, exchange)), company)

    def _merge(self, other: Company, company: Company) -> None:
        """Make one of two: what the snapshot has at home and in New York under two rows."""
        self.companies.remove(other)
        company.listings += other.listings
        company.isins |= other.isins
        company.cik = company.cik or other.cik
        company.country = company.country or other.country
        company.names |= {n: what for n, what in other.names.items() if n not in company.names}
        for listing in other.listings:
            self.by_security[listing[0], self._markets.get(listing[1], listing[1])] = company


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from enumerate(csv.DictReader(lines), start=2)


def spellings_of(companies: Sequence[Company]) -> Iterator[tuple[str, str, Company]]:
    """Yield (name, kind, company) for every name of every company."""
    yield from chain.from_iterable(
        ((name, what, company) for name, what in company.names.items()) for company in companies
    )
