"""Layer: names that the article itself explains, ``Meta Platforms Inc. (NASDAQ:META) ... Meta``.

A name is learnt where it stands before its bracket; its further places in the same article, and
its symbol printed bare in capitals, count as mentions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from tasks.tagging.tickers.citations import Citation
from tasks.tagging.tickers.companies import GAP, Security
from tasks.tagging.tickers.evidence import Reading, Sighting, sighting
from tasks.tagging.tickers.names import NameBook

_SHORTEST_BARE = 3  # letters of a symbol that may stand alone, in capitals
_MOST_SECURITIES = 4  # of one name: GOOG and GOOGL, and the same at home and abroad
_AFTER_NAME = re.compile(r"\s{1,2}([A-Z]{1,5})(?![\w-])")


@dataclass(slots=True)
class _Lexicon:
    """What the article's brackets teach: spelling -> securities, and the kind of evidence."""

    names: dict[str, set[Security]] = field(default_factory=dict)
    first_words: dict[str, set[Security]] = field(default_factory=dict)
    symbols: dict[str, set[Security]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)  # first words of two companies' names

    def learn_first_word(self, word: str, securities: Sequence[Security]) -> None:
        """Keep a first word, and whether it has stood for other symbols before."""
        known = self.first_words.setdefault(word, set())
        if known and {symbol for symbol, _ in known}.isdisjoint(s for s, _ in securities):
            self.shared.add(word)
        if len(known) <= _MOST_SECURITIES:
            known.update(securities)

    def patterns(self, text: str) -> Mapping[str, tuple[str, tuple[Security, ...]]]:
        """Return each safe spelling with its evidence kind; doubtful ones are left out.

        No safe names are words that the text prints in small letters, too.
        """
        doubtful = {
            name
            for name in chain(self.first_words, self.names)
            if name.isalpha() and name.casefold() in text
        }
        small = _small_words(text) if doubtful else frozenset()
        spellings = {
            name: ("local_alias", tuple(sorted(securities)))
            for name, securities in chain(self.first_words.items(), self.names.items())
            if len(securities) <= _MOST_SECURITIES
            and (name not in doubtful or name.casefold() not in small)
        }
        for symbol, securities in self.symbols.items():
            spellings.setdefault(symbol, ("bare_symbol", tuple(sorted(securities))))
        return spellings


def learnt(reading: Reading, earlier: Sequence[Sighting], book: NameBook) -> Iterator[Sighting]:
    """Yield a sighting for each further place of a name or symbol that a bracket has explained."""
    lexicon = _learn(reading)
    for seen in earlier:
        if len(seen.symbol) >= _SHORTEST_BARE and seen.symbol not in book.not_bare_symbols:
            known = lexicon.symbols.setdefault(seen.symbol, set())
            known.add((seen.symbol, seen.exchange))
    if not (lexicon.names or lexicon.symbols):
        return
    patterns = lexicon.patterns(reading.article.text)
    automaton = AhoCorasick(
        list(patterns),
        matchkind=MatchKind.LeftmostLongest,
        implementation=Implementation.NoncontiguousNFA,  # the quickest to make
    )
    article = reading.article
    for name, body, citations in (
        ("title", article.title, reading.title_citations),
        ("text", article.text, reading.text_citations),
    ):
        yield from _places(reading, (name, body, citations), automaton, patterns)


def _learn(reading: Reading) -> _Lexicon:
    lexicon = _Lexicon()
    for run in chain(reading.title_runs, reading.text_runs):
        if run.name is None:
            continue
        for spelling in (*run.name.spellings, *run.defined):
            lexicon.names.setdefault(spelling, set()).update(run.securities)
        if run.name.first_word:
            lexicon.learn_first_word(run.name.first_word, run.securities)
    _drop_shared(lexicon)
    return lexicon


def _drop_shared(lexicon: _Lexicon) -> None:
    """Drop first words that stand for two names: "American" of American Airlines and Express."""
    by_first: dict[str, set[Security]] = {}
    for name, securities in lexicon.names.items():
        by_first.setdefault(name.split()[0], set()).update(securities)
    for word in list(lexicon.first_words):
        securities = lexicon.first_words[word]
        differs = word in lexicon.shared or by_first.get(word, securities) != securities
        if differs and word not in lexicon.names:
            del lexicon.first_words[word]


def _small_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b[^\W\d_A-Z]{4,30}\b", text))


def _places(
    reading: Reading,
    where: tuple[str, str, Sequence[Citation]],
    automaton: AhoCorasick,
    patterns: Mapping[str, tuple[str, tuple[Security, ...]]],
) -> Iterator[Sighting]:
    field_name, body, citations = where
    spellings = list(patterns)
    remaining = iter(citations)
    citation = next(remaining, None)
    shouting = body.isupper()
    for index, start, end in automaton.find_matches_as_indexes(body):
        while citation and citation.end <= start:
            citation = next(remaining, None)
        if citation and citation.start - end <= GAP:
            continue  # inside a citation, or the name that stands before it
        kind, securities = patterns[spellings[index]]
        if not _is_whole(body, start, end) or (shouting and kind == "bare_symbol"):
            continue
        for symbol, exchange in securities:
            yield sighting(symbol, exchange, kind, (field_name, start, end), reading)
        if after := _AFTER_NAME.match(body, end):
            for symbol, exchange in securities:
                if (
                    kind == "local_alias"
                    and symbol == after.group(1)
                    and len(symbol) < _SHORTEST_BARE
                ):
                    span = (field_name, *after.span(1))
                    yield sighting(symbol, exchange, "bare_symbol", span, reading)


def _is_whole(body: str, start: int, end: int) -> bool:
    before = body[start - 1 : start]
    after = body[end : end + 1]
    return not (before.isalnum() or before in {"$", "_", "@", "#"}) and not (
        after.isalnum() or after == "_"
    )
