"""Takes an article down: out of tables, archive, exports and the published copy, for ever.

It goes in two steps, and each may be repeated. First a tombstone is written and the rows go, in one
transaction: from here on every load refuses the article. Then what is left on the disk is erased:
pages in the archive, the bytes that DuckDB keeps of deleted rows, the published copy, the exports.
A step that was killed is finished by the next takedown or upkeep. The ledger keeps the fact: that
something was listed there, and that it was taken down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.backlog import catch_up
from warehouse.burial import Request, bury, find
from warehouse.changes import count_change
from warehouse.connection import writer_lock, writing
from warehouse.erasure import erase_pages
from warehouse.export import export, export_folders
from warehouse.home import Home
from warehouse.rewriting import rewrite
from warehouse.rows import among, in_utc
from warehouse.snapshot import publish
from warehouse.transaction import transaction

_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What a takedown came to."""

    articles: int  # articles that were here
    listings: int  # lines of lists that led to them
    pages: int  # raw pages that were erased
    exports: int  # folders that were exported to anew


@dataclass(frozen=True, slots=True)
class Affected:
    """What is here of what somebody wants taken down."""

    titles: tuple[str, ...]  # of its articles
    listings: int  # lines of lists that led to them
    pages: int  # raw pages

    @property
    def is_unknown(self) -> bool:
        """Whether nothing here has it."""
        return not (self.titles or self.listings or self.pages)


def take_down(
    home: Home, request: Request, clock: Callable[[], datetime], *, wait: timedelta = _PATIENCE
) -> TakenDown:
    """Take down what was asked for and return what that came to; ``clock`` gives UTC.

    What was never seen is kept out all the same. Raises WarehouseBusy after ``wait`` before
    anything has happened; WarehouseError when a copy could not be erased: run it again then.
    """
    with writing(home, wait=wait) as connection:
        catch_up(connection, home, clock())  # notes hold headlines too
        subject = find(connection, request.keys, request.places)
        with transaction(connection):
            articles = bury(connection, request, subject, clock())
    pages, exports = finish_takedowns(home, clock, wait=wait)
    return TakenDown(articles, len(subject.listing_ids), pages, exports)


def look_up(home: Home, request: Request, *, wait: timedelta = _PATIENCE) -> Affected:
    """Return what a takedown of this would erase; nothing is changed.

    Raises WarehouseBusy after ``wait``.
    """
    if not home.live.exists():
        return Affected((), 0, 0)
    with writing(home, wait=wait) as connection:  # what was loaded and not published counts, too
        subject = find(connection, request.keys, request.places)
        titles = among(connection, _TITLES, subject.keys)
    return Affected(
        tuple(title for (title,) in titles), len(subject.listing_ids), len(subject.page_ids)
    )


_TITLES = """
SELECT arg_max(v.title, v.revision) FROM article_versions AS v
SEMI JOIN given_rows AS g ON g.id = v.article_key
GROUP BY v.article_key ORDER BY ALL
"""


def finish_takedowns(
    home: Home, clock: Callable[[], datetime], *, wait: timedelta = _PATIENCE
) -> tuple[int, int]:
    """Erase what open takedowns left on the disk; return pages erased and folders exported anew.

    Nothing to do when none is open. Raises as ``take_down`` does.
    """
    keys, pages = _erase(home, wait)
    if not keys:
        return 0, 0
    publish(home, wait=wait)
    folders = export_folders(home)
    for folder in folders:
        export(home, folder)
    with writing(home, wait=wait) as connection, transaction(connection):
        _close(connection, keys, clock())
    return pages, len(folders)


def _erase(home: Home, wait: timedelta) -> tuple[frozenset[UUID], int]:
    """Erase from archive and live file; return the articles of open takedowns, and pages erased."""
    with writing(home, wait=wait) as connection:
        keys, places = _open_takedowns(connection)
        subject = find(connection, keys, places)
    if not keys:
        return keys, 0
    with writer_lock(home, wait=wait):
        pages = erase_pages(
            home,
            page_ids=subject.page_ids,
            listing_ids=subject.listing_ids,
            places=set(subject.places),
        )
        rewrite(home)
        home.search_index.unlink(missing_ok=True)
    return keys, pages


def _close(connection: DuckDBPyConnection, keys: frozenset[UUID], now: datetime) -> None:
    among(
        connection,
        f"UPDATE takedowns SET erased_at = '{in_utc('erased_at', now).isoformat()}'::TIMESTAMPTZ"
        " FROM given_rows AS g WHERE g.id = takedowns.article_key AND erased_at IS NULL",
        keys,
    )
    count_change(connection)


def _open_takedowns(connection: DuckDBPyConnection) -> tuple[frozenset[UUID], frozenset[str]]:
    rows = connection.execute(
        "SELECT article_key, places FROM takedowns WHERE erased_at IS NULL"
    ).fetchall()
    return (
        frozenset(key for key, _ in rows),
        frozenset(place for _, places in rows for place in places),
    )
