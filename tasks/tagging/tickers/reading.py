"""Reads an article once for all layers: its citations of every form, and the companies named."""

from collections.abc import Sequence
from itertools import chain

from tasks.articles.records import Article
from tasks.tagging.securities.reference import Reference
from tasks.tagging.tickers.bare_codes import BareCodes
from tasks.tagging.tickers.citations import Citation, find_citations
from tasks.tagging.tickers.coins import load_coins
from tasks.tagging.tickers.companies import find_runs
from tasks.tagging.tickers.evidence import Reading
from tasks.tagging.tickers.exchanges import ExchangeBook
from tasks.tagging.tickers.markup import read_declared
from tasks.tagging.tickers.names import load_names
from tasks.tagging.tickers.plain_brackets import PlainBrackets, load_abbreviations
from tasks.tagging.tickers.prefixed import Prefixed


class Reader:
    """Finds the citations of articles; holds what must be known for it."""

    def __init__(self, exchanges: ExchangeBook, reference: Reference) -> None:
        self._exchanges = exchanges
        self._codes = BareCodes(lambda symbol, code: reference.company(symbol, code) is not None)
        self._coins, self._names = load_coins(), load_names()
        abbreviations = load_abbreviations()
        self._plain = PlainBrackets(self._names, abbreviations, self._coins)
        self._prefixed = Prefixed(exchanges, abbreviations.words)

    def read(self, article: Article) -> Reading:
        """Return the article with the citations and companies of its title and text."""
        title = self._with_exchange(article.title, article.language)
        text = self._with_exchange(article.text, article.language)
        supported = self._declared(article) | {
            cited.symbol for citation in chain(title, text) for cited in citation.cited
        }
        language = article.language
        title = merged(title, self._plain.find(article.title, supported, language))
        text = merged(text, self._plain.find(article.text, supported, language))
        return Reading(
            article=article,
            title_citations=title,
            text_citations=text,
            title_runs=find_runs(article.title, title, self._names),
            text_runs=find_runs(article.text, text, self._names),
        )

    def _with_exchange(self, body: str, language: str) -> tuple[Citation, ...]:
        found = merged(find_citations(body, self._exchanges), self._prefixed.find(body))
        return merged(found, self._codes.find(body, language))

    def _declared(self, article: Article) -> frozenset[str]:
        declared = (
            read_declared(printed, self._exchanges, self._coins)[0]
            for printed in dict.fromkeys(article.publisher_tickers)
        )
        return frozenset(filter(None, declared))


def merged(first: Sequence[Citation], second: Sequence[Citation]) -> tuple[Citation, ...]:
    """Return both in order of place, without those of the second that overlap the first."""
    if not second:
        return tuple(first)
    kept: list[Citation] = []
    starts = {citation.start for citation in first}
    for citation in sorted((*second, *first), key=lambda c: c.start):
        if kept and citation.start < kept[-1].end:
            if citation.start in starts:
                kept[-1] = citation
            continue
        kept.append(citation)
    return tuple(kept)
