"""Decides whether two versions tell one story: two fingerprints in, how alike they are out.

- **Copies** share four fifths of their shingles. They must not be about other securities or names,
  and at most one number in five may be another one: what is sent out every day, or for every
  company, in the same words is not one story. Below twenty shingles all numbers and securities
  must be the same, and there must be any.
- **Edited copies** share half. They must besides be about the same security, or have nearly all
  names in common where one has none, and the same numbers: who cuts or rewords a text keeps them.
- **Retold** texts, translations above all, share few shingles or none. They must be about the same
  security, come within two days, and share most of their numbers, those of the beginning too (the
  end often has a price and rankings that stand beneath every article of that day), and some of
  their names. In one language more is asked for than across two.
- **Versions of one article** share half of their shingles, and need nothing else.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from operator import eq, le, lt
from uuid import UUID
from zlib import crc32

WINDOW = timedelta(days=3)  # between two tellings of one story
_RETOLD_WITHIN = timedelta(days=2)
_COPY, _EDITED = 0.8, 0.5  # similarity
_FEW_SHINGLES = 20
_REPLACED_SHARE = 0.2  # of the numbers of a copy
_KEPT_SHARE, _FEWEST_KEPT = 0.8, 2  # of the numbers of an edited copy
_KEPT_NAMES = 0.8
_FEWEST_SAME = 5  # numbers, when they are all the same
_BAND = 16  # bytes of a signature: four numbers
_MOST_PAIRS = 16
_DISTINCTIVE, _TELLING = 3, 2  # digits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Retold:
    """What two texts in other words must share: at least so many numbers, and these parts."""

    fewest: int
    fewest_unlisted: int  # where a name said twice in both stands in for the security
    of_fewer: float  # of the article with fewer numbers
    of_more: float  # of the article with more
    names: float  # of the article with fewer names


_TRANSLATED = _Retold(fewest=4, fewest_unlisted=6, of_fewer=0.7, of_more=0.4, names=0.4)
_REWORDED = _Retold(fewest=5, fewest_unlisted=8, of_fewer=0.75, of_more=0.6, names=0.6)


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """A version's row of ``article_fingerprints``."""

    version_id: UUID
    article_key: UUID
    language: str
    signature: bytes
    shingle_count: int
    subjects: frozenset[str]
    firms: frozenset[str]
    numbers: tuple[str, ...]
    names: frozenset[str]
    main_names: frozenset[str]
    first_seen_at: datetime
    published_at: datetime | None

    @property
    def told_at(self) -> datetime:
        """When the story was told here, as far as is known."""
        return self.published_at or self.first_seen_at

    @property
    def rank(self) -> tuple[datetime, UUID, datetime, UUID]:
        """The order in which versions were told."""
        return self.told_at, self.article_key, self.first_seen_at, self.version_id

    @cached_property
    def least(self) -> tuple[int, ...]:
        """The numbers of the signature."""
        return struct.unpack(f"<{len(self.signature) // 4}I", self.signature)

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """Numbers that say something: two digits or more, and no years."""
        return tuple(n for n in self.numbers if len(n) >= _TELLING and n[0] != "y")


