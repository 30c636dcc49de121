"""Cleans an article's lines: boilerplate goes by rules kept as data, repeats go."""

import re
from collections.abc import Collection, Sequence

from tasks.extraction.characters import folded, is_eastern
from tasks.extraction.polite import without_polite
from tasks.extraction.reporting import has_figures, reports
from tasks.extraction.rules import is_boilerplate, without_asides
from tasks.extraction.telling import tells_later

_SENTENCE_END = re.compile(r"(?<=[.!?…»”\"])\s+(?=[\"“«¿¡(]?[A-ZÀ-Þ])|(?<=[。!?])")
_RULE = re.compile(r"[-–—_=*\s]{10,}")
_LABELLED = re.compile(r"[^|]{1,40}[:\uff1a] \| [^|]+$")
_LONG = 9_000  # characters of a paragraph that is not looked through for promotion
_TOP = 6  # lines among which title, byline and date may be repeated
_TITLE_LIKE = 180  # characters of a line, without a full stop, that can be another story's title
_REPEATED = 60  # letters of a line that does not occur twice by chance
_RUN = 40  # lines of a list or table that a page may print twice
_STORY = 200  # letters after which comments or a biography can follow
_STOPS = tuple(".!?…:;。」")
_QUOTES = tuple("\"'”’»")  # which close a paragraph, too
_PARAGRAPH = 120  # characters of a line that can only be a paragraph
_SIGNS = 40  # of them in Chinese, Japanese or Korean signs, which say more each
_BOTTOM = 16  # lines at the end among which signatures and notices stand
_HEADING = 60  # characters of a heading
_SEVERAL = 2


def clean_lines(
    lines: Sequence[str],
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
        for raw in _without_blocks(_without_rest(lines, authors), linked)
        if (line := _without_promotion(raw)) and not any(rule.search(raw) for rule in own)
    ]
    kept = _without_top(without_polite(kept), title, sections, authors, linked)
    kept = _without_end(_without_colophon(kept), title, authors, linked)
    return _without_repeats(_without_last_heading(kept, lines))


def _without_rest(lines: Sequence[str], authors: Sequence[str]) -> Sequence[str]:
    """Drop readers' comments, the author's biography and all that follows, below the story."""
    size = 0
    for position, line in enumerate(lines):
        if size >= _STORY and is_boilerplate(line, "rest", authors):
            return lines[:position]
        size += len(line)
    return lines


def _without_blocks(lines: Sequence[str], linked: Collection[str]) -> list[str]:
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

    Promotion is cut from its end first, since what is left may give figures or report. A
    paragraph that only begins like promotion stays, unless it is a notice.
    """
    if " | " in line and all(map(is_boilerplate, line.split(" | "))):
        return ""  # a row of buttons
    first = _SENTENCE_END.search(line)
    if first and is_boilerplate(line[: first.start()], "notice"):
        return ""
    left = _without_last_sentences(without_asides(line))
    if is_boilerplate(left) or is_boilerplate(left, "sentence"):
        is_told = not is_boilerplate(left, "notice") and tells_later(_SENTENCE_END.split(left))
        return left if is_told else ""
    if left != line and is_boilerplate(line) and not (reports(left) or has_figures(left)):
        return ""
    return left


def _without_last_sentences(line: str) -> str:
    """Drop sentences at a paragraph's end that advertise or credit a picture."""
    while (breaks := list(_SENTENCE_END.finditer(line))) and len(line) < _LONG:
        last = line[breaks[-1].end() :]
        if not _is_phrase(last):
            break
        if not (is_boilerplate(last, "sentence") or is_boilerplate(last, "line")):
            break
        line = line[: breaks[-1].start()]
    return line


def _is_phrase(sentence: str) -> bool:
    """Tell several words from one, which may be a button's but in a paragraph is the story's."""
    return " " in sentence.strip() or is_eastern(sentence)


