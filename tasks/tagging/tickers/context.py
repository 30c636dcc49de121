"""What an article as a whole tells of its names: whether it is about business, and which kind.

Frontier is the airline where flights are spoken of, Vivo the operator where networks are: the
words are the ``context`` entries of ``never.toml``.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from tasks.articles.records import Article
from tasks.tagging.securities.names import Found, NameIndex, has_blanks
from tasks.tagging.securities.words import words_of
from tasks.tagging.tickers.by_print import CERTAIN
from tasks.tagging.tickers.evidence import Sighting

_BEGINNING = 200  # characters whose script tells whether phrases can be found
_SEVERAL = 2  # names that make an article one about business
# Santander is the Brazilian bank in Portuguese, but not in a text from Portugal.
_OF_PORTUGAL = re.compile(r"\b(?:Portugal|portugues\w*|Lisboa|Euribor|euros?|PSI)\b")
_OF_BRAZIL = re.compile(r"R\$|\b(?:Brasil|brasileir\w+|Ibovespa|São Paulo|B3|Selic|Copom|CVM)\b")


class Context:
    """Tells of single words whether the article speaks of what their companies do."""

    def __init__(self, article: Article, index: NameIndex) -> None:
        self._article, self._index = article, index
        self._told: dict[str, bool] = {}

    @cached_property
    def _words(self) -> str:
        return words_of(f"{self._article.title} {self._article.text}")

    @cached_property
    def abroad(self) -> str:
        """The country whose companies a word of the article's language does not mean, or ""."""
        if self._article.language != "pt":
            return ""
        words = f"{self._article.title}\n{self._article.text}"
        is_of_portugal = _OF_PORTUGAL.search(words) and not _OF_BRAZIL.search(words)
        return "BR" if is_of_portugal else ""

    def tells(self, word: str) -> bool | None:
        """Tell whether the article speaks of a name's business; None: that says nothing of it."""
        needed, hints = self._index.context_of(word), self._index.hints_of(word)
        if not (needed or hints) or not has_blanks(word + self._article.text[:_BEGINNING]):
            return None
        if word not in self._told:
            self._told[word] = any(phrase in self._words for phrase in (*needed, *hints))
        return self._told[word] or (False if needed else None)


def names_several(found: Mapping[str, Sequence[Found]], earlier: Sequence[Sighting]) -> bool:
    """Tell whether an article is about companies: it cites some, or names several."""
    sure = {
        one.company for some in found.values() for one in some if one.kind in {"names", "products"}
    }
    return bool(earlier) or len(sure) >= _SEVERAL


def is_business(candidates: Sequence[tuple[Found, int]]) -> bool:
    """Tell whether an article without any symbol is about business: support, or several names."""
    supported = any(
        support == CERTAIN and found.kind in {"brands", "doubtful"} for found, support in candidates
    )
    sure = {found.company for found, _ in candidates if found.kind in {"names", "products"}}
    return supported or len(sure) >= _SEVERAL
