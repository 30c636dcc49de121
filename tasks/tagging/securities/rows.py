"""The reference as rows of the warehouse's table ``securities``."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from tasks.articles.identity import stable_uuid
from tasks.tagging.securities.reference import Company, Listing, Reference

Row = dict[str, Any]


def security_rows(reference: Reference) -> list[Row]:
    """Return a row for every listing of every company, those of the past with their dates."""
    return [row for company in reference.companies for row in _rows(company, reference)]


def _rows(company: Company, reference: Reference) -> Iterator[Row]:
    key = company.cik or ":".join(reversed(company.key))
    shared = {
        "entity_id": stable_uuid("company", key),
        "cik": company.cik,
        "kind": company.kind,
        "country": company.country,
        "aliases": [name for name in company.names if name != company.name],
        "reference_version": reference.version,
    }
    changed = {former.until for former in company.former if former.until}
    for place, listing in enumerate(dict.fromkeys(company.listings)):
        since = max(changed, default=None) if place == 0 else None
        yield _row(listing, company, reference, (since, None)) | shared
    for former in company.former:
        span = (former.since, former.until)
        yield _row(former.listing, company, reference, span) | shared | {"name": former.name}


def _row(
    listing: Listing,
    company: Company,
    reference: Reference,
    span: tuple[date | None, date | None],
) -> Row:
    symbol, code = listing
    exchange = reference.exchanges.by_code.get(code)
    return {
        "symbol": symbol,
        "exchange": code,
        "mic": exchange.mic if exchange else "",
        "name": company.name,
        "isin": company.isins.get(listing, ""),
        "valid_from_at": _midnight(span[0]),
        "valid_to_at": _midnight(span[1]),
    }


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
