"""The notation of the rules' patterns, and what it becomes.

A pattern is read over a ``Line``: lower-case words without accents or punctuation, in which each
amount, company, firm, rating, day, period and unknown name has become one capital letter.

- ``word`` stands for itself, ``(a|b c|)`` for either or nothing, ``<raised>`` for a list of words
  that the file's ``[words]`` table names;
- ``{company} and {also} rose {change}`` states the same of two companies, and with
  ``{also_change}`` of each its own;
- ``{target}`` takes an entity and gives its value to the fact; ``{-change}`` takes it as negative,
  ``{~change}`` with the sign of the change before it: "Intel fell 3%, AMD 2%";
- ``^`` is the beginning of the sentence;
- ``..`` skips up to three plain words, ``...`` up to eight words, names, days and bare numbers,
  ``....`` up to twenty, ``.....`` up to sixteen of anything, amounts too.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

# Slot -> the letters of the entities it takes. A slot of no value binds or skips.
SLOTS: Mapping[str, str] = {
    "company": "CB",
    "subject": "CB",  # a company that no preposition precedes: not "sales at Micron rose 3%"
    "firm": "FB",
    "house": "FBW",  # a firm known or not: only where the words around say that it is one
    "also": "CB",  # a second company of which the same is said
    "name": "W",
    "other": "MLPSNDQXY",
    "closed": "X",  # what an aside has closed
    "period": "Q",
    "year": "Y",
    "rating": "R",
    "rating_before": "R",
    **dict.fromkeys(("target", "price", "eps", "eps_estimate"), "M"),
    "target_before": "MN",  # to 102 euros from 94
    "bare_estimate": "N",  # beside a result that says the currency
    **dict.fromkeys(("revenue", "revenue_estimate"), "L"),
    **dict.fromkeys(("low_eps", "high_eps", "exact_eps", "amount"), "M"),
    **dict.fromkeys(("low_revenue", "high_revenue", "exact_revenue", "worth"), "L"),
    **dict.fromkeys(("low_percent", "high_percent", "exact_percent"), "P"),
    "change": "PS",
    "also_change": "PS",  # what is said of the second company instead
    "signed": "S",
    "rate": "PS",  # a percentage beside what is stated
    "moved": "PS",  # a change that another rule takes: what is said beside it
    "bought": "CBW",
    "ex_date": "D",
    "pay_date": "D",
    **dict.fromkeys(("momentum", "growth", "value", "quality"), "PN"),
}
# Slots that say whom it is about, or nothing; the others give values.
BINDING = frozenset(
    {
        "company",
        "subject",
        "also",
        "moved",
        "rate",
        "firm",
        "house",
        "name",
        "other",
        "closed",
        "period",
        "year",
    }
)
_ITEM = re.compile(r"\{[-~]?\w+\}|<\w+>|\.{2,5}|[()|]|[^\s(){}<>|]+")
_OFTEN = {1: 100, 2: 100, 3: 15}  # how often words of so few letters stand in a line
_PLAIN = r"(?:[a-z0-9]+ +)"
_ANY = r"(?:(?:[a-z0-9]+|[CBDNQWY]) +)"
_WORD = r"(?:[a-z0-9]+ +|[A-Z] +)"
_SKIPS = {
    "..": rf"{_PLAIN}{{0,3}}?",
    "...": rf"{_ANY}{{0,8}}?",
    "....": rf"{_ANY}{{0,20}}?",
    ".....": rf"{_WORD}{{0,16}}?",
}


class _Folding(dict[int, str]):
    """One plain character for each character, so that no offset moves."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code).casefold())[:1]
        folded = base if base.isalnum() else ";" if chr(code) in ";|" else " "
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return a text of the same length in small letters without accents and punctuation."""
    return text.translate(_FOLDING)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a pattern that takes an entity."""

    group: str
    name: str
    is_negative: bool
    is_continued: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the notation, and the words without which it cannot match."""

    source: str  # as an expression
    slots: tuple[Slot, ...]
    needs: frozenset[str]
    needs_one_of: tuple[frozenset[str], ...]
    vocabulary: frozenset[str]

    @property
    def regex(self) -> re.Pattern[str]:
        """The pattern compiled, the first time that a line may match: few ever may in a process."""
        return _compiled(self.source)

    @property
    def letters(self) -> str:
        """The entities whose values it takes; "" when it takes none."""
        return "".join(SLOTS[slot.name] for slot in self.slots if slot.name not in BINDING)

    @property
    def keys(self) -> frozenset[str]:
        """Words one of which every match has, as rare as there are; none when there are none."""
        sets = [*({word} for word in self.needs), *self.needs_one_of]
        return frozenset(min(sets, default=(), key=_commonness))

    def may_match(self, words: frozenset[str]) -> bool:
        """Tell whether a line with these words and letters can match: far quicker than trying."""
        if not self.needs <= words:
            return False
        for some in self.needs_one_of:  # noqa: SIM110 - the quickest, and nothing runs as often
            if words.isdisjoint(some):
                return False
        return True


class PatternSet:
    """Patterns in order, and by their words which of them are worth trying on a line."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._always = tuple(n for n, p in enumerate(patterns) if not p.keys)
        by_word: dict[str, set[int]] = {}
        for number, pattern in enumerate(patterns):
            for word in pattern.keys:
                by_word.setdefault(word, set()).add(number)
        self._by_word = by_word
        self._words = frozenset(by_word)

    def matches(self, text: str, words: frozenset[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield (number of the pattern, match) in a line; ``words`` are its words and letters."""
        for number in self._worth_trying(words):
            for match in self.patterns[number].regex.finditer(text):
                yield number, match

    def may_match(self, words: frozenset[str]) -> bool:
        """Tell whether any pattern can match a line with these words and letters."""
        return any(self.patterns[number].may_match(words) for number in self._keyed(words))

    def worth_trying(self, words: frozenset[str]) -> Iterator[Pattern]:
        """Yield, in order, the patterns that can match a line with these words and letters."""
        return (self.patterns[number] for number in self._worth_trying(words))

    def _worth_trying(self, words: frozenset[str]) -> Iterator[int]:
        numbers = sorted(self._keyed(words))
        return (number for number in numbers if self.patterns[number].may_match(words))

    def _keyed(self, words: frozenset[str]) -> set[int]:
        return {*self._always}.union(*map(self._by_word.__getitem__, self._words & words))


def _commonness(words: Collection[str]) -> tuple[bool, int]:
    """Rank words: letters of entities stand in most lines, short words in many."""
    return any(map(str.isupper, words)), sum(_OFTEN.get(len(word), 1) for word in words)


def compile_pattern(line: str, words: Mapping[str, str]) -> Pattern:
    """Compile one line of the notation. Raises ValueError for a line that is none."""
    items = _ITEM.findall(_expanded(line, words))
    if not _is_closed(items):
        raise ValueError(f"{line!r} is no pattern: a bracket is opened or closed too often.")
    slots: list[Slot] = []
    source = "".join(_piece(item, slots) for item in items)
    needs, choices = _needs(items)
    vocabulary = frozenset(word for item in items if item.isalnum() for word in _words(item))
    return Pattern(rf"(?<![a-z0-9]){source}", tuple(slots), needs, choices, vocabulary)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _is_closed(items: Sequence[str]) -> bool:
    """Tell whether each bracket that opens is closed, and the other way round."""
    depth = 0
    for item in items:
        depth += (item == "(") - (item == ")")
        if depth < 0:
            return False
    return depth == 0


@cache
def _words(item: str) -> tuple[str, ...]:
    """Return an item's folded words: the lists of words are put into one pattern after another."""
    return tuple(fold(item).split())


def _expanded(line: str, words: Mapping[str, str]) -> str:
    """Put the named word lists in place; lists may name others."""
    while match := re.search(r"<(\w+)>", line):
        if match[1] not in words:
            raise ValueError(f"{line!r}: [words] has no {match[1]!r}.")
        line = f"{line[: match.start()]}({words[match[1]]}){line[match.end() :]}"
    return line


def _piece(item: str, slots: list[Slot]) -> str:
    if item == "(":
        return "(?:"
    if item in {")", "|"}:
        return item
    if item in _SKIPS:
        return _SKIPS[item]
    if item == "^":
        return r"\A *"
    if item.startswith("{"):
        name = item.strip("{-~}")
        if name not in SLOTS:
            raise ValueError(f"{item} is no slot; there are {', '.join(sorted(SLOTS))}.")
        slots.append(Slot(f"s{len(slots)}", name, item[1] == "-", item[1] == "~"))
        return f"(?P<s{len(slots) - 1}>[{SLOTS[name]}]) +"
    return "".join(rf"{word} +" for word in _words(item))


def _needs(items: list[str]) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """Return the words that every match has, and sets one word of each of which it has."""
    sets = _required(iter(items))
    single = frozenset[str]().union(*(words for words in sets if len(words) == 1))
    several = {words for words in sets if len(words) > 1}
    return single, tuple(sorted(several, key=_commonness))


def _required(items: Iterator[str]) -> list[frozenset[str]]:
    """Return what a sequence requires, up to the bracket that closes it.

    A choice requires the rarest of what each of its branches does, rather what other branches do
    too; nothing, if one may be empty.
    """
    branches: list[list[frozenset[str]]] = [[]]
    for item in items:
        if item == ")":
            break
        if item == "|":
            branches.append([])
        elif item == "(":
            branches[-1] += _required(items)
        elif item.startswith("{"):
            branches[-1].append(frozenset(SLOTS.get(item.strip("{-~}"), "")))
        elif item not in _SKIPS and item != "^":
            branches[-1] += [frozenset({word}) for word in _words(item)]
    if len(branches) == 1:
        return branches[0]
    shared = Counter(words for branch in branches for words in branch)
    rarest = [
        min(
            branch,
            key=lambda words: (*_commonness(words), -shared[words]),
            default=frozenset[str](),
        )
        for branch in branches
    ]
    return [frozenset[str]().union(*rarest)] if all(rarest) else []
