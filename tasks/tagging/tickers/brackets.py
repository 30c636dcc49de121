"""Layer: citations in title and text: ``(NASDAQ:META)``, ``NYSE: BRK.B``, ``Apple (AAPL)``."""

from collections.abc import Iterator, Sequence

from tasks.tagging.tickers.evidence import Reading, Sighting, sighting


def cited(reading: Reading, _: Sequence[Sighting]) -> Iterator[Sighting]:
    """Yield a sighting for every symbol in a citation."""
    fields = (("title", reading.title_citations), ("text", reading.text_citations))
    for field, citations in fields:
        for citation in citations:
            for c in citation.cited:
                span = (field, c.start, c.end)
                sure = c.confidence
                yield sighting(c.symbol, c.exchange, c.kind, span, reading, confidence=sure)
