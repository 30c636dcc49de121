"""An article and its tickers in, its fingerprint out."""

from collections.abc import Iterable

from tasks.articles.records import Article, Fingerprint, TickerTag
from tasks.tagging.stories.names import names
from tasks.tagging.stories.numbers import numbers
from tasks.tagging.stories.shingles import MOST_READ, shingles
from tasks.tagging.stories.signature import sign

_FEW = 20  # shingles of a text that is too short to stand without its title
_OFTEN = 2
NO_FINGERPRINT = Fingerprint(
    signature=b"", shingle_count=0, subjects=(), firms=(), numbers=(), names=(), main_names=()
)


def fingerprint(article: Article, tickers: Iterable[TickerTag]) -> Fingerprint:
    """Return what the article is recognised by. A text without words has an empty signature."""
    tickers = tuple(tickers)
    read = article.text[:MOST_READ]
    found = shingles(read)
    if len(found) < _FEW:
        found = shingles(f"{article.title}\n{read}")
    said = names(article.title, read)
    return Fingerprint(
        signature=sign(found),
        shingle_count=len(found),
        subjects=_symbols(tickers, "primary"),
        firms=_symbols(tickers, "analyst_firm"),
        numbers=numbers(read, article.title),
        names=tuple(said),
        main_names=tuple(name for name, count in said.items() if count >= _OFTEN),
    )


def _symbols(tickers: Iterable[TickerTag], role: str) -> tuple[str, ...]:
    return tuple(sorted({ticker.symbol for ticker in tickers if ticker.role == role}))
