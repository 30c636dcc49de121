"""The rules of one language, read from ``rules/xx.toml``; how to write one: ``patterns``.

A file has these parts:

- ``common``: words that are no names though a sentence begins with them; ``subjects``: words that
  follow a company's name when it is what the sentence is about; ``prepositions``: words after which
  a company is not the ``{subject}``; ``times``: words with which a time begins; ``sources``: what
  stands before a company that is only quoted; ``articles``, where nouns have capitals: the words
  after which one word is a noun, not a name; ``endings`` of nouns before a name (Softwareanbieter);
  ``abbreviations``: words whose full stop ends no sentence; ``asides``: patterns of comparisons
  with another time, which state nothing.
- ``[words]``: lists of words that patterns name as ``<list>``.
- ``[kinds.KIND]``: ``triggers``, one of which every sentence of that kind has (a ``*`` stands for
  any ending); ``article``, one of which the article has; ``asides``: patterns of what another fact
  is told with (a move of the year beside that of the day), closed one after the other; ``veto``:
  patterns of sentences that then state no such fact.
- ``[[rules]]``: ``kind``, ``name``, ``patterns`` (one a line), what it ``says`` beside its slots,
  ``together`` for what counts only beside another rule of its kind, and ``examples``: a sentence,
  ``=>`` and the fact that it states, or nothing.
- ``[forecasts]`` and ``[[metrics]]``: see ``forecasts``.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from tasks.articles.errors import KnowledgeError
from tasks.tagging.facts.amounts import Units, load_units
from tasks.tagging.facts.forecasts import forecast_rules
from tasks.tagging.facts.patterns import Pattern, PatternSet, compile_pattern, fold

FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns that state one thing, and what they say beside their slots."""

    kind: str
    name: str
    patterns: tuple[Pattern, ...]
    says: tuple[tuple[str, str], ...]
    together: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The rules of one kind of fact, and what forbids them."""

    name: str
    patterns: PatternSet  # of its rules, in the order of the file
    stating: PatternSet  # those of them without which the others state nothing
    rules: tuple[Rule, ...]  # of each pattern
    letters: frozenset[str]  # entities, one of which its lines have; none: any line
    asides: PatternSet
    veto: PatternSet
    article: tuple[str, ...]  # lower-case phrases, one of which the article has; () for any

    def is_told(self, lowered: str) -> bool:
        """Tell whether an article in small letters may have facts of this kind."""
        return not self.article or any(map(lowered.__contains__, self.article))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One language's rules, and the automaton that finds the sentences worth reading."""

    kinds: Mapping[str, Kind]
    units: Units
    without_figures: frozenset[str]  # kinds that words alone may state
    without_money: frozenset[str]  # and those that percentages or days may state
    asides: PatternSet
    vocabulary: frozenset[str]  # folded words that are no names
    beside: frozenset[str]  # words that alone are no names: of asides and vetoes
    subjects: frozenset[str]
    verbs: frozenset[str]  # words that go on after what stands between commas behind a name
    times: frozenset[str]
    abbreviations: frozenset[str]
    prepositions: frozenset[str]
    articles: frozenset[str]  # words after which one word with a capital is a noun, not a name
    endings: tuple[str, ...]  # of nouns that stand before a name and are no part of it
    sources: re.Pattern[str]  # the end of what stands before one that is only quoted
    _automaton: AhoCorasick
    _triggers: tuple[tuple[str, bool, frozenset[str]], ...]

    def triggered(self, lowered: str) -> Iterator[tuple[int, frozenset[str]]]:
        """Yield (place, kinds) for each trigger in a lower-case text, in order."""
        for number, start, end in self._automaton.find_matches_as_indexes(
            lowered, overlapping=True
        ):
            word, is_stem, kinds = self._triggers[number]
            starts = not (word[0].isalnum() and lowered[max(0, start - 1) : start].isalnum())
            if starts and (is_stem or not lowered[end : end + 1].isalnum()):
                yield start, kinds


def languages() -> tuple[str, ...]:
    """Return the languages that have rules, as ISO 639-1 codes."""
    return tuple(path.stem for path in sorted(FOLDER.glob("*.toml")))


@cache
def read_rules(language: str) -> Mapping[str, Any]:
    """Return a rule file and the rules of its forecasts. Raises KnowledgeError, naming it."""
    path = FOLDER / f"{language}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path}: cannot be read as TOML: {error}") from error
    return {**data, "rules": [*forecast_rules(data), *data["rules"]]}


