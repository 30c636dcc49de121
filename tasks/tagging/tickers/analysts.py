"""Which companies are named only because they rate others: "Micron Upgraded By Goldman Sachs".

The words that tell are the files under ``analysts/``, one a language.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from tasks.articles.records import Mention
from tasks.tagging.folding import fold
from tasks.tagging.phrasebook import spellings
from tasks.tagging.tickers.companies import Run
from tasks.tagging.tickers.evidence import Reading

FOLDER = Path(__file__).parent / "analysts"
_REACH = 80  # characters beside a name that are read
_SKIPPED = 4  # the words at which what a firm did may begin: "on Tuesday raised its target"
_MOST_READ = 20  # mentions of one company
_KINDS = (*("cited_before", "cited_after", "cited_firm", "subject_before", "subject_after"),)
_SENTENCE_ENDS = re.compile(r"[.!?。！？]\s|[\n。|]")
_LONGEST_SENTENCE = 300  # characters of it that are read on either side of a name


@dataclass(frozen=True, slots=True)
class AnalystBook:
    """Folded phrases, blanks at both ends, of all languages."""

    firms: frozenset[str]  # symbols
    raters: frozenset[str]  # those of rating agencies
    cited_before: tuple[str, ...]
    cited_after: tuple[str, ...]
    cited_firm: tuple[str, ...]
    subject_before: tuple[str, ...]
    subject_after: tuple[str, ...]
    speaks_of: AhoCorasick  # anywhere in the sentence
    characters: tuple[str, ...]  # the same in scripts without blanks, as printed


@cache
def load_analysts(folder: Path = FOLDER) -> AnalystBook:
    """Read the phrases. Raises OSError, TOMLDecodeError or KeyError for an unusable file."""
    files = [tomllib.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.toml"))]
    firms, raters = (
        frozenset(symbol for file in files for symbol in file.get(kind, "").split())
        for kind in ("firms", "raters")
    )
    characters = tuple(word for file in files for word in file["characters"].split())
    phrases = {kind: _phrases(files, kind) for kind in _KINDS}
    speaks_of = AhoCorasick(_phrases(files, "speaks_of"))
    return AnalystBook(firms, raters, **phrases, speaks_of=speaks_of, characters=characters)


def _phrases(files: Sequence[Mapping[str, str]], kind: str) -> tuple[str, ...]:
    lines = (line for file in files for line in file[kind].split(",") if line.strip())
    return tuple(dict.fromkeys(text for line in lines for text in spellings(line)))


def is_cited(reading: Reading, mentions: Sequence[Mention], symbol: str, book: AnalystBook) -> bool:
    """Tell whether a company is cited for its rating, and nowhere the subject itself."""
    if symbol not in book.firms:
        return False
    is_named = all(mention.evidence in {"name", "brand"} for mention in mentions)
    cited = symbol in book.raters and is_named
    for mention in [m for m in mentions if m.field in {"title", "text"}][:_MOST_READ]:
        before, after = _context(reading, mention)
        if before.endswith(book.subject_before) or after.startswith(book.subject_after):
            return False
        cited = cited or _cites(before, after, book) or _rates(reading, mention, book)
    return cited


def _cites(before: str, after: str, book: AnalystBook) -> bool:
    if before.endswith(book.cited_before) or after.startswith(book.cited_firm):
        return True
    words = after.partition(" . ")[0].split()
    return any(
        f" {' '.join(words[skip:])} ".startswith(book.cited_after) for skip in range(_SKIPPED)
    )


def _rates(reading: Reading, mention: Mention, book: AnalystBook) -> bool:
    """Tell whether the sentence around a mention speaks of ratings and price targets."""
    body = reading.article.title if mention.field == "title" else reading.article.text
    before = body[max(0, mention.start - _LONGEST_SENTENCE) : mention.start]
    after = body[mention.end : mention.end + _LONGEST_SENTENCE]
    starts = [end.end() for end in _SENTENCE_ENDS.finditer(before)]
    stop = _SENTENCE_ENDS.search(after)
    sentence = before[starts[-1] if starts else 0 :] + " " + after[: stop.start() if stop else None]
    if any(word in sentence for word in book.characters):
        return True
    return bool(book.speaks_of.find_matches_as_indexes(fold(sentence)))


def _context(reading: Reading, mention: Mention) -> tuple[str, str]:
    """Return what stands before and after a mention and its brackets, folded."""
    in_title = mention.field == "title"
    body = reading.article.title if in_title else reading.article.text
    runs = reading.title_runs if in_title else reading.text_runs
    start, end = _around(runs, mention)
    before = body[max(0, start - _REACH) : start]
    return fold(before), fold(body[end : end + _REACH])


def _around(runs: Sequence[Run], mention: Mention) -> tuple[int, int]:
    for run in runs:
        if run.start <= mention.start and mention.end <= run.end:
            return run.start, run.end
    return mention.start, mention.end
