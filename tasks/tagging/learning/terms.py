"""What a model reads of an article: its terms, hashed into a fixed number of places.

Terms are words, pairs of neighbours, the words of the title once more and the publisher's
categories. Words also stand for their stretches of four characters, so
that inflected forms and compounds share something in every language. Words are folded (``fold``):
in Japanese, Chinese and Korean a character is a word, and pairs are two characters.

Beside the terms stand hints: how much, by the rules, speaks for each topic, enough or not. They
mean the same in every language.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log1p
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tasks.articles.records import Article
from tasks.tagging.folding import fold
from tasks.tagging.taxonomy import channel_key
from tasks.tagging.topics import Weighed

PLACES = 2**18
_MOST_READ = 20_000  # characters of a text: what comes later says little about its topics
_STRETCH = 4
_HINT = 0.25  # of a point's logarithm: beside terms of the length one
_LONGEST = 40  # characters of a word that are looked at


class Term(NamedTuple):
    """A word or the like; ``kind`` keeps those apart that are spelt the same."""

    kind: str  # word, pair, title, category
    shown: str  # as it stands in the evidence


def terms_of(article: Article) -> Counter[Term]:
    """Return how often each term occurs."""
    title, text = _words(article.title), _words(article.text[:_MOST_READ])
    words = Counter(title) + Counter(text)
    pairs = Counter(pairwise([*title, ".", *text]))
    terms = Counter({Term("word", word): count for word, count in words.items() if word != "."})
    terms.update({Term("title", word): title.count(word) for word in set(title) - {"."}})
    terms.update(
        {Term("pair", f"{a} {b}"): count for (a, b), count in pairs.items() if a != "." != b}
    )
    terms.update(Term("category", channel_key(name)) for name in set(article.publisher_topics))
    return terms


def placed(terms: Counter[Term]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the places that the terms have, in order, and how much stands in each.

    Ten times as often is not ten times as much: it is one and the logarithm.
    """
    if not terms:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    each = [places_of(term) for term in terms]
    counts = np.repeat(list(terms.values()), [len(places) for places in each])
    places, inverse = np.unique(np.concatenate(each), return_inverse=True)
    amounts = 1 + np.log(np.bincount(inverse, weights=counts))
    return places.astype(np.int32), amounts.astype(np.float32)


@lru_cache(maxsize=2**15)
def places_of(term: Term) -> NDArray[np.int32]:
    """Return where a term stands: one place, and for a word one more for each stretch of it."""
    names = [f"{term.kind}:{term.shown}"]
    if term.kind == "word" and len(term.shown) >= _STRETCH:
        marked = f"<{term.shown}>"
        names += [marked[i : i + _STRETCH] for i in range(len(marked) - _STRETCH + 1)]
    hashed = (crc32(name.encode("utf-8", "surrogatepass")) for name in names)
    return np.array([number % PLACES for number in hashed], np.int32)


def hints_of(weighed: Weighed, names: Sequence[str]) -> NDArray[np.float32]:
    """Return how much the rules have for each of these topics: more for those that they found."""
    found = {tag.topic for tag in weighed.tags}
    hints = [log1p(weighed.points.get(name, 0.0)) + (name in found) for name in names]
    return np.array(hints, np.float32) * _HINT


def _words(text: str) -> list[str]:
    """Return the folded words, numbers all alike, and ``.`` where a sentence ends."""
    return ["0" if word.isdigit() else word[:_LONGEST] for word in fold(text).split()]
