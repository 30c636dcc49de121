"""Decides who follows whom: plain data in, plain data out.

Every version follows the older one that it is most like, the oldest of equals; who follows nobody
tells a story first. A story is what hangs together so. That depends only on which versions there
are, so stories come out the same in whatever order articles arrive: an older one that is found
later takes its place, and those that now follow it move with all that follow them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from warehouse.likeness import Fingerprint

Rank = tuple[datetime, UUID, datetime, UUID]  # Fingerprint.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A version's place in its story: what its row of ``article_stories`` says."""

    rank: Rank
    article_key: UUID
    version_id: UUID
    published_at: datetime | None
    first_seen_at: datetime
    story_id: UUID
    follows: UUID | None = None
    similarity: float = 1.0
    novelty: float = 1.0
    moves: int = 0
    is_first: bool = True
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two versions that tell one story."""

    younger: UUID
    elder: UUID
    similarity: float
    novelty: float  # of the younger


def first_line(fingerprint: Fingerprint) -> Line:
    """Return the line of a version that follows nobody; its story is named by its key and text."""
    named = fingerprint.article_key.bytes + fingerprint.signature
    return Line(
        rank=fingerprint.rank,
        article_key=fingerprint.article_key,
        version_id=fingerprint.version_id,
        published_at=fingerprint.published_at,
        first_seen_at=fingerprint.first_seen_at,
        story_id=UUID(bytes=hashlib.md5(named, usedforsecurity=False).digest()),
    )


def moving(
    new: Mapping[UUID, Line], known: Mapping[UUID, Line], links: Iterable[Link]
) -> set[UUID]:
    """Return the known versions that now follow another one: version_ids.

    ``known`` has the lines of the versions that the links name and of those that these follow.
    """
    lines = _followed({**known, **new}, links)
    return {version_id for version_id, line in known.items() if line != lines[version_id]}


def lines_to_add(
    new: Mapping[UUID, Line], known: Mapping[UUID, Line], links: Iterable[Link]
) -> list[Line]:
    """Return a line for each new version, and one more for each known version that moves.

    ``known`` has, for the versions that the links name, their lines, those of what they follow and
    of the first of their stories; and all lines of a story in which a version is ``moving``. Both
    are by version_id. What follows a version that was taken down stays in its story.
    """
    lines = _followed({**known, **new}, links)
    firsts = _firsts(lines)
    added = []
    for version_id, line in lines.items():
        first = firsts[version_id]
        before = known.get(version_id)
        if before and (before.story_id, before.follows) == (first.story_id, line.follows):
            continue
        added.append(
            replace(
                line,
                story_id=first.story_id,
                moves=before.moves + 1 if before else 0,
                is_first=line.article_key == first.article_key,
                delay_seconds=(line.rank[0] - first.rank[0]).total_seconds(),
            )
        )
    return added


def _followed(lines: dict[UUID, Line], links: Iterable[Link]) -> dict[UUID, Line]:
    """Let each follow the older one that it is most like."""
    for link in links:
        line = lines[link.younger]
        if line.follows is None or _is_better(link, line, lines):
            lines[link.younger] = replace(
                line, follows=link.elder, similarity=link.similarity, novelty=link.novelty
            )
    return lines


def _is_better(link: Link, line: Line, lines: Mapping[UUID, Line]) -> bool:
    """Say whether the elder of a link is to be followed rather than the one followed so far."""
    followed = lines.get(line.follows) if line.follows else None
    if link.similarity != line.similarity or followed is None:
        return link.similarity > line.similarity
    return lines[link.elder].rank < followed.rank


def _firsts(lines: Mapping[UUID, Line]) -> dict[UUID, Line]:
    """Return, for each version, the line of the first in its story: elders are looked at first.

    Of those in a story whose elder is not here, the first is the eldest.
    """
    firsts: dict[UUID, Line] = {}
    eldest: dict[UUID, Line] = {}  # by story_id
    for version_id, line in sorted(lines.items(), key=lambda item: item[1].rank):
        elder = firsts.get(line.follows) if line.follows else None
        firsts[version_id] = elder or eldest.setdefault(line.story_id, line)
    return firsts
