"""From sightings to tags: one for each security, with its evidence, confidence and relevance."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from tasks.articles.records import Article, Mention, TickerTag
from tasks.tagging.securities.names import load_name_index
from tasks.tagging.securities.reference import Company, Reference, load_reference
from tasks.tagging.tickers import brackets, cashtags, coins, local_names, markup, relevance
from tasks.tagging.tickers.analysts import load_analysts
from tasks.tagging.tickers.coins import load_coins
from tasks.tagging.tickers.companies import listings_of_one
from tasks.tagging.tickers.evidence import PUBLISHED, Reading, Sighting
from tasks.tagging.tickers.exchanges import ExchangeBook, load_exchanges
from tasks.tagging.tickers.known_names import KnownNames, load_support
from tasks.tagging.tickers.names import load_names
from tasks.tagging.tickers.publishers import load_publishers
from tasks.tagging.tickers.reading import Reader
from tasks.tagging.tickers.resolving import resolved
from tasks.tagging.tickers.roles import roles_of
from tasks.tagging.tickers.shortened import shortened

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
        self._names = names
        load_analysts()
        load_publishers()
        relevance.load_round_ups()
        self.reference, self._index = load_reference(), load_name_index()
        self._reader = Reader(self.exchanges, self.reference)
        self._known = KnownNames(
            self.reference,
            self._index,
            load_support(),
            names.boundaries | names.legal_forms | names.places,
            names.persons,
        )
        self._layers: tuple[Layer, ...] = (
            partial(markup.declared, book=self.exchanges, coins=money),
            brackets.cited,
            partial(coins.pairs, coins=money),
            partial(cashtags.tagged, coins=money),
            partial(local_names.learnt, book=names),
        )

    def read(self, article: Article) -> Reading:
        """Return the article with its citations, as ``tag`` wants it."""
        return self._reader.read(article)

    def tag(self, reading: Reading) -> tuple[TickerTag, ...]:
        """Return the article's securities, the most relevant first; at most 400."""
        seen: list[Sighting] = []
        for layer in self._layers:
            seen.extend(layer(reading, tuple(seen)))
        seen = resolved(seen, reading, self.reference, self._index)
        seen.extend(self._known.named(reading, tuple(seen)))
        seen = shortened(reading, seen, self._names)
        return _tags(reading, _by_security(seen, self.exchanges), self.reference)


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


def _tags(
    reading: Reading, groups: dict[_Key, list[Sighting]], reference: Reference
) -> tuple[TickerTag, ...]:
    mentions = {key: _ordered(seen) for key, seen in groups.items()}
    company = _companies(reading, groups, reference)
    of_company: dict[_Key, list[Mention]] = {}
    for key in groups:
        of_company.setdefault(company[key], []).extend(mentions[key])
    relevant = relevance.relevances(reading.article, of_company)
    best = {key: _strongest(seen) for key, seen in groups.items()}
    confidence = {key: _confidence(kinds) for key, kinds in best.items()}
    published = frozenset(company[key] for key in groups if confidence[key] >= PUBLISHED)
    roles = roles_of(reading, of_company, relevant, published)
    order = sorted(groups, key=lambda key: (-relevant[company[key]], key))[:MOST_TAGS]
    return tuple(
        TickerTag(
            symbol=key[0],
            exchange=key[1],
            role=roles[company[key]].role,
            role_because=roles[company[key]].because,
            confidence=confidence[key],
            relevance=relevant[company[key]],
            evidence=_kinds(best[key]),
            mentions=tuple(mentions[key][:MOST_MENTIONS]),
            is_verified=reference.company(*key) is not None,
        )
        for key in order
    )


def _companies(
    reading: Reading, groups: dict[_Key, list[Sighting]], reference: Reference
) -> dict[_Key, _Key]:
    """Return, for each security, the listing that stands for its company: mostly itself."""
    keys = {(s.symbol, s.exchange): key for key, seen in groups.items() for s in seen}
    keys |= {(key[0], ""): key for key in groups if (key[0], "") not in keys}
    chiefs = listings_of_one((*reading.title_runs, *reading.text_runs), reference.exchanges)
    together = {key: key for key in groups} | {
        keys[security]: keys[chief] for security, chief in chiefs.items()
    }
    known: dict[Company, _Key] = {}
    for key in groups:
        if (company := reference.company(*key)) is not None:
            known.setdefault(company, together[key])
    return {
        key: known[company] if (company := reference.company(*key)) in known else chief
        for key, chief in together.items()
    }


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


def _kinds(best: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(best, key=lambda kind: (-best[kind], kind)))


def _confidence(best: Mapping[str, float]) -> float:
    """Combine independent kinds: one minus the product of their doubts, at most 0.999."""
    doubt = 1.0
    for confidence in best.values():
        doubt *= 1 - confidence
    return round(min(1 - doubt, _SUREST), 4)
