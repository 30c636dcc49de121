"""The topics that articles can have, from ``topics.csv``, and what publishers call them.

``categories.csv`` maps categories as publishers print them (RSS categories, JSON-LD sections and
keywords, Benzinga's channels and tags, subjects of the press release wires) to topics; the slugs
and names of ``topics.csv`` are categories too. Capitals, accents and hyphens do not count.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from tasks.articles.errors import KnowledgeError
from tasks.tagging.folding import fold

DATA = Path(__file__).parent / "topics.csv"
CATEGORIES = Path(__file__).parent / "categories.csv"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the taxonomy."""

    slug: str
    group: str  # company, markets, commodities, macro, policy or sector
    iptc_media_topic: str  # e.g. "medtop:20000178"
    names: Mapping[str, str]  # language -> name
    means: str  # what an article with this topic is about


@dataclass(frozen=True, slots=True)
class Channel:
    """A publisher's category, and the topics that it speaks for."""

    topics: tuple[str, ...]
    is_vague: bool  # put on almost anything: it supports a topic, and never makes one


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All topics by slug, and the publishers' categories by their casefolded spelling."""

    topics: Mapping[str, Topic]
    channels: Mapping[str, Channel]
    version: str  # start of the SHA-256 of the list of topics, in hex

    def channel(self, printed: str) -> Channel | None:
        """Return what a publisher's category speaks for, or None when it says nothing to us."""
        return self.channels.get(channel_key(printed))


@cache
def load_taxonomy(path: Path = DATA, categories: Path = CATEGORIES) -> Taxonomy:
    """Read the topics and categories. Raises KnowledgeError for a category of an unknown topic."""
    listed = path.read_bytes()
    topics = {row["slug"]: _topic(row) for row in csv.DictReader(listed.decode().splitlines())}
    channels = {
        channel_key(printed): Channel((topic.slug,), is_vague=False)
        for topic in topics.values()
        for printed in (topic.slug, *topic.names.values())
    }
    with categories.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            speaks_for = tuple(row["topics"].split("|"))
            if unknown := set(speaks_for) - set(topics):
                raise KnowledgeError(
                    f"{categories}: {row['category']!r} speaks for {', '.join(sorted(unknown))}, "
                    f"which {path.name} does not have."
                )
            channels[channel_key(row["category"])] = Channel(speaks_for, row["is_vague"] == "yes")
    return Taxonomy(topics, channels, hashlib.sha256(listed).hexdigest()[:8])


def _topic(row: Mapping[str, str]) -> Topic:
    return Topic(
        slug=row["slug"],
        group=row["group"],
        iptc_media_topic=row["iptc_media_topic"],
        names={key[5:]: value for key, value in row.items() if key.startswith("name_")},
        means=row["means"],
    )


@lru_cache(maxsize=4_096)
def channel_key(printed: str) -> str:
    """Return a category as it is looked up."""
    return fold(printed).strip()
