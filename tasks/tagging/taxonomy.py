"""The topics that articles can have, from ``topics.csv``: slugs, names, publishers' categories."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "topics.csv"
# Categories that publishers put on almost anything: they support a topic, they never make one.
_VAGUE = frozenset(
    {"markets", "news", "tech", "commodities", "economics", "global", "equities", "media"}
    | {"government", "politics"}
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the taxonomy."""

    slug: str
    group: str  # company, markets, commodities, macro, policy or sector
    iptc_media_topic: str  # e.g. "medtop:20000178"
    channels: tuple[str, ...]  # Benzinga's categories, as printed
    names: Mapping[str, str]  # language -> name
    means: str  # what an article with this topic is about


@dataclass(frozen=True, slots=True)
class Channel:
    """A publisher's category, and the topics that it speaks for."""

    topics: tuple[str, ...]
    is_vague: bool  # shared by several topics, or put on almost anything


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All topics by slug, and the publishers' categories by their casefolded spelling."""

    topics: Mapping[str, Topic]
    channels: Mapping[str, Channel]

    def channel(self, printed: str) -> Channel | None:
        """Return what a publisher's category speaks for, or None when it says nothing to us."""
        return self.channels.get(_channel_key(printed))


@cache
def load_taxonomy(path: Path = DATA) -> Taxonomy:
    """Read the topics. Raises OSError or KeyError for an unusable file."""
    with path.open(encoding="utf-8", newline="") as lines:
        topics = {row["slug"]: _topic(row) for row in csv.DictReader(lines)}
    speaks_for: dict[str, list[str]] = {}
    for topic in topics.values():
        for printed in dict.fromkeys([topic.slug, *topic.channels, *topic.names.values()]):
            speaks_for.setdefault(_channel_key(printed), []).append(topic.slug)
    channels = {
        key: Channel(tuple(dict.fromkeys(slugs)), key in _VAGUE or len(set(slugs)) > 1)
        for key, slugs in speaks_for.items()
    }
    return Taxonomy(topics, channels)


def _topic(row: Mapping[str, str]) -> Topic:
    return Topic(
        slug=row["slug"],
        group=row["group"],
        iptc_media_topic=row["iptc_media_topic"],
        channels=tuple(filter(None, row["benzinga_channels"].split("|"))),
        names={key[5:]: value for key, value in row.items() if key.startswith("name_")},
        means=row["means"],
    )


def _channel_key(printed: str) -> str:
    return " ".join(printed.casefold().replace("-", " ").split())
