"""Past days filled from files: what is dated, what is not, and what is no article at all."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.backfill import Backfilled, backfill
from flows.completeness import certify
from flows.ingest import ingest
from flows.rebuild import rebuild
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 6)
LONG_AGO = date(2020, 1, 1), date(2020, 1, 2)
SLICES = "SELECT state, stated, listed, stored, rejected FROM slice_states ORDER BY day"
TEXT = "Shares of company {0} rose after its report for the third quarter of the year {0}. " * 8


def in_head(day: int) -> str:
    """Return the day of a page as most pages state it."""
    return f'<meta property="article:published_time" content="2026-10-0{day}T14:00:00Z">'


def saved(number: int, first_id: int, said: str, byline: str = "") -> str:
    """Return a page as somebody saved it."""
    return (
        f'<html><head><title>Story {number}</title>{said}<link rel="canonical"'
        f' href="http://127.0.0.1:8911/a/{first_id + number}/story-{number}"></head><body>'
        f"<article><h1>Story {number} of the day</h1>{byline}<p>{TEXT.format(number)}</p></article>"
        "</body></html>"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of a declared source of saved files."""
    sources, pages = tmp_path / "sources", tmp_path / "pages"
    for made in (sources, pages):
        made.mkdir()
    (sources / "fold.toml").write_text(
        'title = "Fold"\npublisher = "127.0.0.1"\nhome = "http://127.0.0.1:8911/"\n'
        f'[[lists]]\nkind = "folder"\nfiles = ["{pages}/*"]\n'
    )
    monkeypatch.setenv("NEWSLEDGER_SOURCES", str(sources))
    monkeypatch.setenv("NEWSLEDGER_ENABLED", "fold")
    monkeypatch.setenv("NEWSLEDGER_WORKERS", "1")
    return pages


def fill(folder: Path, page: Callable[[int], str], *span: date, count: int = 10) -> Backfilled:
    """Save pages into the folder and backfill it."""
    for number in range(count):
        (folder / f"{number:02}.html").write_text(page(number))
    return asyncio.run(backfill("fold", *(span or (FIRST, LAST))))


def ask(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file."""
    return query(Home(home), sql).rows


@pytest.mark.parametrize("first_id", [100200, 700200, 20101001])
def test_numbers_in_addresses_are_no_days(home: Path, folder: Path, first_id: int) -> None:
    """Every page comes to the day that it states, whatever its id looks like."""
    done = fill(folder, lambda n: saved(n, first_id, in_head(n % 5 + 1)))
    assert done.states == {"proven": 5}
    assert ask(home, SLICES) == [("proven", 2, 2, 2, 0)] * 5


def test_pages_of_other_days_prove_nothing(home: Path, folder: Path) -> None:
    """A day of which the folder holds no page has no listing."""
    fill(folder, lambda n: saved(n, 700200, in_head(n % 5 + 1)), *LONG_AGO, count=5)
    assert ask(home, SLICES) == [("proven", 0, 0, 0, 0)]
    assert ask(home, "SELECT count(*) FROM articles") == [(0,)]


def test_what_no_list_dates_goes_to_the_day_of_its_article(home: Path, folder: Path) -> None:
    """Counted where it belongs, once it was read; the days that it is not of are proven."""
    done = fill(
        folder,
        lambda n: saved(n, 700200, "", f"<p>Published October {n % 5 + 1}, 2026</p>"),
        *LONG_AGO,
        count=5,
    )
    assert done.states == {"proven": 1}
    assert ask(home, SLICES) == [("proven", 0, 0, 0, 0)]
    counts = "SELECT day, stored FROM completeness ORDER BY day"
    assert ask(home, counts) == [(date(2026, 10, n), 1) for n in range(1, 6)]
    assert asyncio.run(backfill("fold", FIRST, LAST)).states == {"proven": 5}
    assert ask(home, SLICES)[1:] == [("proven", 0, 1, 1, 0)] * 5
    assert ask(home, "SELECT count(*) FROM article_versions") == [(5,)]


def test_what_may_be_of_any_day_leaves_none_proven(home: Path, folder: Path) -> None:
    """Neither its list nor its page says a day: that is told for each of the days."""
    done = fill(folder, lambda n: saved(n, 700200, in_head(n + 1) if n < 3 else ""), count=5)
    assert done.states == {"failed": 5}
    found = certify(Home(home), datetime.now(UTC), source="fold", since=FIRST, until=LAST)
    (gap,) = {day.gap for day in found.days}
    assert gap.startswith("its lists could not be read whole: 2 of the lines that they gave say no")
    assert ask(home, "SELECT sum(stored)::INT, sum(stated)::INT FROM slice_states") == [(5, 3)]


def test_stray_files_are_rejected_and_fail_no_day(home: Path, folder: Path) -> None:
    """Each with its reason; they are counted, and the days are proven."""
    strays = {
        "empty.html": b"",
        "item.json": b'{"status": "ok"}',
        "broken.json": b'{"title": "Acme rises", "body": "<p>Acme',
        "notes.txt": b"Buy milk.",
        "cut.html.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03K",
        "logo.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    }
    for name, body in strays.items():
        (folder / name).write_bytes(body)
    done = fill(folder, lambda n: saved(n, 700200, in_head(n % 5 + 1)))
    assert done.states == {"proven": 5}, ask(home, "SELECT error FROM slice_states")
    assert ask(home, "SELECT sum(stored)::INT, sum(rejected)::INT FROM slice_states") == [(10, 6)]
    reasons = "SELECT DISTINCT reason FROM outcomes WHERE outcome = 'rejected' ORDER BY 1"
    assert ask(home, reasons) == [("empty",), ("not_html",)]
    told = (
        "SELECT count(*) FROM outcomes WHERE detail LIKE '%broken.json is JSON without an article%'"
    )
    assert ask(home, told) == [(1,)]


def test_articles_whose_ids_clash_are_all_taken_up(home: Path, folder: Path) -> None:
    """None vanishes: each has an outcome, and the poll says which pattern to mend."""
    declared = folder.parent / "sources" / "fold.toml"
    declared.write_text("id_pattern = 'story-(.)'\n" + declared.read_text())
    for number in range(30):
        (folder / f"{number:02}.html").write_text(saved(number, 700200, in_head(1)))
    done = asyncio.run(ingest(["fold"]))
    assert ask(home, "SELECT sum(listed)::INT, sum(missing)::INT FROM completeness") == [(30, 0)]
    (poll,) = done.polls
    assert "addresses of fold have only" in poll.problems[0]
    assert "story-10" in poll.problems[0]
    assert "id_pattern = 'story-(.)'" in ask(home, "SELECT error FROM polls")[0][0]
    assert ask(home, "SELECT count(*) FROM articles") == [(10,)]
    declared.write_text(declared.read_text().replace("'story-(.)'", "'/a/([0-9]+)/'"))
    anew = folder.parent / "anew"
    asyncio.run(rebuild(anew))
    assert ask(anew, "SELECT count(*) FROM articles") == [(30,)], "nothing of them was lost"
