"""Decides which sightings of an article become versions: plain data in, plain data out.

A sighting is one look at an article: what it said, or that it was removed. Put in the order of
time, sightings fall into runs that say the same, and **every run has exactly one version**. That
one rule gives the rest: a copy that says the same as its neighbour is unchanged; A, B, A are three
versions; an older copy that arrives late takes its place in the past; and the versions come out
the same in whatever order the sightings arrive, however often.

A removal older than every copy of the article has no version: it says nothing of what we know.

A reprocessed version is no sighting: nobody looked again. It restates the version that a sighting
begins, under newer rules, and from then on stands for it: the sighting says what the restatement
says, and so does every sighting that said the same before. So a copy fetched later and read with
the new rules is unchanged, and a removal or an older copy takes its place as if the new rules had
always been there. Only newest versions are restated. Where that makes a run say the same as the
one before it, the two become one run, whose version is the last that it has.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

Cause = Literal["new", "revised", "removed", "reprocessed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look at an article: at ``fetched_at`` (UTC) it said ``content_hash``, None if removed.

    Where it was restated, ``content_hash`` is what it says by the rules of the restatement.
    """

    sighting_id: UUID  # the outcome_id: the page_id where there is a page
    listing_id: UUID
    page_id: UUID | None
    fetched_at: datetime
    content_hash: UUID | None
    is_version: bool = False  # already among the article's versions
    is_new: bool = False  # came with this batch
    restated: UUID | None = None  # the reprocessed version that stands for its own


@dataclass(frozen=True, slots=True)
class Addition:
    """A version to append, for the sighting that it begins with.

    ``copy_of`` is None where the batch brought the article; else the version whose row is copied:
    for a removal the one before it, for an older sighting one that said the same.
    """

    version_id: UUID
    sighting: Sighting
    cause: Cause
    revision: int
    copy_of: UUID | None


@dataclass(frozen=True, slots=True)
class Placement:
    """What a batch means for one article."""

    additions: tuple[Addition, ...]  # in the order of time
    superseded: tuple[UUID, ...]  # versions that are not the newest, and were not known not to be
    newest: UUID | None  # the newest version; None while there is none


def make_version_id(article_key: UUID, sighting_id: UUID) -> UUID:
    """Return the identity of the version that begins with this sighting (MD5 of both ids).

    A restatement has the version that it stands for in place of the sighting.
    """
    both = article_key.bytes + sighting_id.bytes
    return UUID(bytes=hashlib.md5(both, usedforsecurity=False).digest())


def place(article_key: UUID, sightings: Iterable[Sighting], revisions: int) -> Placement:
    """Return the versions to append, given all sightings, known and new, in any order.

    ``revisions`` is the number of versions that the article has already.
    """
    ordered = sorted(sightings, key=lambda sighting: (sighting.fetched_at, sighting.sighting_id))
    additions: list[Addition] = []
    versions: list[UUID] = []
    for run in _runs(ordered):
        begun_by = next((sighting for sighting in reversed(run) if sighting.is_version), None)
        if begun_by is None:
            begun_by = next((sighting for sighting in run if sighting.is_new), run[0])
            revision = revisions + len(additions) + 1
            origin = _origin(article_key, begun_by, ordered, versions)
            version_id = make_version_id(article_key, begun_by.sighting_id)
            additions.append(
                Addition(version_id, begun_by, _cause(begun_by, revision), revision, origin)
            )
        versions.append(_version_of(article_key, begun_by))
    return Placement(
        tuple(additions),
        tuple(_no_longer_newest(article_key, ordered, versions, additions)),
        versions[-1] if versions else None,
    )


def _version_of(article_key: UUID, sighting: Sighting) -> UUID:
    return sighting.restated or make_version_id(article_key, sighting.sighting_id)


def _runs(ordered: Sequence[Sighting]) -> list[list[Sighting]]:
    """Split sightings where what they say changes, and leave out a removal at the beginning."""
    runs = [list(run) for _, run in groupby(ordered, key=lambda sighting: sighting.content_hash)]
    return runs[1:] if runs and runs[0][0].content_hash is None else runs


def _cause(sighting: Sighting, revision: int) -> Cause:
    if sighting.content_hash is None:
        return "removed"
    return "new" if revision == 1 else "revised"


def _origin(
    article_key: UUID, begun_by: Sighting, ordered: Sequence[Sighting], before: Sequence[UUID]
) -> UUID | None:
    if begun_by.content_hash is None:
        return before[-1]
    if begun_by.is_new:
        return None
    # A run that was split in two kept its version in the other half.
    same = next(
        sighting
        for sighting in ordered
        if sighting.is_version and sighting.content_hash == begun_by.content_hash
    )
    return _version_of(article_key, same)


def _no_longer_newest(
    article_key: UUID,
    ordered: Sequence[Sighting],
    versions: Sequence[UUID],
    additions: Sequence[Addition],
) -> list[UUID]:
    """Return the added versions, and the one that was the newest, unless they are the newest."""
    candidates = [addition.version_id for addition in additions]
    known = [sighting for sighting in ordered if sighting.is_version]
    if known:
        candidates.append(_version_of(article_key, known[-1]))
    return [version_id for version_id in candidates if version_id != versions[-1]]
