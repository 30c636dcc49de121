"""Notes for the ledger: kept while the database is held, recorded once, whatever happens."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.warehouse_rows import START, Look, listing_row, outcome_row, poll_row, uid
from warehouse.backlog import Note, catch_up, set_down
from warehouse.connection import writing
from warehouse.errors import ArchiveError
from warehouse.home import Home

NOW = datetime(2026, 4, 1, tzinfo=UTC)
RUN_ID = uid("held run")
LISTED, FAILED = Look("listed", "L", 1), Look("failed", "F", 2)


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give a warehouse with the three kinds of notes of one run."""
    home = Home(tmp_path / "warehouse")
    set_down(home, Note(run_id=RUN_ID, noted_at=START, listings=[listing_row(LISTED)]))
    outcome = outcome_row(FAILED.listing_id, "rejected", FAILED.at)
    set_down(
        home,
        Note(
            run_id=RUN_ID,
            noted_at=START,
            batch_id=uid("batch"),
            listings=[listing_row(FAILED)],
            outcomes=[outcome],
        ),
    )
    ended = {"flow": "ingest", "sources": ["sample"], "finished_at": NOW, "error": ""}
    set_down(
        home,
        Note(
            run_id=RUN_ID,
            noted_at=NOW,
            polls=[poll_row(RUN_ID, "sample", START)],
            run={**ended, "started_at": START},
        ),
    )
    return home


def counts(home: Home) -> list[tuple[int, ...]]:
    """Count what the ledger has learned."""
    tables = ("listings", "outcomes", "batches", "runs", "polls")
    sql = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    with writing(home) as connection:
        return connection.execute(f"SELECT {sql}").fetchall()


def test_notes_are_recorded_once(warehouse: Home) -> None:
    """Also when the one who records them is killed before they are removed."""
    notes = {path: path.read_bytes() for path in warehouse.unrecorded.iterdir()}
    assert len(notes) == 3
    for _ in range(2):
        for path, text in notes.items():
            path.write_bytes(text)
        with writing(warehouse) as connection:
            assert catch_up(connection, warehouse, NOW) == []
        assert counts(warehouse) == [(2, 1, 1, 1, 1)]
        assert list(warehouse.unrecorded.iterdir()) == []
    with writing(warehouse) as connection:
        log = connection.execute("SELECT state, started_at, finished_at FROM run_log").fetchall()
        assert log == [("finished", START, NOW)]


def test_a_note_that_is_none_costs_itself_alone(warehouse: Home) -> None:
    """It is named, and kept under another name."""
    (warehouse.unrecorded / "0.json").write_text('{"half": ')
    (warehouse.unrecorded / "1.json").write_text('{"other": 1}')
    with writing(warehouse) as connection:
        problems = catch_up(connection, warehouse, NOW)
    assert [problem.split()[0][-9:] for problem in problems] == ["0.damaged", "1.damaged"]
    assert counts(warehouse) == [(2, 1, 1, 1, 1)]


def test_a_note_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    home = Home(tmp_path)
    home.unrecorded.write_text("in the way")
    with pytest.raises(ArchiveError, match="could not be written"):
        set_down(home, Note(run_id=RUN_ID, noted_at=NOW))