def _without_top(
    lines: list[str],
    title: str,
    sections: Sequence[str],
    authors: Sequence[str],
    linked: Collection[str],
) -> list[str]:
    """Drop what stands above the story: menus, and what is kept elsewhere: title, byline, date."""
    lines = _below_title(lines, folded(title))
    start = next((n for n, line in enumerate(lines) if folded(line) not in linked), len(lines))
    lines = lines[start:]
    known = {folded(head) for head in (title, *sections)} - {""}
    names = [folded(name) for name in authors]
    kept: list[str] = []
    for line in lines[:_TOP]:
        if folded(line) in known or is_boilerplate(line, "top"):
            continue
        if not kept and _is_byline(line, names):
            continue
        kept.append(line)
    return kept + lines[_TOP:]


def _below_title(lines: list[str], title: str) -> list[str]:
    """Return the lines below the headline, unless a paragraph of the story stands above it."""
    for position, line in enumerate(lines):
        if title and folded(line) == title:
            return lines[position:]
        if _is_paragraph(line):
            break
    return lines


def _is_paragraph(line: str) -> bool:
    """Tell a line that is long and closed as paragraphs of a story are."""
    enough = _SIGNS if is_eastern(line) else _PARAGRAPH
    return len(line) >= enough and line.endswith((*_STOPS, *_QUOTES))


def _is_byline(line: str, names: Sequence[str]) -> bool:
    """Tell a line that is the authors' names and little else."""
    plain = folded(line)
    found = [name for name in names if name and name in plain]
    return bool(found) and len(plain) <= sum(map(len, found)) + 24 and not line.endswith(".")


def _without_end(
    lines: list[str], title: str, authors: Sequence[str], linked: Collection[str]
) -> list[str]:
    """Drop what signs and closes a page, below the last sentence of the story.

    Initials, names and headings may stand between; they stay.
    """
    kept = list(lines)
    last = len(kept)
    for position in reversed(range(max(0, len(lines) - _BOTTOM), len(lines))):
        line = lines[position]
        is_last = position + 1 == last
        if is_boilerplate(line, "end", authors) or (
            is_last and (folded(line) in linked or folded(line) == folded(title))
        ):
            del kept[position]
            last = position if is_last else last
        elif line.endswith((*_STOPS, *_QUOTES)) or " | " in line:
            break
    return kept


def _without_colophon(lines: list[str]) -> list[str]:
    """Drop the rows below a rule at the end that describe a notice: "Language: | German"."""
    rule = next((n for n in reversed(range(len(lines))) if _RULE.fullmatch(lines[n])), len(lines))
    return lines[:rule] if all(map(_LABELLED.match, lines[rule + 1 :])) else lines


def _without_last_heading(lines: list[str], raw: Sequence[str]) -> list[str]:
    """Drop a heading at the very end: what stood under it was promotion, and is gone.

    So was what a last line leads up to: "More videos about ships:".
    """
    if len(lines) >= _SEVERAL and len(lines[-1]) <= _PARAGRAPH and lines[-1].endswith(":"):
        return lines[:-1]
    if len(lines) < _SEVERAL or not raw or raw[-1] == lines[-1]:
        return lines
    last, above = lines[-1], lines[-2]
    is_heading = len(last) <= _HEADING and not last.endswith(_STOPS) and " | " not in last
    alone = _is_paragraph(above) and not any(char.isdigit() for char in last)
    return lines[:-1] if is_heading and alone else lines


def _without_repeats(lines: list[str]) -> list[str]:
    """Drop what repeats the lines before it, one or several, or a long line from anywhere above."""
    kept: list[str] = []
    seen: set[str] = set()
    for line in _without_doubled_runs(lines):
        plain = folded(line)
        if (kept and line == kept[-1] and " | " not in line) or plain in seen:
            continue
        if len(plain) >= _REPEATED and " | " not in line:
            seen.add(plain)
        kept.append(line)
    return kept


def _without_doubled_runs(lines: list[str]) -> list[str]:
    """Drop a list or a table that stands there twice, for two sizes of screen."""
    kept: list[str] = []
    position = 0
    while position < len(lines):
        size = next(
            (
                size
                for size in range(min(_RUN, len(lines) - position, len(kept)), 1, -1)
                if kept[-size:] == lines[position : position + size] and len(set(kept[-size:])) > 1
            ),
            0,
        )
        if not size:
            kept.append(lines[position])
        position += size or 1
    return kept
