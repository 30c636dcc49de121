"""Which companies are named only as a source: "Photo: Shutterstock", "according to FactSet".

The words that tell are ``publishers.toml``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.articles.records import Mention
from tasks.tagging.securities.beside import Beside, read_beside, read_files
from tasks.tagging.securities.words import words_of
from tasks.tagging.tickers.evidence import Reading

DATA = Path(__file__).parent / "publishers.toml"
_REACH = 60  # characters beside a name that are read
_MOST_READ = 20  # mentions of one company


@dataclass(frozen=True, slots=True)
class PublisherBook:
    """Who may be a mere source, and what then stands beside the name."""

    symbols: frozenset[str]
    beside: Beside


@cache
def load_publishers(path: Path = DATA) -> PublisherBook:
    """Read the phrases. Raises OSError, TOMLDecodeError or KeyError for an unusable file."""
    (file,) = read_files([path])
    return PublisherBook(frozenset(file["symbols"].split()), read_beside([file]))


def is_source(
    reading: Reading, mentions: Sequence[Mention], symbol: str, book: PublisherBook
) -> bool:
    """Tell whether every place that names a company names it as a source."""
    if symbol not in book.symbols:
        return False
    places = [m for m in mentions if m.field in {"title", "text"}][:_MOST_READ]
    return bool(places) and all(_is_source_here(reading, place, book) for place in places)


def _is_source_here(reading: Reading, mention: Mention, book: PublisherBook) -> bool:
    article = reading.article
    body = article.title if mention.field == "title" else article.text
    before = body[max(0, mention.start - _REACH) : mention.start]
    after = body[mention.end : mention.end + _REACH].partition("\n")[0]
    return book.beside.fits(words_of(before), words_of(after))
