"""Layer: the first word of a name alone in the title, which the lead has whole: "Viking falls 27%".

Read only where the title names no company otherwise and the word is none of the language's.
"""

from collections.abc import Iterator, Sequence

from tasks.tagging.tickers.evidence import Reading, Sighting, sighting
from tasks.tagging.tickers.exchanges import alias_key
from tasks.tagging.tickers.names import NameBook
from tasks.tagging.tickers.relevance import lead_end
from tasks.tagging.tickers.surroundings import is_title_case, word_after

_SHORTEST = 4  # letters


def shortened(reading: Reading, seen: Sequence[Sighting], book: NameBook) -> Iterator[Sighting]:
    """Yield a sighting in the title for the company of the lead that its first word means."""
    title, text = reading.article.title, reading.article.text
    if any(one.mention.field == "title" for one in seen) or is_title_case(title):
        return
    end = lead_end(text)
    lead = [s for s in seen if s.mention.evidence == "name" and s.mention.field == "text"]
    of_word: dict[str, dict[tuple[str, str], int]] = {}
    for one in lead:
        word, _, rest = one.mention.text.partition(" ")
        if rest and one.mention.start < end and _may_stand(word, book):
            place = _place(title, word)
            if place is not None and f" {word.lower()} " not in text:
                of_word.setdefault(word, {})[one.symbol, one.exchange] = place
    for word, listings in of_word.items():
        if len(listings) == 1:
            ((symbol, exchange), start) = next(iter(listings.items()))
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
