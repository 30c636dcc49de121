"""What is different when an article is read again: what it was against what it is now.

A difference quotes no words of the article: it is kept in a file that no takedown searches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

Part = Literal["text", "tickers", "topics", "facts"]
Change = Literal["gained", "lost", "changed"]
Row = tuple[Any, ...]
TABLES: Mapping[Part, tuple[str, ...]] = {
    "text": (),
    "tickers": ("article_tickers", "ticker_mentions"),
    "topics": ("article_topics",),
    "facts": ("article_facts",),
}
PARTS = tuple(TABLES)
# The fields of an article that its page says; the rest says where it came from.
TEXT_FIELDS = (
    *("title", "text", "authors", "url", "language", "text_from"),
    *("published_at", "published_at_from", "published_at_precision", "published_at_doubts"),
    *("source_updated_at", "publisher_tickers", "publisher_topics"),
)
# Another list of topics is no other tag, nor is another fact a reason to call this one changed.
_NOT_COMPARED = ("taxonomy_version", "fact_number")
_IN_WORDS = ("title", "text", "authors", "url", "publisher_tickers", "publisher_topics")
_NAMED_BY = {
    "article_tickers": ("exchange", "symbol"),
    "ticker_mentions": ("exchange", "symbol"),
    "article_topics": ("topic",),
    "article_facts": ("kind", "exchange", "symbol", "name"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that an article gained, lost or has otherwise."""

    article_key: UUID
    version_id: UUID  # of the version that it is compared with
    source: str
    language: str
    part: Part
    change: Change
    subject: str  # field of the text, EXCHANGE:SYMBOL, topic, or kind and name of a fact
    rule: str  # the strongest evidence, of what is there now, or was; or where the text is from
    before: str = ""  # instants, codes and lengths in characters; never words
    after: str = ""


def text_differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Give the fields that read otherwise now."""
    for name in TEXT_FIELDS:
        if (before[name] or None) != (after[name] or None):  # a column may be newer than its row
            source = "published_at_from" if name.startswith("published_at") else "text_from"
            yield {
                "part": "text",
                "change": "changed",
                "subject": name,
                "rule": after[source],
                "before": _told(name, before[name]),
                "after": _told(name, after[name]),
            }


def tag_differences(
    part: Part,
    columns: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[Row]],
    after: Mapping[str, Sequence[Row]],
) -> Iterator[dict[str, Any]]:
    """Give the tags that came, went, or have other evidence or figures now."""
    if all(set(before[table]) == set(after[table]) for table in TABLES[part]):
        return
    had, has = (_by_subject(part, columns, rows) for rows in (before, after))
    for subject in sorted(had.keys() | has.keys()):
        old, new = had.get(subject, {}), has.get(subject, {})
        if old.keys() != new.keys():
            change = "changed" if old and new else "gained" if new else "lost"
            rule = next(iter((new or old).values()))
            yield {"part": part, "change": change, "subject": subject, "rule": rule}


def _by_subject(
    part: Part, columns: Mapping[str, Sequence[str]], tags: Mapping[str, Sequence[Row]]
) -> dict[str, dict[tuple[str, Row], str]]:
    """Return the rows of each subject, each with its rule; the tag itself goes before its places.

    Rows of one security are several: the tag, and each of its mentions. They are compared without
    the columns that say nothing of the tag.
    """
    found: dict[str, dict[tuple[str, Row], str]] = {}
    for table in TABLES[part]:
        named = [columns[table].index(name) for name in _NAMED_BY[table]]
        evidence = columns[table].index("evidence")
        kept = [n for n, name in enumerate(columns[table]) if name not in _NOT_COMPARED]
        for row in tags[table]:
            subject = ":".join(str(row[place]) for place in named if row[place])
            rule = row[evidence]
            found.setdefault(subject, {})[table, tuple(row[place] for place in kept)] = (
                rule if isinstance(rule, str) else next(iter(rule), "")
            )
    return found


def _told(name: str, value: object) -> str:
    if name not in _IN_WORDS:
        return "" if value is None else str(value)
    if isinstance(value, str):
        return f"{len(value):,} characters"
    return f"{len(value):,}" if isinstance(value, (list, tuple)) else ""
