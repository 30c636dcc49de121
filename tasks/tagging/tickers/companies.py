"""Which citations stand together after one name: ``Shell plc (LSE: SHEL) (NYSE: SHEL)``.

They are one company's listings; the name, and what a definition beside it calls the company,
``Kestrel Therapeutics, Inc. (“Kestrel” or the “Company”) (Nasdaq: KSTL)``, stand for all of them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.tagging.tickers.citations import Citation
from tasks.tagging.tickers.exchanges import ExchangeBook, alias_key
from tasks.tagging.tickers.names import LearntName, NameBook, name_before

Security = tuple[str, str]  # symbol, exchange code
GAP = 2  # characters between a name and its own bracket, or between two brackets
_MOST_LISTINGS = 6  # of one company in one place
_QUOTED = r"[\"“”„«»‘’']([^\"“”„«»()\n]{2,60}?)[,.]?[\"”“»‘’']"
_WORDS = r"(?:[^\W\d_]{1,20}(?:['’]|,?\s)){0,6}"
_DEFINITION = rf"\(\s*{_WORDS}{_QUOTED}(?:,?\s*{_WORDS}{_QUOTED}){{0,3}}\s*\)"
_BEFORE = re.compile(rf"({_DEFINITION})\s?$")
_AFTER = re.compile(rf"\s?({_DEFINITION})")
_TERM = re.compile(_QUOTED)
_LONGEST_DEFINITION = 200


@dataclass(frozen=True, slots=True)
class Run:
    """Citations that stand together, with the name before them."""

    start: int  # of the name, or of the first citation when no name stands there
    end: int
    securities: tuple[Security, ...]
    name: LearntName | None
    defined: tuple[str, ...]  # further names of the company, from a definition


def find_runs(text: str, citations: Sequence[Citation], book: NameBook) -> tuple[Run, ...]:
    """Return the runs of citations of a text, in order: ``(NASDAQ:GOOG)(NASDAQ:GOOGL)`` is one."""
    return tuple(_run(text, together, book) for together in _together(citations))


def _together(citations: Sequence[Citation]) -> Iterator[list[Citation]]:
    together: list[Citation] = []
    for citation in citations:
        if together and citation.start - together[-1].end > GAP:
            yield together
            together = []
        together.append(citation)
    if together:
        yield together


def _run(text: str, together: Sequence[Citation], book: NameBook) -> Run:
    start, end = together[0].start, together[-1].end
    securities = tuple((c.symbol, c.exchange) for citation in together for c in citation.cited)
    before, after = _definition_before(text, start), _AFTER.match(text, end, end + 200)
    terms = _terms(before, book) + (_terms(after, book) if after else ())
    name = name_before(text, before.start() if before else start, securities[0][0], book)
    return Run(name.start if name else start, end, securities, name, terms if name else ())


def _definition_before(text: str, start: int) -> re.Match[str] | None:
    closes = text[max(0, start - GAP) : start].rstrip()[-1:]
    opens = text.rfind("(", max(0, start - _LONGEST_DEFINITION), start) if closes == ")" else -1
    return _BEFORE.match(text, opens, start) if opens >= 0 else None


def _terms(definition: re.Match[str] | None, book: NameBook) -> tuple[str, ...]:
    """Return the names that a definition gives, without "the Company" and its like."""
    if definition is None:
        return ()
    terms = [term.strip() for term in _TERM.findall(definition.group(1))]
    return tuple(term for term in terms if _is_a_name(term, book))


def _is_a_name(term: str, book: NameBook) -> bool:
    words = [alias_key(word) for word in re.findall(r"\w+", term)]
    tells = [word for word in words if word not in book.not_defined | book.boundaries]
    return term[:1].isupper() and bool(tells)


def listings_of_one(runs: Sequence[Run], book: ExchangeBook) -> Mapping[Security, Security]:
    """Return, for each security of a company with several, the one that stands for the company."""
    chief: dict[Security, Security] = {}
    for run in runs:
        if len(run.securities) > 1 and run.name and _are_one(run.securities, book):
            known = [_chief(security, chief) for security in run.securities]
            for security in (*known, *run.securities):
                chief[security] = known[0]
    return {security: _chief(security, chief) for security in chief}


def _chief(security: Security, chief: Mapping[Security, Security]) -> Security:
    while chief.get(security, security) != security:
        security = chief[security]
    return security


def _are_one(securities: Sequence[Security], book: ExchangeBook) -> bool:
    """Tell one company's listings from a list: elsewhere, or symbols that begin alike."""
    several = list(dict.fromkeys(securities))
    if len(several) > _MOST_LISTINGS:
        return False
    return all(
        book.market(one[1]) != book.market(other[1])
        or one[0][:2] == other[0][:2]
        or one[0].startswith(other[0])
        or other[0].startswith(one[0])
        for place, one in enumerate(several)
        for other in several[:place]
    )
