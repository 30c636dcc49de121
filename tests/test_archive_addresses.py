"""An archive in an object store: the same batches, and erased pages are gone there, too."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow.parquet as pq
import pytest
from upath import UPath

from tests.warehouse_rows import Look, batch_of, page_row, uid
from warehouse.append import append
from warehouse.archive import (
    pending,
    place_archive,
    read_batch,
    set_aside,
    settle,
    write_batch,
)
from warehouse.burial import Request
from warehouse.compaction import Compacted, compact
from warehouse.connection import writing
from warehouse.errors import ArchiveError
from warehouse.home import Home
from warehouse.inheriting import begin
from warehouse.snapshot import publish
from warehouse.takedown import take_down

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LOOKS = [Look(name, f"Says {name}", minute) for minute, name in enumerate("abcdef")]


@pytest.fixture
def address() -> Iterator[str]:
    """Give the address of an empty folder in a store that knows whole objects only."""
    folder = UPath(f"memory://news-{uuid4()}/archive")
    yield str(folder)
    if folder.exists():
        folder.fs.rm(folder.path, recursive=True)


@pytest.fixture
def warehouse(tmp_path: Path, address: str) -> Home:
    """Give a home whose archive lies there."""
    home = Home(tmp_path / "home")
    place_archive(home, address)
    return home


def load(home: Home, *looks: Look) -> UUID:
    """Archive, load and settle looks, as the pipeline does."""
    listed = '{{"url": "http://newsroom.example/{}"}}'
    pages = [page_row(look, listing=listed.format(look.article)) for look in looks]
    batch_id = write_batch(home, pages)
    with writing(home) as connection:
        settle(home, batch_id, without=append(connection, batch_of(list(looks))).refused)
    return batch_id


def stored(home: Home) -> list[dict[str, Any]]:
    """Return all pages in all files, whatever the files are."""
    pages = []
    for path in home.archive.glob("**/*.parquet"):
        with path.open("rb") as file:
            pages += pq.ParquetFile(file).read().to_pylist()
    return pages


def test_batches_come_back_and_move(warehouse: Home, address: str) -> None:
    """Pending, then loaded; nothing of them on this disk; a later home finds them."""
    batch_id = write_batch(warehouse, rows := [page_row(LOOKS[0]), page_row(LOOKS[1])])
    assert pending(warehouse) == [batch_id]
    assert write_batch(warehouse, rows) == batch_id
    path = settle(warehouse, batch_id)
    assert path
    assert str(path) == f"{address}/pages/month=2026-03/{batch_id}.parquet"
    assert pending(Home(warehouse.root)) == []
    assert read_batch(Home(warehouse.root), batch_id) == rows
    assert [p.name for p in warehouse.root.iterdir()] == ["archive.address"]


def test_a_batch_that_was_copied_and_not_removed_is_settled_again(warehouse: Home) -> None:
    """Killed between the two halves of a move, both are there; then one goes."""
    batch_id = write_batch(warehouse, [page_row(LOOKS[0])])
    waiting = warehouse.archive / "pending" / f"{batch_id}.parquet"
    body = waiting.read_bytes()
    path = settle(warehouse, batch_id)
    waiting.write_bytes(body)
    assert pending(warehouse) == [batch_id]
    assert settle(warehouse, batch_id) == path
    assert pending(warehouse) == []


def test_a_damaged_object_is_named_and_set_aside(warehouse: Home) -> None:
    """As on a disk."""
    bad, good = (write_batch(warehouse, [page_row(look)]) for look in LOOKS[:2])
    path = warehouse.archive / "pending" / f"{bad}.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ArchiveError, match=f"{bad}.parquet cannot be read"):
        read_batch(warehouse, bad)
    assert set_aside(warehouse, bad).parent.name == "damaged"
    assert pending(warehouse) == [good]


def test_it_is_packed_and_a_takedown_reaches_it(warehouse: Home) -> None:
    """From a packed file, from a loaded one and from one that waits, the page goes."""
    batches = [load(warehouse, LOOKS[at], LOOKS[at + 1]) for at in (0, 2)]
    assert compact(warehouse) == Compacted(2, 1)
    assert [len(read_batch(warehouse, batch_id)) for batch_id in batches] == [2, 2]
    load(warehouse, LOOKS[4], Look("a", "Says a again", 10))
    write_batch(warehouse, [page_row(LOOKS[5]), page_row(Look("a", "Says a at last", 11))])
    publish(warehouse)
    gone = Request(
        run_id=UUID(int=7),
        keys=frozenset({uid("article", "a")}),
        places=frozenset({"http://newsroom.example/a"}),
        why="law",
    )
    assert len(stored(warehouse)) == 8
    assert take_down(warehouse, gone, lambda: NOW).pages == 3
    assert {page["url"][-1] for page in stored(warehouse)} == set("bcdef")
    assert [len(read_batch(warehouse, batch_id)) for batch_id in batches] == [1, 2]


def test_a_rebuild_brings_a_copy_to_the_disk(warehouse: Home, tmp_path: Path) -> None:
    """What waits and what is loaded; the store's own files stay as they are."""
    loaded = write_batch(warehouse, rows := [page_row(LOOKS[0])])
    settle(warehouse, loaded)
    waiting = write_batch(warehouse, [page_row(LOOKS[1])])
    anew = Home(tmp_path / "anew")
    begin(warehouse, anew)
    assert read_batch(anew, loaded) == read_batch(warehouse, loaded) == rows
    assert pending(anew) == pending(warehouse) == [waiting]
    assert isinstance(anew.archive, Path)


def test_a_home_keeps_its_address(warehouse: Home, address: str, tmp_path: Path) -> None:
    """Another one is refused with a sentence: pages would be looked for where they are not."""
    place_archive(warehouse, address)
    place_archive(warehouse, "")
    with pytest.raises(ArchiveError, match=f"is at {address}, not at memory://other"):
        place_archive(warehouse, "memory://other")
    settled = Home(tmp_path / "settled")
    write_batch(settled, [page_row(LOOKS[0])])
    with pytest.raises(ArchiveError, match="To move it, copy all its files there"):
        place_archive(settled, address)
    place_archive(settled, str(settled.archive))


def test_a_folder_elsewhere_is_used_as_a_folder(tmp_path: Path) -> None:
    """A shared disk has renames: files are whole there by the same means as in the home."""
    home = Home(tmp_path / "home")
    place_archive(home, f"file://{tmp_path}/shared")
    assert settle(home, write_batch(home, [page_row(LOOKS[0])]))
    assert list((tmp_path / "shared").glob("pages/*/*.parquet"))
    assert isinstance(home.archive, Path)


def test_an_address_of_no_kind_is_refused(tmp_path: Path) -> None:
    """Before anything is fetched."""
    with pytest.raises(ArchiveError, match=r"cannot be at gopher://x: .*gopher"):
        place_archive(Home(tmp_path), "gopher://x")
