"""The boilerplate rules: data files of phrases, each with the lines that prove it."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from tasks.articles.errors import KnowledgeError
from tasks.extraction.appeals import is_appeal
from tasks.extraction.characters import is_eastern
from tasks.extraction.furniture import is_furniture
from tasks.extraction.phrases import AUTHOR, Matcher, expression, matcher, plain
from tasks.extraction.reporting import has_figures, reports

FOLDER = Path(__file__).parent / "boilerplate"
Where = Literal["line", "block", "end", "notice", "rest", "sentence", "top", "within"]
# What lines are decorated with: bullets, arrows, stars and every picture sign, but no "ⓒ".
_DECORATION = re.compile(
    r"[\s*•‣⁃・>»›|–—\-·~=※_¿¡\[(\u2190-\u24d1\u24d3-\u2bff\u3012\u3013\ufe0f\u200d\U0001f000-\U0001faff]+"
)
_LONGEST = 900  # characters of a line that can be boilerplate; also what bounds each expression
_LONGEST_OF = {"block": 160, "rest": 120, "top": 240}  # of headings and what stands on top
_ASIDE_SIGNS = (", opens", "(", "[", "©", "atchlist")  # one of which every aside has
_EASTERN_RULES = ("ja:", "ko:")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of boilerplate line, with the examples that prove it.

    ``phrases`` are written as ``phrases.py`` explains; ``pattern`` is an expression, for what
    phrases cannot say. ``where``: ``line`` drops a line that it matches from the start; ``block``
    is a heading that goes with the links under it; ``end`` drops only after the story's last
    paragraph; ``notice`` a line, or a paragraph of any length by its first sentence; ``rest`` drops
    itself and all that follows the story; ``top`` only before its first; ``sentence`` drops the
    last sentence of a paragraph; ``within`` drops just its own words.
    """

    name: str
    phrases: tuple[str, ...]
    pattern: str
    where: Where
    drops: tuple[str, ...]
    keeps: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return all rules, of every language: an Italian page carries English boilerplate too.

    Raises KnowledgeError for a file that cannot be used.
    """
    return tuple(
        _rule(path, entry)
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    )


def _rule(path: Path, entry: dict[str, Any]) -> Rule:
    unknown = set(entry) - {"name", "phrases", "pattern", "where", "drops", "keeps"}
    if unknown or "name" not in entry:
        raise KnowledgeError(
            f"{path.name}: a rule has {', '.join(sorted(unknown)) or 'no name'}; it may have name, "
            "phrases, pattern, where, drops and keeps."
        )
    return Rule(
        name=f"{path.stem}:{entry['name']}",
        phrases=tuple(entry.get("phrases", ())),
        pattern=str(entry.get("pattern", "")),
        where=entry.get("where", "line"),
        drops=tuple(entry.get("drops", ())),
        keeps=tuple(entry.get("keeps", ())),
    )


@lru_cache(maxsize=1)
def rules_hash() -> str:
    """Return eight characters that change whenever a data file of extraction changes."""
    texts = [path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.toml"))]
    return hashlib.sha256(b"\x00".join(texts)).hexdigest()[:8]


@lru_cache(maxsize=16)
def _pattern(where: Where, *, is_eastern: bool) -> re.Pattern[str]:
    """Return the expressions of one kind as one, so that a line is read once.

    Those of Japanese and Korean, the slowest, only for lines with a sign of these scripts.
    """
    parts = [
        f"(?:{rule.pattern})"
        for rule in rules()
        if _is_of(rule, where)
        and rule.pattern
        and (is_eastern or not rule.name.startswith(_EASTERN_RULES))
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


@lru_cache(maxsize=8)
def _matcher(where: Where) -> Matcher:
    return matcher(phrase for rule in rules() if _is_of(rule, where) for phrase in rule.phrases)


def _is_of(rule: Rule, where: Where) -> bool:
    """Tell a rule of one kind; a notice is a line, too."""
    return rule.where == where or (where == "line" and rule.where == "notice")


@lru_cache(maxsize=1)
def _within() -> re.Pattern[str]:
    phrases = [phrase for rule in rules() if rule.where == "within" for phrase in rule.phrases]
    return re.compile("|".join(map(expression, phrases)) or r"(?!)", re.IGNORECASE)


def without_asides(line: str) -> str:
    """Return a line without the words that ``within`` rules drop: "(opens in a new tab)"."""
    if not any(sign in line for sign in _ASIDE_SIGNS):
        return line
    same_length = plain(line)
    left = line
    for match in reversed(list(_within().finditer(same_length))):
        left = left[: match.start()].rstrip() + left[match.end() :]
    return left.strip() if left != line else line


def is_boilerplate(line: str, where: Where = "line", authors: Sequence[str] = ()) -> bool:
    """Tell whether a rule of this kind matches the line, whatever decoration it starts with.

    A sentence that reports what somebody said is never boilerplate, nor is one at a paragraph's
    end that gives figures. ``authors`` are the article's, for rules about them.
    """
    bare = undecorated(line)
    if not 0 < len(bare) <= _LONGEST_OF.get(where, _LONGEST):
        return False
    is_told = where == "line" and (is_furniture(bare) or is_appeal(bare))
    if not is_told and not _matches(bare, where, authors):
        return False
    return not reports(bare) and not (where == "sentence" and has_figures(bare))


def undecorated(line: str) -> str:
    """Return a line without the bullets, arrows and picture signs that it starts with."""
    if line[:1].isalnum() or (line[:1] == "»" and "«" in line):  # a German quotation
        return line
    decoration = _DECORATION.match(line)
    return line[decoration.end() :] if decoration else line


def _matches(line: str, where: Where, authors: Sequence[str]) -> bool:
    text = plain(line)
    if _matcher(where).matches(text) or _pattern(where, is_eastern=is_eastern(text)).match(line):
        return True
    named = [name for name in authors if plain(name) in text]
    return any(_matcher(where).matches(text.replace(plain(name), AUTHOR)) for name in named)
