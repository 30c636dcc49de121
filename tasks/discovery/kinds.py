"""What every kind of list offers: which documents to ask for, and what each of them lists.

A kind is made for one reading of one declared list. It asks nobody and opens nothing: the answers
are handed to it (``tasks/discovery/reading.py``), so that it can be tried with bytes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from tasks.articles.records import Listing

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ask:
    """One document to ask for."""

    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    changed_at: datetime | None = None  # as its index says: older than our reading, it is skipped
    depth: int = 0  # documents between it and the declared list
    is_moment: bool = False  # made for this question, such as an API's page: nothing to remember


@dataclass(frozen=True, slots=True)
class Found:
    """What one document holds: listings, further documents, and what is wrong with it."""

    listings: Sequence[Listing] = ()
    further: Sequence[Ask] = ()
    problems: Sequence[str] = ()  # sentences; the listings stand nevertheless
    is_whole: bool = True  # false when it holds more than could be read


class Kind(Protocol):
    """A declared list of one source, read for one span of time."""

    def first(self) -> Sequence[Ask]:
        """Return the documents to begin with."""
        ...

    def read(self, ask: Ask, body: bytes) -> Found:
        """Read the answer to ``ask``. Raises ValueError for what is no list of this kind."""
        ...
