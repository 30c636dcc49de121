"""From sightings to tags: one for each security, with its evidence, confidence and relevance."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from tasks.articles.records import Article, Mention, TickerTag
from tasks.tagging.tickers import brackets, cashtags, coins, local_names, markup, relevance
from tasks.tagging.tickers.citations import Citation
from tasks.tagging.tickers.coins import load_coins
from tasks.tagging.tickers.evidence import Reading, Sighting
from tasks.tagging.tickers.exchanges import ExchangeBook, load_exchanges
from tasks.tagging.tickers.names import load_names

MOST_TAGS = 400  # of an article: an "earnings scheduled" item names 300
MOST_MENTIONS = 50  # kept of a tag, the first in the article; all of them count for relevance
_SUREST = 0.999

Layer = Callable[[Reading, Sequence[Sighting]], Iterable[Sighting]]
_Key = tuple[str, str]  # symbol, exchange code


class TickerTagger:
    """Runs the layers in order, each seeing what the earlier ones found, and merges the result."""

    def __init__(self) -> None:
        self.exchanges = load_exchanges()
        money, names = load_coins(), load_names()
        self._layers: tuple[Layer, ...] = (
            partial(markup.declared, book=self.exchanges, coins=money),
            brackets.cited,
            partial(coins.pairs, coins=money),
            partial(cashtags.tagged, coins=money),
            partial(local_names.learnt, book=names),
        )

    def tag(
        self, article: Article, in_title: tuple[Citation, ...], in_text: tuple[Citation, ...]
    ) -> tuple[TickerTag, ...]:
        """Return the article's securities, the most relevant first; at most 400."""
        reading = Reading(article, in_title, in_text)
        seen: list[Sighting] = []
        for layer in self._layers:
            seen.extend(layer(reading, tuple(seen)))
        return _tags(article, _by_security(seen, self.exchanges))


def _by_security(sightings: Sequence[Sighting], book: ExchangeBook) -> dict[_Key, list[Sighting]]:
    """Group by security: by symbol and market; what names no exchange joins the likeliest one."""
    known: dict[str, Counter[str]] = {}
    for seen in sightings:
        if seen.exchange:
            known.setdefault(seen.symbol, Counter())[seen.exchange] += 1
    groups: dict[_Key, list[Sighting]] = {}
    for seen in sightings:
        exchange = _exchange(seen, known.get(seen.symbol), book)
        groups.setdefault((seen.symbol, exchange), []).append(seen)
    return groups


def _exchange(seen: Sighting, known: Counter[str] | None, book: ExchangeBook) -> str:
    """Return the exchange that stands for this sighting's market in this article."""
    if known is None:
        return ""
    market = book.market(seen.exchange) if seen.exchange else ""
    same = {code: n for code, n in known.items() if not market or book.market(code) == market}
    return max(same, key=lambda code: same[code])


def _tags(article: Article, groups: dict[_Key, list[Sighting]]) -> tuple[TickerTag, ...]:
    mentions = {key: _ordered(seen) for key, seen in groups.items()}
    relevant = relevance.relevances(article, mentions)
    primary = relevance.primaries(relevant, mentions)
    order = sorted(groups, key=lambda key: (-relevant[key], key))[:MOST_TAGS]
    return tuple(
        TickerTag(
            symbol=key[0],
            exchange=key[1],
            role="primary" if key in primary else "mention",
            confidence=_confidence(groups[key]),
            relevance=relevant[key],
            evidence=_kinds(groups[key]),
            mentions=tuple(mentions[key][:MOST_MENTIONS]),
        )
        for key in order
    )


def _ordered(sightings: Sequence[Sighting]) -> list[Mention]:
    fields = {"title": 0, "text": 1, "markup": 2, "list": 3}
    unique = dict.fromkeys(seen.mention for seen in sightings)
    return sorted(unique, key=lambda m: (fields[m.field], m.start, m.end))


def _strongest(sightings: Sequence[Sighting]) -> dict[str, float]:
    best: dict[str, float] = {}
    for seen in sightings:
        kind = seen.mention.evidence
        best[kind] = max(best.get(kind, 0.0), seen.confidence)
    return best


def _kinds(sightings: Sequence[Sighting]) -> tuple[str, ...]:
    best = _strongest(sightings)
    return tuple(sorted(best, key=lambda kind: (-best[kind], kind)))


def _confidence(sightings: Sequence[Sighting]) -> float:
    """Combine independent kinds: one minus the product of their doubts, at most 0.999."""
    doubt = 1.0
    for confidence in _strongest(sightings).values():
        doubt *= 1 - confidence
    return round(min(1 - doubt, _SUREST), 4)
