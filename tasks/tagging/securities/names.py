"""Finds every known company name in a text, in one pass, but for those inside other phrases.

``never.toml`` has the phrases in which a name does not mean the company: "Oracle of Omaha".
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from tasks.tagging.securities.reference import Company, load_reference, spellings_of
from tasks.tagging.securities.words import choices, folded, split_phrases, words_of

NEVER = Path(__file__).parent / "never.toml"
_RANK = {"names": 0, "brands": 1, "products": 2, "doubtful": 3}
_LETTER_NAME = 5  # letters up to which a name in capitals is one only in capitals: IBM, STM
_INITIAL = re.compile(r"(?<= \w) (?=\w\w)")
_AFTER_COMMA = frozenset({"inc", "corp", "ltd", "llc", "plc", "co"})
_SIDE = 60  # characters beside a name that are looked at
_SHORTEST_ITALIAN = 3  # letters of an abbreviation that Italian prints with one capital
_SHORT = 2  # letters of names whose signs count: E.ON is not "e on"
_SMALL = 3  # letters of a word inside a name that may be printed small: "of", "and", "de"
# What ends a sentence or cell inside a match: "met Apple. Inc" and "Bank | America" are no names.
_BROKEN = re.compile(r"[\n|;:?()\[\]]|[^\W\d_]{4,}[.!]\s|,\s(?!Inc|Ltd|LLC|L\.|Co\b|Corp|S\.)")
_ADDRESS = re.compile(r"\.(?:com|it|es|de|fr|org|net)\b")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width letters and digits
_UNSPACED = frozenset({"ja", "ko", "zh"})
_KATAKANA = re.compile(r"[\u30a0-\u30ff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a text, and whose it may be."""

    start: int
    end: int
    company: Company
    kind: str  # names, brands, doubtful or products
    before: str  # what stands before and after it, in words and blanks
    after: str


@dataclass(frozen=True, slots=True)
class _Meaning:
    company: Company | None  # None for a phrase that hides names
    kind: str
    written: tuple[str, ...]  # as the files write it
    is_capitals: bool  # a name only where it is printed in capitals


@dataclass(frozen=True, slots=True)
class NameIndex:
    """All names, and the automata that find them."""

    words: AhoCorasick
    meanings: tuple[_Meaning, ...]
    in_language: Mapping[str, Mapping[str, _Meaning]]  # language -> a name's words -> meaning
    characters: AhoCorasick  # of names in scripts without blanks
    character_meanings: tuple[_Meaning, ...]
    doubtful_in: Mapping[str, frozenset[str]]  # a name's words -> languages
    no_name_in: Mapping[str, frozenset[str]]  # the same
    contexts: Mapping[str, tuple[str, ...]]  # a name's words -> phrases, with blanks around
    hints: Mapping[str, tuple[str, ...]]  # the same

    def find(
        self, text: str, language: str, hidden: set[str] | None = None, abroad: str = ""
    ) -> Iterator[Found]:
        """Yield the names in a text of this language, in order; they do not overlap.

        ``hidden`` takes up the words of the phrases in which names do not mean companies. A name
        that the language has for a company of the country ``abroad`` means what it means anywhere.
        """
        hidden = set() if hidden is None else hidden
        if language in _UNSPACED or not language:
            text = _CJK.sub(" ", text)  # it glues letters to what stands beside them
        local = self.in_language.get(language, {})
        words = f" {folded(text)} "  # one further to the right than in the text
        shouts, is_german = text.isupper(), language == "de"
        for pattern, start, end, tail in self._whole(words, is_german=is_german):
            meaning = self.meanings[pattern]
            own = local.get(f"{words[start:end]} ", meaning)
            if meaning.company is None or not own.company or own.company.country != abroad:
                meaning = own
            if meaning.company is None:
                hidden.update(words[start:end].split())
                continue
            span = start, end - 1
            if _is_printed_so(text, span, tail, meaning, shouts=shouts, language=language):
                after = end + tail
                sides = words[max(0, start - _SIDE) : start + 1], words[after : after + _SIDE]
                yield Found(*span, meaning.company, meaning.kind, *sides)

    def _whole(self, words: str, *, is_german: bool) -> Iterator[tuple[int, int, int, int]]:
        """Yield the matches that are whole words: their number, start, end, and genitive's s.

        Where one fails, "de gol" in "de Goldman" or "Mapfre Re" in "Mapfre recauda", shorter ones
        and those that begin at its last word are taken.
        """
        reach = 0
        for pattern, start, end in self.words.find_matches_as_indexes(words):
            tail = int(is_german and words[end : end + 2] == "s ")  # "Infineons Umsatz"
            if start < reach:
                continue
            if words[end + tail] == " ":
                yield pattern, start, end, tail
            elif (cut := words.rfind(" ", start + 1, end)) >= 0:
                for low, high in ((start, cut), (cut, end + _SIDE)):
                    for other, begin, stop in self.words.find_matches_as_indexes(words[low:high]):
                        if low + begin < end and words[low + stop : low + stop + 1] == " ":
                            reach = low + stop
                            yield other, low + begin, reach, 0

    def find_characters(self, text: str, language: str) -> Iterator[Found]:
        """Yield the names in Japanese, Korean and Chinese script; they do not overlap."""
        if (language and language not in _UNSPACED) or not _CJK.search(text):
            return
        plain = text.translate(_WIDE)
        for pattern, start, end in self.characters.find_matches_as_indexes(plain):
            meaning = self.character_meanings[pattern]
            if meaning.company is not None and _stands_apart(plain, start, end):
                yield Found(start, end, meaning.company, meaning.kind, "", "")

    def is_doubtful(self, name: str, language: str) -> bool:
        """Tell whether a name is a common word of the language, at the start of a sentence."""
        return language in self.doubtful_in.get(f" {name.lower()} ", ())

    def is_no_name_in(self, name: str, language: str) -> bool:
        """Tell whether a capital amid a sentence of the language says nothing: "American"."""
        return language in self.no_name_in.get(f" {name.lower()} ", ())

    def context_of(self, name: str) -> Sequence[str]:
        """Return the phrases one of which an article with this name must have; mostly none."""
        return self.contexts.get(f" {name.lower()} ", ())

    def hints_of(self, name: str) -> Sequence[str]:
        """Return the phrases that speak for a name where an article has them; mostly none."""
        return self.hints.get(f" {name.lower()} ", ())


