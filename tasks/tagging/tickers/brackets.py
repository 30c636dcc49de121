"""Layer: exchange brackets in title and text, ``Meta Platforms (NASDAQ:META)``."""

from collections.abc import Iterator, Sequence

from tasks.tagging.tickers.evidence import Reading, Sighting, sighting


def cited(reading: Reading, _: Sequence[Sighting]) -> Iterator[Sighting]:
    """Yield a sighting for every symbol in an exchange bracket."""
    fields = (("title", reading.title_citations), ("text", reading.text_citations))
    for field, citations in fields:
        for citation in citations:
            for c in citation.cited:
                yield sighting(c.symbol, c.exchange, c.kind, (field, c.start, c.end), reading)
