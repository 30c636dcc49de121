"""The books of one run: every listing has exactly one outcome, and the run proves it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID

from tasks.articles.errors import NewsLedgerError
from tasks.articles.records import Listing, Outcome, OutcomeName

OUTCOMES: tuple[OutcomeName, ...] = get_args(OutcomeName)


class AccountingError(NewsLedgerError):
    """A listing has no outcome, or more than one: a fault of ours, never of the input."""


@dataclass(slots=True, kw_only=True)
class Poll:
    """How one source fared in this run."""

    source: str
    is_asked: bool = False  # was due, or named; else only what earlier runs left is worked on
    new_listings: int = 0  # in its lists for the first time
    read_until: datetime | None = None  # all that it dates before this was listed, if that is known
    retry_after: timedelta = timedelta()  # how long its server wants to be left alone
    resumed: int = 0  # taken up from earlier runs: archived pages, listings due again
    revisited: int = 0  # articles looked at again: their listings are among the listed
    problems: list[str] = field(default_factory=list)  # lists that could not be read
    is_dead: bool = False  # none of its lists could be read
    counts: Counter[str] = field(default_factory=Counter)  # by outcome
    reasons: dict[str, Counter[str]] = field(default_factory=dict)  # by outcome, where it has one

    @property
    def listed(self) -> int:
        """How many listings there were; ``Accounts.check`` proves that it is the true number."""
        return sum(self.counts.values())


class Accounts:
    """Takes down what was listed and how it ended, by source."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.polls = {name: Poll(source=name) for name in sources}
        self._open: dict[UUID, str] = {}
        self._closed: set[UUID] = set()

    def poll(self, source: str) -> Poll:
        """Return the source's poll; one that only pages of an earlier run bring in is added."""
        return self.polls.setdefault(source, Poll(source=source))

    def open(self, listings: Iterable[Listing]) -> list[Listing]:
        """Take listings down and return those that were not down already."""
        fresh = {
            listing.listing_id: listing
            for listing in listings
            if listing.listing_id not in self._open and listing.listing_id not in self._closed
        }
        self._open.update((key, listing.source) for key, listing in fresh.items())
        return list(fresh.values())

    def has_closed(self, listing: Listing) -> bool:
        """Say whether the listing has its outcome in this run."""
        return listing.listing_id in self._closed

    def close(self, outcomes: Iterable[Outcome]) -> None:
        """Take outcomes down. Raises AccountingError for a listing that is not open."""
        for outcome in outcomes:
            key = outcome.listing.listing_id
            if key not in self._open:
                twice = "has two outcomes" if key in self._closed else "was never listed"
                raise AccountingError(f"{outcome.listing.place} {twice} in this run.")
            poll = self.poll(self._open.pop(key))
            self._closed.add(key)
            poll.counts[outcome.outcome] += 1
            if outcome.reason:
                reasons = poll.reasons.setdefault(outcome.outcome, Counter())
                reasons[outcome.reason] += 1

    def check(self) -> None:
        """Raise AccountingError unless every listing has its outcome."""
        if self._open:
            by_source = Counter(self._open.values())
            missing = ", ".join(f"{name} {count}" for name, count in by_source.items())
            raise AccountingError(f"Listings without an outcome: {missing}.")

    def begin_anew(self) -> None:
        """Check the books and forget single listings: only the sums are kept, however many come."""
        self.check()
        self._closed.clear()
