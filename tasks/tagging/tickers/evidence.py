"""What one layer of evidence reports, and how far each kind of evidence is believed."""

from dataclasses import dataclass

from tasks.articles.records import Article, Mention
from tasks.tagging.tickers.citations import Citation
from tasks.tagging.tickers.companies import Run

# Starting confidences, 0-1: from the measurements on 108 Benzinga-type articles, but for
# exchange_suffix, exchange_prefix, plain_bracket and lone_cashtag, which are a judgement, and for
# name, product and brand: right .99, 1.00 and .98 of the time in the labelled articles, less a
# margin, because those served to mend the rules. `make eval` prints how they fare.
CONFIDENCE = {
    "markup": 0.99,
    "exchange_bracket": 0.97,
    "crypto_pair": 0.95,
    "local_alias": 0.92,
    "exchange_suffix": 0.92,
    "exchange_prefix": 0.92,  # NASDAQ:META without a bracket
    "bare_symbol": 0.90,
    "cashtag": 0.90,
    "name": 0.95,
    "plain_bracket": 0.85,  # Apple (AAPL)
    "product": 0.92,  # AWS for Amazon
    "brand": 0.90,  # a name that is also a word: Apple, or Target where something supports it
    "lone_cashtag": 0.70,  # nothing else in the article knows the symbol; shown as "cashtag"
    "weak_name": 0.40,  # a word that may be a name; below PUBLISHED
}
PUBLISHED = 0.6  # confidence from which a tag is shown; weaker ones are stored alone


@dataclass(frozen=True, slots=True)
class Sighting:
    """One piece of evidence for a security: where it is, and how sure it is (0-1)."""

    symbol: str  # normalised
    exchange: str  # canonical; "" when the evidence does not say
    mention: Mention
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """An article, its citations and the companies they name, found once for all layers."""

    article: Article
    title_citations: tuple[Citation, ...]
    text_citations: tuple[Citation, ...]
    title_runs: tuple[Run, ...]
    text_runs: tuple[Run, ...]


def sighting(
    symbol: str,
    exchange: str,
    kind: str,
    span: tuple[str, int, int],
    reading: Reading,
    *,
    confidence: float | None = None,
) -> Sighting:
    """Return evidence found at ``span`` = (``title`` or ``text``, start, end) of the article."""
    field, start, end = span
    printed = (reading.article.title if field == "title" else reading.article.text)[start:end]
    return Sighting(
        symbol=symbol,
        exchange=exchange,
        mention=Mention(
            field="title" if field == "title" else "text",
            start=start,
            end=end,
            text=printed,
            evidence=kind,
        ),
        confidence=CONFIDENCE[kind] if confidence is None else confidence,
    )
