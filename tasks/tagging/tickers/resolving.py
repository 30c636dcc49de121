"""Finds the exchange of a symbol that the article gives without one: ``$META``, ``Apple (AAPL)``.

The name before a bracket decides; without one, the exchanges where the article's language is at
home, then those of New York. A symbol that is nowhere listed keeps no exchange.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from tasks.tagging.securities.names import NameIndex
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
    places |= _told_by_names(reading, bare, index)
    return [
        replace(one, exchange=place[1])
        if not one.exchange and (place := places.get(one.symbol))
        else one
        for one in seen
    ]


def _told_by_names(reading: Reading, symbols: set[str], index: NameIndex) -> dict[str, Listing]:
    """Return the listings of the companies whose names stand before their symbols."""
    places: dict[str, Listing] = {}
    for run in chain(reading.title_runs, reading.text_runs):
        wanted = [symbol for symbol, exchange in run.securities if symbol in symbols]
        if not wanted or run.name is None:
            continue
        for found in index.find(" ".join(run.name.spellings[:1]), reading.article.language):
            for listing in found.company.listings:
                if listing[0] in wanted:
                    places.setdefault(listing[0], listing)
    return places
