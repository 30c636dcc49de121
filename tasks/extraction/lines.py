"""Cleans an article's lines: boilerplate goes by rules kept as data, repeats go."""

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from tasks.extraction.characters import folded

FOLDER = Path(__file__).parent / "boilerplate"
REPORTING = Path(__file__).parent / "reporting.toml"
Where = Literal["line", "block", "end", "sentence", "top"]
_DECORATION = " \t*•▶►→>»|–—-·▪■☞👉📈🔥_[("
_SENTENCE_END = re.compile(r"(?<=[.!?…»”\"])\s+(?=[\"“«¿¡(]?[A-ZÀ-Þ])|(?<=[。!?])")
_LABEL = re.compile(r"[^.!?]{1,40}[::]")
_FIGURES = re.compile(r"\d[.,]\d|\d\s?%|[$€£¥]\s?\d")
_LONGEST = 900  # characters of a line that can be boilerplate; also what bounds each expression
_TOP = 6  # lines among which title, byline and date may be repeated
_TITLE_LIKE = 180  # characters of a line, without a full stop, that can be another story's title
_REPEATED = 60  # letters of a line that does not occur twice by chance
_STOPS = tuple(".!?…:;。」")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of boilerplate line, with the examples that prove it.

    ``where``: ``line`` drops a line that it matches from the start; ``block`` is a heading that
    goes with the links under it; ``end`` drops only after the story's last paragraph; ``top`` only
    before its first; ``sentence`` drops the last sentence of a paragraph.
    """

    name: str
    pattern: str
    where: Where
    drops: tuple[str, ...]
    keeps: tuple[str, ...]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return all rules, of every language: an Italian page carries English boilerplate too."""
    return tuple(
        Rule(
            name=f"{path.stem}:{entry['name']}",
            pattern=entry["pattern"],
            where=entry.get("where", "line"),
            drops=tuple(entry["drops"]),
            keeps=tuple(entry.get("keeps", ())),
        )
        for path in sorted(FOLDER.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    )


@lru_cache(maxsize=1)
def rules_hash() -> str:
    """Return eight characters that change whenever a rule changes."""
    texts = [path.read_bytes() for path in (*sorted(FOLDER.glob("*.toml")), REPORTING)]
    return hashlib.sha256(b"\x00".join(texts)).hexdigest()[:8]


@lru_cache(maxsize=8)
def _pattern(where: Where) -> re.Pattern[str]:
    """Return the rules of one kind as one expression, so that a line is read once."""
    parts = [f"(?:{rule.pattern})" for rule in rules() if rule.where == where]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def is_boilerplate(line: str, where: Where = "line") -> bool:
    """Tell whether a rule of this kind matches the line, whatever decoration it starts with.

    A sentence that reports what somebody said is never boilerplate, nor is one at a paragraph's
    end that gives figures.
    """
    plain = line.lstrip(_DECORATION)
    if not 0 < len(plain) <= _LONGEST or not _pattern(where).match(plain):
        return False
    return not reports(plain) and not (where == "sentence" and _FIGURES.search(plain))


def reports(line: str) -> bool:
    """Tell a whole sentence with a verb of reporting; a label in front ("Photo:") is stronger."""
    return line.endswith(_STOPS) and not _LABEL.match(line) and _verbs().search(line) is not None


@lru_cache(maxsize=1)
def _verbs() -> re.Pattern[str]:
    said = tomllib.loads(REPORTING.read_text(encoding="utf-8"))["verbs"]
    words = [re.escape(word) for words in said.values() for word in words]
    latin = [word for word in words if word[0] < "\u2e80"]
    other = [word for word in words if word not in latin]
    return re.compile(rf"\b(?:{'|'.join(latin)})\b|{'|'.join(other)}", re.IGNORECASE)


def clean_lines(
    lines: Iterable[str],
    *,
    title: str = "",
    authors: Sequence[str] = (),
    sections: Sequence[str] = (),
    linked: Collection[str] = (),
    extra: Sequence[str] = (),
) -> list[str]:
    """Return the story's lines: no boilerplate, no repeats, no title or byline on top.

    ``linked`` holds lines (folded) that are nothing but links on the page; they go under a
    "Read next" and at the end. ``sections`` are what may stand above the title. ``extra`` are the
    source's own expressions, searched in each line.
    """
    own = [re.compile(pattern, re.IGNORECASE) for pattern in extra]
    kept = [
        line
        for raw in _without_blocks(list(lines), linked)
        if (line := _without_promotion(raw))
        and not any(rule.search(raw[:_LONGEST]) for rule in own)
    ]
    kept = _without_top(kept, (title, *sections), authors, linked)
    return _without_repeats(_without_end(kept, title, linked))


def _without_blocks(lines: list[str], linked: Collection[str]) -> list[str]:
    """Drop each "Read next" heading with the links, or at the end with all titles, under it."""
    kept: list[str] = []
    position = 0
    while position < len(lines):
        if not is_boilerplate(lines[position], "block"):
            kept.append(lines[position])
            position += 1
            continue
        rest = [line for line in lines[position + 1 :] if not is_boilerplate(line)]
        if all(_is_title_like(line) or folded(line) in linked for line in rest):
            return kept
        position += 1
        while position < len(lines) and folded(lines[position]) in linked:
            position += 1
    return kept


def _is_title_like(line: str) -> bool:
    return len(line) <= _TITLE_LIKE and not line.endswith(_STOPS)


def _without_promotion(line: str) -> str:
    """Return the line without what it advertises: nothing where it does only that.

    Promotion is cut from its end first, since what is left may give figures or report.
    """
    left = _without_last_sentences(line)
    if is_boilerplate(left) or is_boilerplate(left, "sentence"):
        return ""
    if left != line and is_boilerplate(line) and not (reports(left) or _FIGURES.search(left)):
        return ""
    return left


def _without_last_sentences(line: str) -> str:
    """Drop sentences at a paragraph's end that advertise or credit a picture."""
    while (breaks := list(_SENTENCE_END.finditer(line))) and len(line) < 10 * _LONGEST:
        last = line[breaks[-1].end() :]
        if not last or not (is_boilerplate(last, "sentence") or is_boilerplate(last, "line")):
            break
        line = line[: breaks[-1].start()]
    return line


def _without_top(
    lines: list[str], heads: Sequence[str], authors: Sequence[str], linked: Collection[str]
) -> list[str]:
    """Drop what stands above the story: menus, and what is kept elsewhere: title, byline, date."""
    start = next((n for n, line in enumerate(lines) if folded(line) not in linked), len(lines))
    lines = lines[start:]
    known = {folded(head) for head in heads} - {""}
    names = [folded(name) for name in authors]
    kept: list[str] = []
    for line in lines[:_TOP]:
        if folded(line) in known or is_boilerplate(line, "top"):
            continue
        if not kept and _is_byline(line, names):
            continue
        kept.append(line)
    return kept + lines[_TOP:]


def _is_byline(line: str, names: Sequence[str]) -> bool:
    """Tell a line that is the authors' names and little else."""
    plain = folded(line)
    found = [name for name in names if name and name in plain]
    return bool(found) and len(plain) <= sum(map(len, found)) + 24 and not line.endswith(".")


def _without_end(lines: list[str], title: str, linked: Collection[str]) -> list[str]:
    end = len(lines)
    while end and (
        is_boilerplate(lines[end - 1], "end")
        or folded(lines[end - 1]) in linked
        or folded(lines[end - 1]) == folded(title)
    ):
        end -= 1
    return lines[:end]


def _without_repeats(lines: list[str]) -> list[str]:
    """Drop a line that repeats the one before it, or a long one from anywhere above."""
    kept: list[str] = []
    seen: set[str] = set()
    for line in lines:
        plain = folded(line)
        if (kept and line == kept[-1] and " | " not in line) or plain in seen:
            continue
        if len(plain) >= _REPEATED and " | " not in line:
            seen.add(plain)
        kept.append(line)
    return kept