def has_blanks(text: str) -> bool:
    """Tell whether a text is of a script that parts its words."""
    return not _CJK.search(text)


@cache
def load_name_index(path: Path = NEVER) -> NameIndex:
    """Build the index. Raises KnowledgeError or TOMLDecodeError for a file that is unusable."""
    never = tomllib.loads(path.read_text(encoding="utf-8"))
    nothing = _Meaning(None, "never", (), is_capitals=False)
    words: dict[str, _Meaning] = {}
    characters: dict[str, _Meaning] = {}
    in_language: dict[str, dict[str, _Meaning]] = {}
    for name, kind, company in spellings_of(load_reference().companies):
        if _CJK.search(name) or name.translate(_WIDE) != name:
            _offer(characters, name.translate(_WIDE), name, kind, company)
            continue
        if name[2:3] == "=":  # a name in one language: de=Merck
            local, name = in_language.setdefault(name[:2], {}), name[3:]  # noqa: PLW2901
            _offer(local, words_of(name), name, kind, company)
            words.setdefault(words_of(name), nothing)
            continue
        for key in _spellings(name):
            if words.get(key) is nothing:
                del words[key]
            _offer(words, key, name, kind, company)
            if not key.isascii() and (plain := _without_accents(key)) != key:
                _offer(words, plain, _without_accents(name), kind, company)
    for entry in never.values():
        for line in split_phrases(entry["never"]):
            if _CJK.search(line):
                characters[line.strip()] = nothing
            else:
                words.update(dict.fromkeys(choices(line), nothing))
    return NameIndex(
        words=_automaton([key.rstrip() for key in words]),
        meanings=tuple(words.values()),
        in_language=in_language,
        characters=_automaton(list(characters)),
        character_meanings=tuple(characters.values()),
        doubtful_in=_languages(never, "doubtful_in"),
        no_name_in=_languages(never, "no_name_in"),
        contexts=_phrases(never, "context"),
        hints=_phrases(never, "hints"),
    )


def _languages(never: Mapping[str, Mapping[str, str]], key: str) -> dict[str, frozenset[str]]:
    return {
        words_of(word): frozenset(entry[key].split())
        for name, entry in never.items()
        for word in split_phrases(entry.get("words", name))
        if key in entry
    }


