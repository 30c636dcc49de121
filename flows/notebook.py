"""What a run tells the ledger and asks it: at once, or in a note while somebody holds the database.

A held database never fails a run. What was known is then read in the published copy, pages wait in
the archive, and notes wait for the next run that has the turn to write.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from uuid import UUID

from flows.polling import State
from flows.securities import load_snapshot
from tasks.articles.identity import stable_uuid
from tasks.articles.records import Document, Listing, Outcome
from tasks.articles.rows import document_of, document_row, listing_of, listing_row, outcome_row
from tasks.revisit import Revisit
from warehouse import ledger
from warehouse.backlog import Note, catch_up, set_down
from warehouse.connection import Connection, reading, writing
from warehouse.errors import WarehouseBusy, WarehouseError
from warehouse.home import Home
from warehouse.polling import known_documents, put_source_states, source_states
from warehouse.revisits import due_revisits
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
    states: dict[str, State] = field(default_factory=dict)  # by source, as the run began
    documents: dict[str, dict[str, Document]] = field(default_factory=dict)  # by source and URL
    tries: dict[UUID, int] = field(default_factory=dict)  # earlier ones of what is due, by listing
    listed_at: dict[UUID, datetime] = field(default_factory=dict)  # of what ended runs left behind
    inherited: Collection[str] = ()  # sources of which this run takes up what ended ones left
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
                return self._recall(connection)
        except WarehouseBusy as busy:
            self.found_held(busy)
        try:
            with reading(self.home.news) as connection:
                return self._recall(connection)
        except WarehouseError:  # nothing published yet, or that is held too
            return dict.fromkeys(self.sources, 0)

    def take_down(
        self, listings: Sequence[Listing], documents: Sequence[Document], most: Mapping[str, int]
    ) -> tuple[list[Listing], ledger.KnownListings]:
        """Record what was listed; return the earlier listings that are due, and what is known.

        ``documents`` are those that listed them, ``most`` the sources and how many listings of each
        may be due at most. A listing is in the ledger from here on: one that gets no outcome,
        because its run was killed, is due in the next run, whatever the source lists by then.
        """
        now = self.clock()
        try:
            with writing(self.home, wait=self.wait) as connection:
                due, known = self._look_up(connection, listings, now, most)
                ledger.record_listings(
                    connection,
                    self._listing_rows(listings, known, now),
                    run_id=self.run_id,
                    available_at=now,
                    documents=[document_row(document) for document in documents],
                )
                return due, known
        except WarehouseBusy as busy:
            self.found_held(busy)
        try:
            with reading(self.home.news) as connection:
                due, known = self._look_up(connection, listings, now, most)
        except WarehouseError:  # as above: then all is taken for new, and loading tells the rest
            due, known = [], ledger.KnownListings(frozenset(), frozenset())
        note = Note(
            run_id=self.run_id,
            noted_at=now,
            listings=self._listing_rows(listings, known, now),
            documents=[document_row(document) for document in documents],
        )
        set_down(self.home, note)
        return due, known

    def articles_to_revisit(self, hours: Mapping[str, Sequence[float]], most: int) -> list[Revisit]:
        """Return articles to look at again, ``most`` of each source; none while it is held.

        ``hours`` says for each source how long after its first fetch that is to be.
        """
        if self.is_held:
            return []
        try:
            with writing(self.home, wait=self.wait) as connection:
                rows = due_revisits(connection, self.clock(), hours, most)
        except WarehouseBusy as busy:
            self.found_held(busy)
            return []
        self.tries |= {row["listing_id"]: row["attempts"] for row in rows}
        return [
            Revisit(
                listing=listing_of(row["listing"]),
                **{key: row[key] for key in ("article_key", "etag", "last_modified", "body_hash")},
            )
            for row in rows
        ]

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

    def finish(
        self,
        polls: Sequence[Mapping[str, object]],
        states: Sequence[Mapping[str, object]],
        error: str,
    ) -> None:
        """Record how the run went, and the new states of the sources that it asked, or note it."""
        now = self.clock()
        try:
            with writing(self.home, wait=self.wait) as connection:
                self._start(connection)
                ledger.record_polls(connection, polls)
                put_source_states(connection, states, now)
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
            note = Note(run_id=self.run_id, noted_at=now, polls=polls, states=states, run=run)
            set_down(self.home, note)

    def _start(self, connection: Connection) -> None:
        ledger.start_run(
            connection,
            run_id=self.run_id,
            flow=self.flow,
            sources=self.sources,
            started_at=self.started_at,
        )

    def _recall(self, connection: Connection) -> dict[str, int]:
        states = source_states(connection, self.sources)
        kept = [field.name for field in fields(State)]
        self.states = {name: State(**{k: row[k] for k in kept}) for name, row in states.items()}
        for row in known_documents(connection, self.sources):
            self.documents.setdefault(row["source"], {})[row["url"]] = document_of(row)
        return {name: ledger.count_polls(connection, name) for name in self.sources}

    def _look_up(
        self,
        connection: Connection,
        listings: Sequence[Listing],
        now: datetime,
        most: Mapping[str, int],
    ) -> tuple[list[Listing], ledger.KnownListings]:
        known = ledger.known_listings(connection, [x.listing_id for x in listings])
        due = ledger.due(connection, now, most, self.inherited)
        self.tries = {row["listing_id"]: row["attempts"] for row in due}
        # A deferred one keeps the time of its next try, or it would seem older than the last.
        left = [row for row in due if row["reason"] is None]
        self.listed_at = {row["listing_id"]: row["listed_at"] for row in left}
        return [listing_of(row["listing"]) for row in due], known

    @staticmethod
    def _listing_rows(
        listings: Sequence[Listing], known: ledger.KnownListings, now: datetime
    ) -> list[dict[str, object]]:
        return [listing_row(x, now) for x in listings if x.listing_id not in known.decided]
