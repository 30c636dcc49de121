"""The names in an article, found without a list: words with a capital that stand in a sentence.

Made for comparing two articles, not for tagging. A word counts when it is written with a capital
somewhere else than at the beginning of a sentence, and nowhere without one. In Japanese and Chinese
runs of katakana count, and Latin words there and in Korean.
"""

import re
from collections import Counter

from tasks.tagging.stories.shingles import MOST_READ, is_unspaced, plain

MOST_NAMES = 60  # of an article, those said most often
_WORD = re.compile(r"[^\W\d_][\w&-]*")
_BEGINNERS = frozenset('.!?:;|\n"“„«¿¡•')  # before a word that begins something
_FOREIGN = re.compile(r"[A-Za-z][A-Za-z&-]{2,}|[\u30a1-\u30fa\u30fc]{3,}")


def names(title: str, text: str) -> dict[str, int]:
    """Return the names, plain, with how often they are said, the most often first; at most 60."""
    read = text[:MOST_READ]
    said = _FOREIGN.findall(f"{title} {read}") if is_unspaced(read) else _capitalised(title, read)
    counted: Counter[str] = Counter()
    for word, count in Counter(said).items():
        counted[plain(word)] += count
    return {name: count for name, count in counted.most_common(MOST_NAMES) if len(name) > 1}


def _capitalised(title: str, text: str) -> list[str]:
    words = [(match.start(), match.group()) for match in _WORD.finditer(text)]
    small = {word for _, word in words if word[0].islower()}
    large = [(start, word) for start, word in words if word[0].isupper()]
    within = {word for start, word in large if start and not _begins(text, start)}
    kept = {word for word in within if word.lower() not in small}
    said = [*_WORD.findall(title), *(word for _, word in large)]
    return [word for word in said if word in kept]


def _begins(text: str, start: int) -> bool:
    """Say whether a word stands at the beginning of a sentence, a cell or a quotation."""
    return not _BEGINNERS.isdisjoint(text[max(start - 3, 0) : start])
