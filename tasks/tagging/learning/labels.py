"""A user's labels: a CSV file that says which topics articles have.

The first line names the columns, in any order; others are ignored:

- ``article`` (or ``article_key``, or ``url``): an article's key or its address;
- ``topic``: a slug of the taxonomy;
- ``label``, which may be left out: 1 (it has the topic) or 0 (it has not).

Without ``label`` the rows of an article are the whole of its topics: it has none of the other
topics that the file names, and a row with an empty topic says that it has none at all. With
``label`` only what is written counts. The separator is a comma, a semicolon or a tab; the text is
UTF-8.
"""

import csv
import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.articles.errors import KnowledgeError

_ARTICLE = ("article", "article_key", "url")
_SAID = {"1": True, "0": False}
_SEPARATORS = ",;\t"
_SHOWN = 10  # mistakes that are told at once
_LONGEST = 60  # characters of a value in a message


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says: by article as the file writes it, topic -> whether it has it."""

    said: Mapping[str, Mapping[str, bool]]
    topics: tuple[str, ...]  # that the file names, sorted


def read_labels(path: Path, known: Collection[str]) -> Labels:
    """Read a file of labels; ``known`` are the slugs of the taxonomy.

    Raises KnowledgeError, with the lines of up to ten mistakes, for a file that cannot be used.
    """
    said: dict[str, dict[str, bool]] = {}
    mistakes: list[str] = []
    is_whole = True
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _Rows(path, file.readline(1_000_000), file)
            is_whole = rows.label is None
            for line, article, topic, label in rows:
                mistake = _note(said, article, topic, label, known)
                mistakes += [f"line {line}: {mistake}"] if mistake else []
    except (UnicodeError, csv.Error) as error:
        raise KnowledgeError(f"{path} is not CSV in UTF-8: {error}.") from error
    if mistakes:
        more = len(mistakes) - _SHOWN
        told = [*mistakes[:_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
        raise KnowledgeError(f"{path} has labels that cannot be used:\n  " + "\n  ".join(told))
    topics = tuple(sorted({topic for each in said.values() for topic in each}))
    if not topics:
        raise KnowledgeError(f"{path} names no topic: there is nothing to learn from it.")
    if is_whole:
        said = {place: dict.fromkeys(topics, False) | each for place, each in said.items()}
    return Labels(said, topics)


class _Rows:
    """The rows of a file: (line, article, topic, label), where "" is a label that is not there."""

    def __init__(self, path: Path, head: str, rest: Iterator[str]) -> None:
        separator = max(_SEPARATORS, key=head.count)
        names = [name.strip().lower() for name in next(csv.reader([head], delimiter=separator), [])]
        articles = [name for name in _ARTICLE if name in names]
        if not articles or "topic" not in names:
            raise KnowledgeError(
                f"{path}: the first line must name the columns article (or article_key, or url)"
                f" and topic, and may name label; it is {_short(head)!r}."
            )
        self.label = names.index("label") if "label" in names else None
        self._article, self._topic = names.index(articles[0]), names.index("topic")
        self._reader = csv.reader(rest, delimiter=separator)

    def __iter__(self) -> Iterator[tuple[int, str, str, str]]:
        for row in self._reader:
            if any(map(str.strip, row)):
                cells = [
                    row[place].strip() if place is not None and place < len(row) else ""
                    for place in (self._article, self._topic, self.label)
                ]
                label = cells[2] if self.label is not None else "1"
                yield self._reader.line_num + 1, cells[0], cells[1].lower(), label


def _note(
    said: dict[str, dict[str, bool]],
    article: str,
    topic: str,
    label: str,
    known: Collection[str],
) -> str:
    """Note a row and return "", or return what is wrong with it."""
    if not article:
        return "no article."
    if label not in _SAID:
        return f"the label is {_short(label)!r}; it must be 1 or 0."
    if not topic:
        said.setdefault(article, {})
        return ""
    if topic not in known:
        near = difflib.get_close_matches(topic, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "tasks/tagging/topics.csv lists them."
        return f"{_short(topic)!r} is not a topic; {hint}"
    if said.setdefault(article, {}).setdefault(topic, _SAID[label]) != _SAID[label]:
        return f"{_short(article)} has {topic} here and not elsewhere, or the reverse."
    return ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