@cache
def load_rulebook(language: str) -> Rulebook:
    """Read one language's rules. Raises KnowledgeError, naming file and rule, for unusable ones."""
    data = read_rules(language)
    words = data["words"]
    kinds = {name: _kind(name, data, language) for name in data["kinds"]}
    asides = PatternSet(_patterns(data["asides"], words, f"{language}: asides"))
    vocabulary = _vocabulary(kind.patterns for kind in kinds.values())
    beside = (asides, *(known for k in kinds.values() for known in (k.asides, k.veto)))
    triggers = _triggers(data["kinds"])
    return Rulebook(
        kinds=kinds,
        units=load_units(language),
        without_figures=frozenset(name for name, kind in kinds.items() if not kind.letters),
        without_money=frozenset(
            name for name, kind in kinds.items() if not kind.letters or kind.letters & {"P", "D"}
        ),
        asides=asides,
        vocabulary=vocabulary.union(fold(data["common"]).split()),
        beside=_vocabulary(beside),
        subjects=frozenset(fold(data["subjects"]).split()),
        verbs=_verbs(data),
        times=frozenset(fold(data["times"]).split()),
        abbreviations=frozenset(data["abbreviations"].split()),
        prepositions=frozenset(fold(data["prepositions"]).split()),
        articles=frozenset(fold(data.get("articles", "")).split()),
        endings=tuple(fold(data.get("endings", "")).split()),
        sources=_before(data["sources"]),
        _automaton=AhoCorasick([t for t, _, _ in triggers], implementation=Implementation.DFA),
        _triggers=triggers,
    )


def _vocabulary(sets: Iterable[PatternSet]) -> frozenset[str]:
    return frozenset(w for known in sets for p in known.patterns for w in p.vocabulary)


def _before(phrases: str) -> re.Pattern[str]:
    """Return a pattern for the end of a folded text that has one of these phrases last."""
    last = "|".join(fold(phrase).replace(" ", " +") for phrase in phrases.split("|"))
    return re.compile(rf"(?<![a-z0-9])(?:{last}) +\Z")


def _verbs(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the words that follow a subject, and those with which moves of prices begin."""
    moves = "|".join(data["words"][name] for name in ("rose", "fell", "trading")).split("|")
    return frozenset([*fold(data["subjects"]).split(), *(fold(m).split()[0] for m in moves)])


def _kind(name: str, data: Mapping[str, Any], language: str) -> Kind:
    entry = data["kinds"][name]
    own = [rule for rule in data["rules"] if rule["kind"] == name]
    rules = [_rule(rule, data["words"], language) for rule in own]
    stating = [pattern for rule in rules if not rule.together for pattern in rule.patterns]
    letters = [pattern.letters for pattern in stating]
    return Kind(
        name=name,
        patterns=PatternSet([pattern for rule in rules for pattern in rule.patterns]),
        stating=PatternSet(stating),
        rules=tuple(rule for rule in rules for _ in rule.patterns),
        letters=frozenset("".join(letters)) if all(letters) else frozenset(),
        asides=PatternSet(
            _patterns(entry.get("asides", ""), data["words"], f"{language}: [{name}] asides")
        ),
        veto=PatternSet(
            _patterns(entry.get("veto", ""), data["words"], f"{language}: [{name}] veto")
        ),
        article=tuple(filter(None, entry.get("article", "").split("|"))),
    )


def _rule(rule: Mapping[str, Any], words: Mapping[str, str], language: str) -> Rule:
    return Rule(
        kind=rule["kind"],
        name=rule["name"],
        patterns=_patterns(rule["patterns"], words, f"{language}: {rule['name']}"),
        says=tuple(rule.get("says", {}).items()),
        together=rule.get("together", False),
    )


def _patterns(lines: str, words: Mapping[str, str], where: str) -> tuple[Pattern, ...]:
    try:
        return tuple(compile_pattern(line, words) for line in lines.splitlines() if line.strip())
    except ValueError as error:
        raise KnowledgeError(f"{FOLDER}: {where}: {error}") from error


def _triggers(
    kinds: Mapping[str, Mapping[str, str]],
) -> tuple[tuple[str, bool, frozenset[str]], ...]:
    found: dict[str, tuple[bool, set[str]]] = {}
    for name, entry in kinds.items():
        for line in entry["triggers"].split("|"):
            word = line.strip()
            found.setdefault(word.removesuffix("*"), (word.endswith("*"), set()))[1].add(name)
    return tuple((word, stem, frozenset(names)) for word, (stem, names) in found.items())
