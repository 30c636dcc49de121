"""Finds the exchange of a symbol that the article gives without one: ``$META``, ``Apple (AAPL)``.

The name before a bracket decides; without one, the exchanges where the article's language is at
home, then those of New York. A symbol that is nowhere listed keeps no exchange. What an article
calls a company for short, "Singapore Airlines (SIA)", stands for its listing.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from tasks.tagging.securities.names import Found, NameIndex
from tasks.tagging.securities.reference import Listing, Reference
from tasks.tagging.tickers.evidence import Reading, Sighting


def resolved(
    seen: Sequence[Sighting], reading: Reading, reference: Reference, index: NameIndex
) -> list[Sighting]:
    """Return the sightings, those without an exchange with the one that their symbol means."""
    told = {one.symbol for one in seen if one.exchange}
    bare = {one.symbol for one in seen if not one.exchange} - told
    if not bare:
        return list(seen)
    language = reading.article.language
    places: dict[str, Listing | None] = {
        symbol: reference.likeliest(symbol, language) for symbol in bare
    }
    places |= _told_by_names(reading, bare, reference, index)
    return [
        replace(one, symbol=place[0], exchange=place[1])
        if not one.exchange and (place := places.get(one.symbol))
        else one
        for one in seen
    ]


def _told_by_names(
    reading: Reading, symbols: set[str], reference: Reference, index: NameIndex
) -> dict[str, Listing]:
    """Return the listings of the companies whose names stand before their symbols."""
    places: dict[str, Listing] = {}
    language = reading.article.language
    for run in chain(reading.title_runs, reading.text_runs):
        wanted = [symbol for symbol, exchange in run.securities if symbol in symbols]
        if not wanted or run.name is None:
            continue
        name = " ".join(run.name.spellings[:1])
        for found in index.find(name, language):
            own = {listing[0]: listing for listing in reversed(found.company.listings)}
            for symbol in wanted:
                if symbol in own:
                    places.setdefault(symbol, own[symbol])
                elif own and _is_short_for(symbol, found, name, reference):
                    listing = found.company.listing(language, None)
                    places.setdefault(symbol, listing or found.company.key)
    return places


def _is_short_for(symbol: str, found: Found, name: str, reference: Reference) -> bool:
    """Tell whether a symbol is only what the article calls a company: no ticker in New York."""
    is_whole = found.kind == "names" and (found.start, found.end) == (0, len(name))
    was = {former.listing[0] for former in found.company.former}
    known = reference.likeliest(symbol, "en")
    is_american = known is not None and reference.exchanges.market(known[1]) == "US"
    return is_whole and symbol not in was and not is_american
