"""The phrases that make a topic, per language: ``phrases/en.toml`` and its neighbours.

A topic's entry has ``strong`` (weight 3: alone enough), ``plain`` (2) and ``weak`` (1) phrases, and
``never``: longer phrases inside which the others do not count ("stock split" in "stock split
screen"). ``told`` phrases (3.5) say that a company did it ("dividend of $0.20"): one anywhere is
enough in an article about that company, where the bare word is not. ``names`` (2) of companies and
products that have no listing make no topic by themselves.
Phrases are separated by commas or new lines:

- ``(a|b)`` stands for either, ``(s|)`` for an optional ending, ``<fell>`` for any word that the
  entry ``lists`` has under that name, separated by ``|``;
- a final ``*`` stands for any ending, a leading one for any beginning (German compounds), one
  inside for an ending of gender and number: o, a, i, e, hi, he, s, os, as, es or none;
- ``%`` stands for any percentage. Capitals, accents and hyphens do not count;
- ``(cuts|raises) ~ (outlook|forecast)`` stands for any two of these near each other in the title or
  the first sentences, ``>`` for words in this order, ``SECURITY`` for one that the title names
  (``pairs.py``).

``any.toml`` holds phrases that every language prints the same. The entry ``off-topic`` describes
what is no finance news; it competes with the topics and has no tag of its own. The entry
``language`` holds the little ``words`` by which a text in an undeclared language is recognised.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from tasks.articles.errors import KnowledgeError
from tasks.tagging.folding import fold
from tasks.tagging.pairs import EITHER_WAY, IN_ORDER, Pairs, Span, read_pairs

FOLDER = Path(__file__).parent / "phrases"
OFF_TOPIC = "off-topic"
LANGUAGE = "language"
LISTS = "lists"
WEIGHTS = {"told": 3.5, "strong": 3.0, "plain": 2.0, "names": 2.0, "weak": 1.0, "never": 0.0}
SHARED = "any"  # the file of phrases that every language uses
_CHOICE = re.compile(r"\(([^()]*)\)")
_ENDINGS = ("", "o", "a", "i", "e", "hi", "he", "s", "os", "as", "es")
_WORD = re.compile(r"[^ .]")
_LIST = re.compile(r"<(\w+)>")
_MOST_SPELLINGS = 6_000  # of one line; more is a slip of the pen


class Meaning(NamedTuple):
    """What a phrase says about a topic; many phrases share one."""

    topic: str
    weight: float  # 3.5, 3, 2 or 1; 0 for a phrase that hides others of its topic
    is_name: bool  # of a company or product: says whom the text names, not what about


Meanings = tuple[Meaning, ...]  # of one phrase, one a topic, the lightest first
Found = tuple[int, int, Meanings]  # where a phrase starts and ends, and what it says


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """One language's phrases, and the automaton that finds them all in one pass.

    The phrases themselves are in the automaton alone: there are up to 50,000 a language.
    """

    language: str
    automaton: AhoCorasick
    meanings: tuple[Meanings, ...]  # by number of the automaton's pattern
    pairs: Pairs
    of_pairs: tuple[Meanings, ...]  # by number of the pair
    little_words: frozenset[str]

    def find(self, folded: str) -> list[Found]:
        """Return the phrases in order of start, the longest first; nested ones too."""
        matches = self.automaton.find_matches_as_indexes(folded, overlapping=True)
        ordered = sorted([(start, -end, pattern) for pattern, start, end in matches])
        return [(start, -end, self.meanings[pattern]) for start, end, pattern in ordered]

    def find_pairs(self, folded: str, securities: Sequence[Span]) -> list[Found]:
        """Return the words that stand near each other as a pair, in order of their end."""
        found = self.pairs.find(folded, securities)
        return [(start, end, self.of_pairs[pair]) for start, end, pair in found]


def spellings(line: str) -> list[str]:
    """Return every folded spelling of one phrase, blanks at the ends: ``cut(s|) rates``.

    Raises ValueError for a line that stands for more than 6,000 spellings or for nothing.
    """
    parts = _CHOICE.split(line.strip())
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    plain = dict.fromkeys("".join(chosen).strip() for chosen in product(*choices))
    folded = dict.fromkeys(_folded([text for printed in plain for text in _with_endings(printed)]))
    if len(folded) > _MOST_SPELLINGS:
        raise ValueError(f"{line!r} has {len(folded)} spellings; write several shorter lines.")
    if not all(map(_WORD.search, folded)):
        raise ValueError(f"{line!r} has a spelling without any word; give it one.")
    return list(folded)


def _with_endings(printed: str) -> list[str]:
    """Return a spelling with each ending for its inner stars; those at its ends stay."""
    if "*" not in printed:
        return [printed]
    begins, ends = printed.startswith("*"), printed.endswith("*")
    first, *inner = printed.removeprefix("*").removesuffix("*").split("*")
    texts = [first]
    for part in inner:
        texts = [text + ending + part for text in texts for ending in _ENDINGS]
    return ["*" * begins + text + "*" * ends for text in texts]


def _folded(texts: list[str]) -> list[str]:
    """Fold many spellings at once, as lines of one text; a star at an end takes its blank away."""
    folded = fold("\n".join(texts))[1:-1].split(" . ")
    if len(folded) != len(texts):  # a spelling has an end of a sentence in it
        folded = [fold(text).strip() for text in texts]
    if not any("*" in text for text in texts):
        return [f" {plain} " for plain in folded]
    return [
        f"{'' if text.startswith('*') else ' '}{plain}{'' if text.endswith('*') else ' '}"
        for text, plain in zip(texts, folded, strict=True)
    ]


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the languages that have phrases, as ISO 639-1 codes."""
    return tuple(path.stem for path in sorted(folder.glob("*.toml")) if path.stem != SHARED)


