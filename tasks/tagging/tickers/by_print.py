"""What the print alone tells of a name that nothing beside it supports.

In an article about business a word with a capital amid a sentence ("fell to $169 at Target, and
stayed"), one that a clause explains ("Frontier, which tried") and one of several labels ("Chewy:")
are companies. After a first name, "Marlene Otis", it is a person.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from tasks.articles.records import Article
from tasks.tagging.securities.names import Found, NameIndex
from tasks.tagging.tickers.exchanges import alias_key
from tasks.tagging.tickers.surroundings import (
    is_title_case,
    stand_in_one_list,
    starts_sentence,
    word_after,
)

CERTAIN = 2  # as much support as a name may have; 0 is none
NOBODYS = -1  # a person's name, or a word of an article about other things
_SEVERAL = 2  # labels that make a list of them
_LONGEST_BEFORE = 24  # characters before a name that are read
_SHORTEST = 3  # letters
_OF_A_PERSON = 2  # words of a name
_JOINS_BEFORE, _JOINS_AFTER = frozenset("_’'"), frozenset("_-")  # what makes one word of two
_SMALL_BEFORE = re.compile(
    r"(?<!\w)(?:(\d[\d.,]*|[^\W\d_A-ZÀ-Þ]\w*),?[ \u00a0]|[^\W\d_A-ZÀ-Þ]+['’])$"
)
# Articles and prepositions of places, after which a capital may be anything: "in Burlington".
_NOT_AFTER: Mapping[str, frozenset[str]] = {
    "en": frozenset({"the", "a", "an", "this", "that", "each", "every", "no", "in", "near", "from"})
    | {"his", "her", "their", "our", "my", "your", "its", "these", "those", "born"},
    "it": frozenset({"un", "una", "uno", "al", "nel", "nella", "ogni", "questo", "questa"}),
    "es": frozenset({"un", "una", "en", "cada", "este", "esta", "del"}),
    "pt": frozenset({"um", "uma", "em", "no", "na", "cada", "este", "esta"}),
    "fr": frozenset({"un", "une", "à", "au", "aux", "en", "chaque", "ce", "cette"}),
}
# "Dover and Burlington": a name after another capital shares its lot.
_IN_LIST = re.compile(r"[A-ZÀ-Þ][\w’'-]*[ \u00a0](?:and|or|e|ed|o|y|et|ou)[ \u00a0]$")
# A preposition or conjunction that opens the sentence: "Para Vesta, el desarrollador".
_OPENING = re.compile(
    r"(?:^|[.!?\n]\s?)(At|For|While|When|And|But|So|Like|Unlike|Para|Con|Según|Mientras|Pero|Como"
    r"|Per|Secondo|Mentre|Anche|Come|Tra|Fra|Pour|Chez|Selon|Mais|Comme|Quant à|Segundo|Já)"
    r"[ \u00a0]$"
)
_ENDS_NAME = re.compile(r"(?=$|[\s,.;:)!?\"”»…])(?!\s?&)")
_CLAUSE = re.compile(
    r",\s(?:which|whose|the\s(?:former|maker|owner|parent|operator|largest|biggest|second|world|"
    r"country|nation)|che|que|dont|qui|cuya|cuyas|cuyos|cujo|cuja|il\scui|la\scui|le\scui|i\scui)\b"
)
_LABEL = re.compile(r"\s?(?::\s|[—–]\s|\s-\s)")
_PERSON_BEFORE = re.compile(r"([^\W\d_]{2,15})(\.?)[ \u00a0](?:[A-Z]\.[ \u00a0])?$")
_LONGEST_TITLE = 4  # letters of "Prof."


def support_by_print(
    article: Article, candidates: list[tuple[Found, int]], hidden: set[str], index: NameIndex
) -> None:
    """Make certain what a text that names companies prints as it prints only names.

    ``candidates`` are its names with the support that each has; ``hidden`` words and those that it
    prints in small letters, too, mean something else in it.
    """
    body, language = article.text, article.language
    doubtful = [n for n, (one, support) in enumerate(candidates) if _is_doubtful(one, support)]
    if not doubtful:
        return
    labels = sum(_is_label(body, one) for one, support in candidates if support > 0)
    small: dict[str, bool] = {}
    for place in doubtful:
        found = candidates[place][0]
        word = body[found.start : found.end]
        lower = word.lower()
        if lower not in small:
            small[lower] = lower in hidden or word in hidden or _has_word(body, lower)
        if small[lower] or index.is_no_name_in(word, language):
            continue
        if _IN_LIST.search(body, max(0, found.start - _LONGEST_BEFORE), found.start):
            before, support = candidates[max(place - 1, 0)]
            is_name = support > 0 and stand_in_one_list(body, before.end, found.start)
        else:
            is_name = is_printed_as_name(body, (found.start, found.end), language)
        if is_name or (labels >= _SEVERAL and _is_label(body, found)):
            candidates[place] = found, CERTAIN


def _has_word(body: str, word: str) -> bool:
    """Tell whether a text has a word of its own, in just these letters."""
    start = body.find(word)
    while start >= 0:
        before, after = body[start - 1 : start], body[start + len(word) : start + len(word) + 1]
        joins = before.isalnum() or after.isalnum() or before in _JOINS_BEFORE
        if not joins and after not in _JOINS_AFTER:
            return True
        start = body.find(word, start + 1)
    return False


def _is_doubtful(found: Found, support: int) -> bool:
    return not support and found.kind == "doubtful"


def _is_label(body: str, found: Found) -> bool:
    """Tell whether a line begins with this and a colon or dash: "Chewy: My dog subscribes"."""
    begins = found.start == 0 or body[found.start - 1] == "\n"
    return begins and bool(_LABEL.match(body, found.end))


def drop_persons(found: Sequence[Found], support: list[int], body: str) -> None:
    """Take two names of one word each, a blank apart, for a person's: "Leonardo Buzzi"."""
    for place, (one, other) in enumerate(pairwise(found)):
        both = body[one.start : other.end].split(" ")
        are_words = len(both) == _OF_A_PERSON and all(w.isalpha() and w.istitle() for w in both)
        if are_words and one.company is not other.company:
            support[place] = support[place + 1] = NOBODYS


def is_person(body: str, start: int, persons: frozenset[str]) -> bool:
    """Tell whether a first name or a title of a person stands before: "Marlene Otis"."""
    match = _PERSON_BEFORE.search(body, max(0, start - _LONGEST_BEFORE), start)
    if match is None or not match.group(1)[0].isupper():
        return False
    word, dot = match.groups()
    return alias_key(word) in persons and (not dot or len(word) <= _LONGEST_TITLE)


def is_printed_as_name(body: str, span: tuple[int, int], language: str) -> bool:
    """Tell whether a word is printed as only names are, in an article about business."""
    start, end = span
    word = body[start:end]
    if language not in _NOT_AFTER or len(word) < _SHORTEST:
        return False
    if word.isupper() or starts_sentence(body, start):
        return bool(_CLAUSE.match(body, end))
    if is_title_case(body) or word_after(body, end) or not _ENDS_NAME.match(body, end):
        return False
    if opening := _OPENING.search(body, max(0, start - _LONGEST_BEFORE), start):
        return opening.group(1).lower() not in _NOT_AFTER[language]
    before = _SMALL_BEFORE.search(body, max(0, start - _LONGEST_BEFORE), start)
    return before is not None and (before.group(1) or "") not in _NOT_AFTER[language]
