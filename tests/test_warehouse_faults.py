"""Bad input, a full disk, a half migration: a sentence, nothing acknowledged lost, healed after."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.warehouse_rows import Look, article_row, batch_of, listing_row, page_row, uid
from warehouse.append import append
from warehouse.archive import pending, settle, write_batch
from warehouse.compaction import compact
from warehouse.connection import writing
from warehouse.errors import RowError, WarehouseError
from warehouse.export import export
from warehouse.home import Home
from warehouse.query import query
from warehouse.rewriting import rewrite
from warehouse.schema import MIGRATIONS, bring_up_to_date
from warehouse.snapshot import publish

ROOT = Path(__file__).parent.parent
# Does one thing with files that may not grow beyond a size: what a full disk does, for one process.
ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.test_warehouse_faults import DEEDS
from warehouse.errors import WarehouseError
from warehouse.home import Home
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    DEEDS[sys.argv[2]](Home(Path(sys.argv[1])))
except WarehouseError as error:
    sys.exit(f"told: {error}")
"""
LARGE = [Look(f"large{number}", f"{number}" * 3000, number, ("META",)) for number in range(60)]


def load(home: Home) -> None:
    """Load many texts that hardly compress."""
    batch = batch_of(LARGE)
    rows = [
        {**row, "text": " ".join(str(uid(number, word)) for word in range(400))}
        for number, row in enumerate(batch.articles)
    ]
    with writing(home) as connection:
        append(connection, replace(batch, articles=rows))


def archive(home: Home) -> None:
    """Archive many pages that do not compress."""
    bodies = [b"".join(uid(look, n).bytes for n in range(200)) for look in LARGE]
    rows = [page_row(look, body=body) for look, body in zip(LARGE, bodies, strict=True)]
    write_batch(home, rows)


DEEDS: dict[str, Callable[[Home], object]] = {
    "archive": archive,
    "load": load,
    "publish": publish,
    "rewrite": rewrite,
    "export": lambda home: export(home, home.exports),
    "compact": compact,
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Home:
    """Give a warehouse with two settled batches, published once and loaded since."""
    home = Home(tmp_path / "warehouse")
    for number in (1, 2):
        looks = [Look(f"{name}{number}", "A", number, ("META",)) for name in "ab"]
        bodies = [uid(look).bytes * 2 + bytes(range(256)) * 9 for look in looks]
        rows = [page_row(look, body=body) for look, body in zip(looks, bodies, strict=True)]
        settle_id = write_batch(home, rows)
        with writing(home) as connection:
            append(connection, batch_of(looks))
        settle(home, settle_id)
        if number == 1:
            publish(home)
    return home


def full(home: Home, deed: str, limit: int) -> str:
    """Do one thing on a full disk; return what was told."""
    done = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(home.root), deed, str(limit)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


@pytest.mark.parametrize("deed", DEEDS)
def test_a_full_disk_is_told_and_healed(warehouse: Home, deed: str) -> None:
    """What was there stays; the same thing done again with room is done."""
    before = query(warehouse, "FROM articles ORDER BY ALL").rows
    limit = {"archive": 20_000, "compact": 900}
    assert "told: " in full(warehouse, deed, limit.get(deed, 4096))
    assert query(warehouse, "FROM articles ORDER BY ALL").rows == before
    for _ in range(2):
        DEEDS[deed](warehouse)
    publish(warehouse)
    with writing(warehouse) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [
            (4 + (len(LARGE) if deed == "load" else 0),)
        ]
    assert len(pending(warehouse)) == (deed == "archive")
    leftovers = [path.name for path in warehouse.root.rglob("*.part*")]
    assert leftovers == []


@pytest.mark.parametrize("year", [1, 9999])
def test_any_year_can_be_asked_for(warehouse: Home, year: int) -> None:
    """A publisher may say that an article is two thousand years old, or not yet written."""
    at = datetime(year, 1, 1, 12, tzinfo=UTC)
    look = Look("odd", "O", 9, ("META",))
    batch = batch_of([look])
    batch = replace(
        batch,
        articles=[article_row(look, published_at=at, source_updated_at=at)],
        listings=[listing_row(look, published_at=at)],
    )
    with writing(warehouse) as connection:
        append(connection, batch)
    publish(warehouse)
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    for (view,) in query(warehouse, views).rows:
        assert query(warehouse, f"FROM {view}").columns
    for macro in ("latest('META')", "articles_as_of('2027-01-01')"):
        assert (at,) in query(warehouse, f"SELECT published_at FROM {macro}").rows
    assert export(warehouse, warehouse.exports).rows > 0


def test_an_instant_outside_of_all_years_is_refused(warehouse: Home) -> None:
    """Midnight of the first day, east of Greenwich: a sentence, and nothing is written."""
    at = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    look = Look("odd", "O", 9)
    batch = replace(batch_of([look]), articles=[article_row(look, published_at=at)])
    with writing(warehouse) as connection, pytest.raises(RowError, match="years 1 to 9999"):
        append(connection, batch)


def test_a_text_of_ten_million_characters_with_everything_in_it(warehouse: Home) -> None:
    """NUL, control characters, lone surrogates, emoji: stored clean, found, exported."""
    nasty = "a\x00b\x1b[31m\ud800\U0001f600\u202e\n"
    look = Look("nasty", "N", 9, ("META",))
    text = nasty * (10_000_000 // len(nasty))
    batch = replace(batch_of([look]), articles=[article_row(look, text=text, title=nasty)])
    write_batch(warehouse, [page_row(look, body=text.encode("utf-8", "replace"))])
    with writing(warehouse) as connection:
        append(connection, batch)
    publish(warehouse)
    stored = "SELECT title, length(text), text_length FROM articles WHERE title LIKE 'a b%'"
    ((title, length, said),) = query(warehouse, stored).rows
    assert title == "a b [31m\ufffd\U0001f600\u202e\n"
    assert length == said == len(text)
    assert export(warehouse, warehouse.exports).rows > 0


def test_a_migration_that_fails_half_way_is_healed_by_the_next(
    warehouse: Home, tmp_path: Path
) -> None:
    """The database is as it was before, can be loaded into, and takes the mended migration."""
    folder = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    new = folder / f"{len(list(MIGRATIONS.glob('*.sql'))) + 1:04}_half.sql"
    new.write_text("CREATE TABLE half (a INT); COMMENT ON TABLE half IS 'x'; SELECT 1 / nothing;")
    with writing(warehouse) as connection:
        with pytest.raises(WarehouseError, match="nothing"):
            bring_up_to_date(connection, folder)
        append(connection, batch_of([Look("c", "C", 9)]))
    new.write_text("CREATE TABLE half (a INT);")
    with writing(warehouse) as connection:
        bring_up_to_date(connection, folder)
        assert connection.execute("FROM half").fetchall() == []
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(5,)]
