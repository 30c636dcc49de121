"""Layer: the first word of a name that the article has in full: "Viking falls 27%".

A word that is another company's, too, means the one that the text names: where Apollo Tyres
reports, Apollo is not the fund. A title that names nobody else may call its company so.
"""

from collections.abc import Iterator, Sequence

from tasks.tagging.tickers.evidence import Reading, Sighting, sighting
from tasks.tagging.tickers.exchanges import alias_key
from tasks.tagging.tickers.names import NameBook
from tasks.tagging.tickers.relevance import lead_end
from tasks.tagging.tickers.surroundings import is_title_case, word_after

_SHORTEST = 4  # letters
_LARGE = frozenset({"NYSE", "NASDAQ"})  # where two of one name are strangers
_UNSURE = frozenset({"brand", "weak_name"})

_Key = tuple[str, str]  # symbol, exchange code


def shortened(reading: Reading, seen: Sequence[Sighting], book: NameBook) -> list[Sighting]:
    """Return the sightings, each first word as the company that the article names with it."""
    named = [one for one in seen if one.mention.evidence == "name"]
    known = {(one.symbol, one.exchange) for one in named}
    meant: dict[str, dict[_Key, int]] = {}  # first word -> companies, and where each is first named
    for one in named:
        word, _, rest = one.mention.text.partition(" ")
        if rest and one.mention.field == "text":
            meant.setdefault(word, {}).setdefault((one.symbol, one.exchange), one.mention.start)
    sure = {word: next(iter(keys.items())) for word, keys in meant.items() if len(keys) == 1}
    told = [_told(one, reading, sure, known) for one in seen]
    return [*told, *_in_title(reading, told, sure, book)]


def _told(
    one: Sighting, reading: Reading, sure: dict[str, tuple[_Key, int]], known: set[_Key]
) -> Sighting:
    mention = one.mention
    if mention.evidence not in _UNSURE or mention.text not in sure:
        return one
    if (one.symbol, one.exchange) in known:
        return one
    (symbol, exchange), _ = sure[mention.text]
    if exchange == one.exchange and exchange not in _LARGE:
        return one  # Acciona and its Acciona Energía
    span = (mention.field, mention.start, mention.end)
    return sighting(symbol, exchange, "local_alias", span, reading)


def _in_title(
    reading: Reading, seen: Sequence[Sighting], sure: dict[str, tuple[_Key, int]], book: NameBook
) -> Iterator[Sighting]:
    """Yield the first word of a name of the lead in a title that names no company otherwise."""
    title, text = reading.article.title, reading.article.text
    if any(one.mention.field == "title" for one in seen) or is_title_case(title):
        return
    for word, ((symbol, exchange), first) in sure.items():
        if first >= lead_end(text) or not _may_stand(word, book) or f" {word.lower()} " in text:
            continue
        if (start := _place(title, word)) is not None:
            span = ("title", start, start + len(word))
            yield sighting(symbol, exchange, "local_alias", span, reading)


def _may_stand(word: str, book: NameBook) -> bool:
    fit = len(word) >= _SHORTEST and word.isalpha() and word[0].isupper()
    unfit = book.generic | book.boundaries | book.places | book.persons | book.heads
    return fit and alias_key(word) not in unfit


def _place(title: str, word: str) -> int | None:
    """Return where a title has this word alone, not in the midst of a longer name."""
    start = title.find(word)
    if start < 0:
        return None
    before, after = title[start - 1 : start] if start else " ", title[start + len(word) :][:1]
    alone = not before.isalnum() and not after.isalnum() and after not in {"-", "’", "'"}
    return start if alone and not word_after(title, start + len(word)) else None
