"""Layer: cashtags, ``$META``."""

import re
from collections.abc import Iterator, Sequence

from tasks.tagging.tickers.coins import CoinBook
from tasks.tagging.tickers.evidence import CONFIDENCE, Reading, Sighting, sighting

_CASHTAG = re.compile(r"\$(?<![\w$]\$)(?P<symbol>[A-Za-z]{1,5}(?:[.-][A-Za-z])?)(?![\w$])")
_LONE = re.compile(r"[A-Z]{2,5}(?:-[A-Z])?")


def tagged(reading: Reading, earlier: Sequence[Sighting], coins: CoinBook) -> Iterator[Sighting]:
    """Yield a sighting for each cashtag: surer when other evidence knows its symbol.

    One that nothing else knows must be 2-5 capitals that are no currency or amount word.
    """
    known = {seen.symbol: seen.exchange for seen in reversed(earlier)}
    article = reading.article
    for field, body in (("title", article.title), ("text", article.text)):
        for match in _CASHTAG.finditer(body):
            printed = match.group("symbol").replace(".", "-")
            span = (field, *match.span("symbol"))
            if printed.upper() in known:
                symbol = printed.upper()
                yield sighting(symbol, known[symbol], "cashtag", span, reading)
            elif _LONE.fullmatch(printed) and printed not in coins.not_cashtags:
                exchange = "CRYPTO" if printed in coins.coins else ""
                confidence = CONFIDENCE["lone_cashtag"]
                yield sighting(printed, exchange, "cashtag", span, reading, confidence=confidence)
