"""What a run tells the ledger and asks it: at once, or in a note while somebody holds the database.

A held database never fails a run. What was known is then read in the published copy, pages wait in
the archive, and notes wait for the next run that has the turn to write.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from flows.securities import load_snapshot
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Listing, Outcome
from tasks.articles.rows import listing_of, listing_row, outcome_row
from warehouse import ledger
from warehouse.backlog import Note, catch_up, set_down
from warehouse.connection import Connection, reading, writing
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.home import Home
from warehouse.taxonomy import load_topics

ONCE_HELD = timedelta(seconds=1)  # a run waits its full time once, then only tries


@dataclass(slots=True, kw_only=True)
class Notebook:
    """The ledger as one run sees it. ``patience`` is how long it waits for other writers."""

    run_id: UUID
    flow: str
    sources: Sequence[str]
    home: Home
    patience: timedelta
    clock: Callable[[], datetime]
    started_at: datetime
    warnings: list[str] = field(default_factory=list)
    tries: dict[UUID, int] = field(default_factory=dict)  # earlier ones of what is due, by listing
    is_held: bool = False  # at the last try somebody held the database

    @property
    def wait(self) -> timedelta:
        """How long to wait for another writer now."""
        return min(self.patience, ONCE_HELD) if self.is_held else self.patience

    def found_held(self, busy: WarehouseBusy) -> None:
        """Take note that somebody holds the database; a person is told once."""
        if str(busy.holder) not in "".join(self.warnings):
            self.warnings.append(
                f"{busy} Until then pages wait in the archive: the next run loads them."
            )
        self.is_held = True

    def start(self, topics: Sequence[Mapping[str, object]]) -> dict[str, int]:
        """Begin the run, after what earlier ones left in notes; return earlier polls by source."""
        try:
            with writing(self.home, wait=self.wait) as connection:
                self.warnings += catch_up(connection, self.home, self.started_at)
                self._start(connection)
                load_topics(connection, list(topics))
                load_snapshot(connection)
                return self._visits(connection)
        except WarehouseBusy as busy:
            self.found_held(busy)
        try:
            with reading(self.home.news) as connection:
                return self._visits(connection)
        except WarehouseError:  # nothing published yet, or that is held too
            return dict.fromkeys(self.sources, 0)

    def take_down(self, listings: Sequence[Listing]) -> tuple[list[Listing], ledger.KnownListings]:
        """Record what was listed; return the earlier listings that are due, and what is known.

        A listing is in the ledger from here on: one that gets no outcome, because its run was
        killed, is due again later, whatever the source lists by then.
        """
        now = self.clock()
        try:
            with writing(self.home, wait=self.wait) as connection:
                due, known = self._look_up(connection, listings, now)
                rows = self._listing_rows(listings, known, now)
                ledger.record_listings(connection, rows, run_id=self.run_id, available_at=now)
                return due, known
        except WarehouseBusy as busy:
            self.found_held(busy)
        try:
            with reading(self.home.news) as connection:
                due, known = self._look_up(connection, listings, now)
        except WarehouseError:  # as above: then all is taken for new, and loading tells the rest
            due, known = [], ledger.KnownListings(frozenset(), frozenset())
        rows = self._listing_rows(listings, known, now)
        set_down(self.home, Note(run_id=self.run_id, noted_at=now, listings=rows))
        return due, known

    def keep(self, batch_id: UUID, outcomes: Sequence[Outcome]) -> None:
        """Note how listings ended that have no page in the archive to tell it again."""
        if not outcomes:
            return
        now = self.clock()
        listings = {outcome.listing.listing_id: outcome.listing for outcome in outcomes}
        note = Note(
            run_id=self.run_id,
            noted_at=now,
            batch_id=stable_uuid(str(batch_id), "without pages"),
            listings=[listing_row(listing, now) for listing in listings.values()],
            outcomes=[outcome_row(outcome) for outcome in outcomes],
        )
        set_down(self.home, note)

    def finish(self, polls: Sequence[Mapping[str, object]], error: str) -> None:
        """Record how the run went, or note it."""
        now = self.clock()
        try:
            with writing(self.home, wait=self.wait) as connection:
                self._start(connection)
                ledger.record_polls(connection, polls)
                ledger.finish_run(connection, run_id=self.run_id, finished_at=now, error=error)
        except WarehouseBusy as busy:
            self.found_held(busy)
            run = {
                "flow": self.flow,
                "sources": list(self.sources),
                "started_at": self.started_at,
                "finished_at": now,
                "error": error,
            }
            set_down(self.home, Note(run_id=self.run_id, noted_at=now, polls=polls, run=run))

    def _start(self, connection: Connection) -> None:
        ledger.start_run(
            connection,
            run_id=self.run_id,
            flow=self.flow,
            sources=self.sources,
            started_at=self.started_at,
        )

    def _visits(self, connection: Connection) -> dict[str, int]:
        return {name: ledger.count_polls(connection, name) for name in self.sources}

    def _look_up(
        self, connection: Connection, listings: Sequence[Listing], now: datetime
    ) -> tuple[list[Listing], ledger.KnownListings]:
        known = ledger.known_listings(connection, [x.listing_id for x in listings], now)
        due = ledger.due(connection, now, self.sources)
        self.tries = {row["listing_id"]: row["attempts"] for row in due}
        return [listing_of(row["listing"]) for row in due], known

    @staticmethod
    def _listing_rows(
        listings: Sequence[Listing], known: ledger.KnownListings, now: datetime
    ) -> list[dict[str, object]]:
        return [listing_row(x, now) for x in listings if x.listing_id not in known.decided]
