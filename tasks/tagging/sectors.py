"""Which topics a company's own business is: ``sectors.toml``.

Who trades in chips is news about chips, whatever the article calls it. A company that nobody has
put down is told by the words of its registered name (Therapeutics, Bancorp, Mining); a fund and a
coin by their kind.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from tasks.articles.errors import KnowledgeError
from tasks.articles.records import TickerTag
from tasks.tagging.folding import fold
from tasks.tagging.securities.reference import Company, load_reference

FILE = Path(__file__).parent / "sectors.toml"
_KINDS = {"etf": ("etf-funds",), "crypto": ("crypto",)}


class Sectors:
    """The topics of companies; those told by their names are remembered."""

    def __init__(self, path: Path = FILE) -> None:
        """Read the file. Raises KnowledgeError, naming what is wrong in it."""
        self._reference = load_reference()
        self._topics: dict[int, tuple[str, ...]] = {}
        self._words: list[tuple[str, str]] = []
        for topic, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            self._words += [(fold(words), topic) for words in entry["words"].split(",")]
            for printed in entry["securities"].split():
                company = self._company(printed, f"{path}: [{topic}]")
                self._topics[id(company)] = (*self._topics.get(id(company), ()), topic)

    def _company(self, printed: str, where: str) -> Company:
        exchange, _, symbol = printed.partition(":")
        company = self._reference.company(symbol, exchange)
        if company is None:
            raise KnowledgeError(f"{where}: the reference knows no {printed!r}; mend its symbol.")
        return company

    def topics(self, symbol: str, exchange: str) -> tuple[str, ...]:
        """Return the topics of whose security this is; none for an unknown one."""
        company = self._reference.company(symbol, exchange)
        if company is None:
            return ()
        known = self._topics.get(id(company))
        if known is None:
            known = self._topics[id(company)] = self._told(company)
        return known

    def count(self, tags: Iterable[TickerTag]) -> int:
        """Return how many companies these are: two share classes are one."""
        companies = {self._reference.company(tag.symbol, tag.exchange) for tag in tags}
        return len(companies)

    def _told(self, company: Company) -> tuple[str, ...]:
        if company.kind in _KINDS:
            return _KINDS[company.kind]
        name = fold(company.name)
        return tuple(dict.fromkeys(topic for words, topic in self._words if words in name))