def _phrases(never: Mapping[str, Mapping[str, str]], key: str) -> dict[str, tuple[str, ...]]:
    """Return the phrases of each word's business, from all entries that have it."""
    contexts: dict[str, tuple[str, ...]] = {}
    for name, entry in never.items():
        phrases = tuple(p for line in split_phrases(entry.get(key, "")) for p in choices(line))
        for word in split_phrases(entry.get("words", name)) if phrases else ():
            contexts[words_of(word)] = contexts.get(words_of(word), ()) + phrases
    return contexts


def _spellings(name: str) -> list[str]:
    """Return a name as texts may fold to it: with its own signs, without, with a comma."""
    if name.isascii() and name.isalnum():
        return [f" {name.lower()} "]
    plain = words_of(name)
    *core, last = plain.split()
    with_comma = [f" {' '.join(core)}  {last} "] if core and last in _AFTER_COMMA else []
    initials = _INITIAL.sub("  ", plain)  # "J.M. Smucker"
    return list(dict.fromkeys((plain, f" {folded(name).strip()} ", initials, *with_comma)))


def _automaton(patterns: list[str]) -> AhoCorasick:
    return AhoCorasick(
        patterns, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
    )


def _offer(names: dict[str, _Meaning], key: str, name: str, kind: str, company: Company) -> None:
    """Enter a name; where two companies claim it, the surer kind goes before, then the first."""
    known = names.get(key)
    capitals = name.isupper() and sum(map(str.isalpha, name)) <= _LETTER_NAME
    if known is None or _RANK[kind] < _RANK[known.kind]:
        names[key] = _Meaning(company, kind, (name,), capitals)
    elif known.company is company and known.kind == kind:
        names[key] = _Meaning(
            company, kind, (*known.written, name), is_capitals=known.is_capitals and capitals
        )


def _is_printed_so(
    text: str, span: tuple[int, int], tail: int, meaning: _Meaning, *, shouts: bool, language: str
) -> bool:
    """Tell whether a match is printed like a name: with capitals, and in one piece."""
    printed = text[slice(*span)]
    if _is_in_address(text, span, span[1] + tail, meaning):
        return False
    if printed in meaning.written:
        return True
    if meaning.is_capitals:  # Italian prints Bbva and Ibm
        italian = language == "it" and len(printed) >= _SHORTEST_ITALIAN
        return italian and printed == printed.capitalize()
    words = re.findall(r"\w+", printed)
    if max(map(len, words)) <= _SHORT:
        return _plain(printed) in {_plain(written) for written in meaning.written}
    return _has_capitals(words, shouts=shouts) and not (len(words) > 1 and _BROKEN.search(printed))


def _is_in_address(text: str, span: tuple[int, int], stop: int, meaning: _Meaning) -> bool:
    """Tell whether a match is a part of a handle, a hash tag or an address."""
    start, end = span
    if start and (text[start - 1] in "@#$/" or text[start - 1].isalnum()):
        return True
    after = text[stop : stop + 1]
    if after in {"@", "_"} or after.isalnum() or _ADDRESS.match(text, stop):
        return f"{text[start:end]}.com".lower() not in {name.lower() for name in meaning.written}
    return False


def _has_capitals(words: list[str], *, shouts: bool) -> bool:
    if not (words[0][0].isupper() or words[0][0].isdigit()):
        return False
    return shouts or all(
        word[0].isupper() or not word[0].isalpha() or len(word) <= _SMALL for word in words[1:]
    )


def _plain(name: str) -> str:
    return name.casefold().replace("’", "'")


def _stands_apart(text: str, start: int, end: int) -> bool:
    """Tell whether a match does not continue in the same script: ソニー in ソニービル does."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if _KATAKANA.match(text[start]) and _KATAKANA.match(before or " ") and before != "・":
        return False
    if "\uac00" <= text[start] <= "\ud7af" and "\uac00" <= before <= "\ud7af":
        return False
    if text[start].isascii() and before.isascii() and before.isalnum():
        return False
    last = text[end - 1]
    if _KATAKANA.match(last) and _KATAKANA.match(after or " ") and after not in {"・", "ー"}:
        return False
    return not (last.isascii() and after.isascii() and after.isalnum())


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ø", "o")
