"""What each company is to an article: its subject, a mention, a rater, a source; and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.articles.records import Mention, Role
from tasks.tagging.tickers.analysts import cited_firms, load_analysts
from tasks.tagging.tickers.evidence import Reading
from tasks.tagging.tickers.publishers import is_source, load_publishers
from tasks.tagging.tickers.relevance import Key, primaries

_MOST_JUDGED = 40  # companies of which is asked whether they are cited for a rating, or a source


@dataclass(frozen=True, slots=True)
class Judged:
    """A role, and why, in a few words for a person."""

    role: Role
    because: str


def roles_of(
    reading: Reading,
    mentions: Mapping[Key, Sequence[Mention]],
    relevance: Mapping[Key, float],
    published: frozenset[Key],
) -> dict[Key, Judged]:
    """Return each company's role; only ``published`` ones can be what the article is about."""
    judged = _aside(reading, mentions)
    main = [key for key in relevance if key in published and key not in judged]
    subjects = primaries(
        reading.article, {key: relevance[key] for key in main}, {key: mentions[key] for key in main}
    )
    for key, places in mentions.items():
        if key in subjects:
            judged[key] = Judged("primary", f"the most relevant: {_where(places)}")
        elif key not in judged:
            why = _where(places) if key in published else "too little speaks for it"
            judged[key] = Judged("mention", why)
    return judged


def _aside(reading: Reading, mentions: Mapping[Key, Sequence[Mention]]) -> dict[Key, Judged]:
    """Return the companies that are cited for a rating or named as a source, of the first 40."""
    first = dict(list(mentions.items())[:_MOST_JUDGED])
    cited, publishers = cited_firms(reading, first, load_analysts()), load_publishers()
    judged: dict[Key, Judged] = {}
    for key, places in first.items():
        if key in cited:
            judged[key] = Judged("analyst_firm", "cited for its rating or comment")
        elif is_source(reading, places, key[0], publishers):
            judged[key] = Judged("publisher", "named as a source or in a credit only")
    return judged


def _where(places: Sequence[Mention]) -> str:
    """Say where a company is named: ``in the title, 5 times in the text``."""
    fields = [place.field for place in places]
    parts = ["in the title"] if "title" in fields else []
    count = len({place.start for place in places if place.field == "text"})
    if count:
        parts.append("once in the text" if count == 1 else f"{count} times in the text")
    return ", ".join(parts) or "declared by the publisher"
