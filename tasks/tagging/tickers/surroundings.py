"""What stands around a name in its sentence, and what it tells."""

import re
from collections.abc import Collection, Iterator

from tasks.tagging.tickers.exchanges import alias_key

# ", ", " and ", "; " and their like between two names: they stand in one list.
_BETWEEN = re.compile(
    r"\s*(?:\([^()]{1,30}\))?"
    r"(?:,\s[A-ZÀ-Þ][\w’'&.-]{1,20}(?:\s[A-ZÀ-Þ][\w’'&.-]{1,20}){0,2}){0,2}"  # one not known here
    r"\s*(?:[,;/|&]|[,;]?\s+(?:and|or|e|ed|y|o|et|und|ou|plus|as well as))"
    r"\s*(?:(?:la|il|el|l|los|las|le|les|o|a|os|as|die|den|de|di|da|del|do|du|der|von)\s|l['’])?",
)
_CHANGE = re.compile(
    r"\s?[,:;]?\s?[(]?\s?"
    r"(?:(?:un|una|del|dello|dell['’]|lo|il|l['’]|um|de|di|por|by|up|down|off|mit|plus|minus|em|an?|at"
    r"|in calo|in rialzo|piatta|piatto|rose|fell)\s?){0,3}"
    r"(?:[+−–▲▼-]\s?\d{1,3}(?:[.,]\d{1,3})?|\d{1,3}(?:[.,]\d{1,3})?)"
    r"\s?(?:%|per\s?cento|por\s?ciento|por\s?cento|Prozent|percent|pct)"
)
_SENTENCE_BEFORE = re.compile(r"(?:^|[.!?:;\n|•“\"«(–—-])\s*$")
_WORD_BEFORE = re.compile(r"(?<![\w’'])([^\W\d_a-zß-ÿ][\w’'-]+)[ \u00a0]$")
_WORD_AFTER = re.compile(r"[ \u00a0]([A-ZÀ-Þ][a-zß-ÿ]+)(?![^\W_])")
_MOST_CAPITALS = 0.7  # share of words with a capital that makes a title
_LONGEST_GAP = 80  # characters between two neighbours of a list
_LONGEST_TITLE = 200  # characters; longer than that is a text
_SMALL = 3  # letters of words that a title prints small
# Two or more networks in a list of which one is hardly ever news: an invitation to follow.
_NETWORK = r"(?:Facebook|Instagram|YouTube|WhatsApp|Pinterest|Snapchat|Reddit|LinkedIn)"
_TELLING = r"(?:X|Twitter|LinkedIn|TikTok|Telegram|Threads|Bluesky|Mastodon)"
_NETWORK_WORDS = tuple(_NETWORK[3:-1].split("|"))
_TELLING_WORDS = (*_TELLING[3:-1].split("|")[1:], " X ", " X,", "X,", "X/")
_AND = r"(?:\s?[,/|·]\s?(?:(?:and|e|y|et|und|ou|or)\s)?|\s(?:and|e|y|et|und|ou|or|&)\s)"
_EITHER = rf"(?:{_NETWORK}|{_TELLING})"
_NETWORKS = re.compile(
    rf"\b(?:{_NETWORK}{_AND}){{0,4}}{_TELLING}(?:{_AND}{_EITHER}){{1,6}}\b"
    rf"|\b(?:{_NETWORK}{_AND}){{1,5}}{_TELLING}\b"
)


def stand_in_one_list(body: str, end: int, start: int) -> bool:
    """Tell whether what lies between two names joins them: "Walmart, Target and Costco"."""
    return start - end <= _LONGEST_GAP and bool(_BETWEEN.fullmatch(body, end, start))


def changes(body: str, end: int) -> bool:
    """Tell whether a change in percent follows: "Leonardo +3%", "Sabadell, un 2,9%"."""
    return bool(_CHANGE.match(body, end))


def starts_sentence(body: str, start: int) -> bool:
    """Tell whether a sentence, line or cell starts here."""
    return bool(_SENTENCE_BEFORE.search(body[max(0, start - 4) : start]))


def word_after(body: str, end: int) -> str:
    """Return the capitalised word that follows directly, or ""."""
    match = _WORD_AFTER.match(body, end)
    return match.group(1) if match else ""


def is_surname(body: str, start: int, boundaries: frozenset[str]) -> bool:
    """Tell whether a capitalised word before it, mid-sentence, makes it part of another name.

    "Marco Ferrari" and "First Target Bank" are nobody's, "the Apple" and "CEO Target" are. Where
    every word has a capital, in a title, nothing can be told.
    """
    match = _WORD_BEFORE.search(body, max(0, start - 30), start)
    if match is None or alias_key(match.group(1)) in boundaries:
        return False
    return not (starts_sentence(body, match.start(1)) or is_title_case(body))


def is_title_case(body: str) -> bool:
    """Tell whether this is a title whose words nearly all have a capital."""
    if len(body) >= _LONGEST_TITLE:
        return False
    words = [word for word in body.split() if len(word) > _SMALL and word[0].isalpha()]
    return sum(word[0].isupper() for word in words) > _MOST_CAPITALS * len(words)


def network_lists(body: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of lists of places to follow: "LinkedIn, X and YouTube"."""
    if not any(word in body for word in _NETWORK_WORDS):
        return
    for start, end in lines_with(body, _TELLING_WORDS):
        yield from (match.span() for match in _NETWORKS.finditer(body, start, end))


def lines_with(body: str, words: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the lines that hold one of these; the rest need no closer look."""
    start = 0
    for line in body.split("\n"):
        if any(word in line for word in words):
            yield start, start + len(line)
        start += len(line) + 1