def bands(fingerprint: Fingerprint) -> list[int]:
    """Return hashes of which two versions that may tell one story share at least one.

    32 of four places of the signature each: of pairs with half of their shingles in common 87 %
    meet, with four fifths all. And up to 16 of neighbouring numbers, which a translation keeps.
    """
    signature, telling = fingerprint.signature, fingerprint.telling
    parts = [
        bytes([place // _BAND]) + signature[place : place + _BAND]
        for place in range(0, len(signature), _BAND)
    ]
    pairs = [
        f"{one} {other}".encode()
        for one, other in pairwise(telling)
        if max(len(one), len(other)) >= _DISTINCTIVE
    ]
    return [crc32(part) for part in dict.fromkeys((*parts, *pairs[:_MOST_PAIRS]))]


def likeness(one: Fingerprint, other: Fingerprint) -> float | None:
    """Return how much is the same, 0 to 1, or None for two stories; the order does not matter.

    That is the share of shingles, or of numbers for a translation.
    """
    similar = similarity(one, other)
    if one.article_key == other.article_key:
        return similar if similar >= _EDITED else None
    apart = abs(one.told_at - other.told_at)
    if apart > WINDOW or _about_others(one, other):
        return None
    if similar >= _EDITED and _is_copy(similar, one, other):
        return similar
    if apart <= _RETOLD_WITHIN and _is_retold(one, other):
        return _share(set(one.telling), set(other.telling))
    return None


def similarity(one: Fingerprint, other: Fingerprint) -> float:
    """Return the estimated Jaccard similarity of two texts, 0 to 1; 0 for one without words."""
    if not one.least or not other.least:
        return 0.0
    same: int = sum(map(eq, one.least, other.least))
    return same / len(one.least)


def novelty(younger: Fingerprint, elder: Fingerprint) -> float:
    """Return the share of a text that the elder does not have, 0 to 1; of numbers, translated.

    Where the younger has the least shingle of both, that shingle is one drawn from its own; it is
    new when the elder does not have it.
    """
    if similarity(younger, elder) < _EDITED and younger.language != elder.language:
        return 1 - len({*younger.telling} & {*elder.telling}) / max(len(younger.telling), 1)
    own = sum(map(le, younger.least, elder.least))
    return sum(map(lt, younger.least, elder.least)) / own if own else 0.0


def _is_copy(similar: float, one: Fingerprint, other: Fingerprint) -> bool:
    fewer = min(len(one.numbers), len(other.numbers))
    kept = len({*one.numbers} & {*other.numbers})
    if similar >= _COPY:
        if min(one.shingle_count, other.shingle_count) >= _FEW_SHINGLES:
            return fewer - kept <= max(1, _REPLACED_SHARE * fewer)
        same = kept == len(one.numbers) == len(other.numbers) and one.subjects == other.subjects
        return same and bool(one.subjects or kept)
    if not one.subjects or not other.subjects:
        names = _share_of_fewer(one.names, other.names)
        return kept == fewer >= _FEWEST_KEPT and names >= _KEPT_NAMES
    return kept >= max(_FEWEST_KEPT, _KEPT_SHARE * fewer)


def _about_others(one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether each is about something that the other does not even name."""
    if one.subjects and other.subjects and not one.subjects & other.subjects:
        return True
    if one.firms and other.firms and not one.firms & other.firms:
        return True
    if one.language != other.language:
        return False
    return bool(one.main_names - other.names and other.main_names - one.names)


def _is_retold(one: Fingerprint, other: Fingerprint) -> bool:
    is_translated = bool(one.language and other.language) and one.language != other.language
    asked = _TRANSLATED if is_translated else _REWORDED
    if one.subjects and other.subjects:
        fewest = asked.fewest
    elif one.main_names & other.main_names:
        fewest = asked.fewest_unlisted
    else:
        return False
    if _share_of_fewer(one.names, other.names) < asked.names:
        return False
    if is_translated and {*one.numbers} == {*other.numbers}:
        return len(one.numbers) >= _FEWEST_SAME
    few, many = sorted((one.telling, other.telling), key=len)
    shared = {*few} & {*many}
    beginning = few[: (len(few) + 1) // 2]
    return (
        len(shared) >= fewest
        and len(shared) >= asked.of_fewer * len(few)
        and len(shared) >= asked.of_more * len(many)
        and len(shared & {*beginning}) >= asked.of_fewer * len(beginning)
    )


def _share(one: Collection[str], other: Collection[str]) -> float:
    return len({*one} & {*other}) / len({*one} | {*other})


def _share_of_fewer(one: Collection[str], other: Collection[str]) -> float:
    """Return the share in common of the smaller one; 1 where one has none to compare."""
    fewer = min(len(one), len(other))
    return len({*one} & {*other}) / fewer if fewer else 1.0
