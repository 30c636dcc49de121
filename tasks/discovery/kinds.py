"""What every kind of list offers: which documents to ask for, and what each of them lists.

A kind is made for one reading of one declared list. It asks nobody and opens nothing: the answers
are handed to it (``tasks/discovery/reading.py``), so that it can be tried with bytes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from tasks.articles.records import Listing

# An index may come out of a cache, and a date in it names a day of any zone. Only what it says was
# changed this much earlier than an instant was surely changed before it.
LATE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Ask:
    """One document to ask for."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a token
    changed_at: datetime | None = None  # as its index says: older than our reading, it is skipped
    depth: int = 0  # documents between it and the declared list
    is_moment: bool = False  # made for this question, such as an API's page: nothing to remember
    day: date | None = None  # the one that it is for, as its address says


@dataclass(frozen=True, slots=True)
class Found:
    """What one document holds: listings, further documents, and what is wrong with it."""

    listings: Sequence[Listing] = ()
    further: Sequence[Ask] = ()
    problems: Sequence[str] = ()  # sentences; the listings stand nevertheless
    is_whole: bool = True  # false when it holds more than could be read
    whole_from: datetime | None = None  # it leaves nothing out since then; None: it does not say


class Kind(Protocol):
    """A declared list of one source, read for one span of time."""

    def first(self) -> Sequence[Ask]:
        """Return the documents to begin with."""
        ...

    def read(self, ask: Ask, body: bytes) -> Found:
        """Read the answer to ``ask``. Raises ValueError for what is no list of this kind."""
        ...
