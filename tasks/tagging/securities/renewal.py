"""Brings the reference up to date with fresh lists: what is new, renamed, or gone."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from tasks.tagging.securities.lists import Listed
from tasks.tagging.securities.reference import Company, Former, Listing, Reference

_EPOCH = date(1900, 1, 1)  # since when a security traded of which only its end is known


def renewed(reference: Reference, listed: Iterable[Listed], day: date) -> Reference:
    """Return the reference as it is with these lists, on this day.

    A listed symbol that it does not know is added, to its company where the SEC's number is known.
    A symbol of an American exchange that no list has any more ends on this day; what trades over
    the counter is left, as NASDAQ does not list it. Names kept by hand stay.
    """
    fresh = list(listed)
    companies = [_copy(company) for company in reference.companies]
    by_cik = {company.cik: company for company in companies if company.cik}
    by_security = {
        (symbol, reference.exchanges.market(exchange)): company
        for company in companies
        for symbol, exchange in company.listings
    }
    for one in fresh:
        key = (one.symbol, reference.exchanges.market(one.exchange))
        if key in by_security:
            continue
        company = by_cik.get(one.cik) if one.cik else None
        if company is None:
            company = Company(one.name, one.kind, [], one.cik)
            companies.append(company)
            if one.cik:
                by_cik[one.cik] = company
        company.listings.append((one.symbol, one.exchange))
        by_security[key] = company
    _end(companies, {one.symbol for one in fresh}, day, reference)
    digest = hashlib.sha256(repr(sorted(map(repr, fresh))).encode()).hexdigest()[:8]
    return replace(
        reference,
        version=f"{day.isoformat()}-{digest}",
        companies=tuple(companies),
        by_security=by_security,
    )


def _copy(company: Company) -> Company:
    return replace(
        company, listings=list(company.listings), former=list(company.former), names=company.names
    )


def _end(companies: Iterable[Company], symbols: set[str], day: date, reference: Reference) -> None:
    """Make former listings of the American ones whose symbols are in no list."""
    for company in companies:
        gone = [x for x in company.listings if _is_gone(x, symbols, reference)]
        company.listings = [x for x in company.listings if x not in gone]
        company.former += [Former(listing, company.name, _EPOCH, day) for listing in gone]


def _is_gone(listing: Listing, symbols: set[str], reference: Reference) -> bool:
    symbol, exchange = listing
    american = reference.exchanges.market(exchange) == "US" and exchange != "OTC"
    return american and symbol not in symbols