@cache
def load_phrasebook(language: str, folder: Path = FOLDER) -> Phrasebook:
    """Read one language's phrases and the shared ones; an unknown language has the shared alone.

    Raises KnowledgeError, naming the file, for phrases that cannot be used.
    """
    by_text: dict[str, Meanings] = {}
    pairs: list[tuple[str, list[list[str]]]] = []
    of_pairs: list[Meanings] = []
    for path in (folder / f"{SHARED}.toml", folder / f"{language}.toml"):
        for meanings, sign, sides in _phrases(path):
            if sign:
                pairs.append((sign, sides))
                of_pairs.append(meanings)
                continue
            for text in sides[0]:
                known = by_text.get(text)
                by_text[text] = _heaviest(known + meanings) if known else meanings
    return Phrasebook(
        language,
        AhoCorasick(list(by_text), implementation=Implementation.ContiguousNFA),
        tuple(by_text.values()),
        read_pairs(pairs),
        tuple(of_pairs),
        _little_words(folder / f"{language}.toml"),
    )


def _little_words(path: Path) -> frozenset[str]:
    words = read_entries(path).get(LANGUAGE, {}).get("words", "") if path.exists() else ""
    return frozenset(fold(words).split())


def read_entries(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Return a phrase file as it stands: topic -> strong, plain, weak, never, matches, passes.

    Raises KnowledgeError.
    """
    try:
        entries: Mapping[str, Mapping[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{path}: cannot be read as TOML: {error}") from error
    return entries


def _phrases(path: Path) -> Iterator[tuple[Meanings, str, list[list[str]]]]:
    """Yield what each line of a file means, a pair's sign, and the spellings of its parts."""
    entries = read_entries(path) if path.exists() else {}
    lists = entries.get(LISTS, {})
    for topic, entry in entries.items():
        if topic == LISTS:
            continue
        for kind, weight in WEIGHTS.items():
            meanings = (Meaning(topic, weight, kind == "names"),)
            for line in re.split(r"[,\n]", entry.get(kind, "")):
                if line.strip():
                    where = f"{path}: [{topic}] {kind}"
                    sign = next((sign for sign in (IN_ORDER, EITHER_WAY) if sign in line), "")
                    parts = line.split(sign) if sign else [line]
                    yield meanings, sign, [_spellings_of(part, lists, where) for part in parts]


def _spellings_of(line: str, lists: Mapping[str, str], where: str) -> list[str]:
    try:
        return spellings(_LIST.sub(lambda found: f"({lists[found[1]]})", line))
    except KeyError as error:
        raise KnowledgeError(f"{where}: [lists] has no {error} for {line.strip()!r}.") from None
    except ValueError as error:
        raise KnowledgeError(f"{where}: {error}") from None


@cache
def _heaviest(meanings: Meanings) -> Meanings:
    """Keep one meaning a topic: a hiding one, else the heaviest. Those that hide come first."""
    best: dict[str, Meaning] = {}
    for meaning in meanings:
        known = best.get(meaning.topic)
        if known is None or meaning.weight == 0 or (known.weight and meaning.weight > known.weight):
            best[meaning.topic] = meaning
    return tuple(sorted(best.values(), key=lambda meaning: meaning.weight))
