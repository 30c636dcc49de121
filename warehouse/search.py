"""Finds articles by words, the best first: by an index where one was built, else by reading.

The index (BM25, by DuckDB's extension fts) lies beside the published copy in a file of its own,
``search.duckdb``: it takes minutes to build, and the copy is replaced far more often. What was
loaded since is found by reading, so nothing waits for the next index.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import duckdb
from duckdb import DuckDBPyConnection

from warehouse.connection import reading
from warehouse.errors import QueryError, WarehouseError
from warehouse.files import remove_leftovers, replace_whole
from warehouse.filters import see_that_known
from warehouse.home import Home
from warehouse.snippets import Marked, marked, snippet, words_of
from warehouse.transaction import one_line

_SEARCHES = Path(__file__).parent / "searches"
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that was found."""

    score: float  # 0 to 1: against the best that was found in the same way
    published_at: datetime | None  # UTC
    available_at: datetime  # UTC
    source: str
    title: Marked
    snippet: Marked  # the stretch of the text that has most of the words
    url: str
    language: str
    tickers: list[str]
    topics: list[str]
    article_key: UUID
    version_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    hits: list[Hit]  # the best first
    method: Literal["index", "reading", "newest"]  # newest: without words, the newest first


def search(
    home: Home,
    words: str,
    *,
    ticker: str = "",
    topic: str = "",
    since: datetime | None = None,
    language: str = "",
    limit: int = 20,
) -> Found:
    """Return the articles of the published copy that have all the words, at most ``limit``.

    Case and accents do not count. The index knows whole words; where it is not used, the
    beginning of a word is enough. ``ticker`` (a symbol), ``topic`` (a short name), ``language``
    (ISO 639-1) and ``since`` (aware, of published_at) narrow it down; without an index and
    ``since``, the last 90 days are read. Without words all articles are meant that these leave, the
    newest first. Raises WarehouseMissing, and QueryError where nothing is asked for, or where a
    topic, ticker or language is asked for that the copy does not know.
    """
    sought = words_of(words)
    if not sought and (words.strip() or not (ticker or topic or language or since)):
        raise QueryError(
            f"There is no word to search for in {words!r}: give one, or --ticker, --topic, --since"
            " or --lang."
        )
    asked = {
        "words": " ".join(sought),
        "since": since,
        "ticker": ticker.upper().removeprefix("$"),
        "topic": topic.lower(),
        "language": language.lower(),
        "limit": limit,
    }
    with reading(home.news) as connection:
        found = _found(connection, home, sought, asked, limit)
        if not found.hits:
            see_that_known(connection, asked)
    return found


def build_index(connection: DuckDBPyConnection) -> bool:
    """Build the index of the articles that a connection sees, and return whether it was built.

    It becomes ``search.duckdb`` beside the database's own file, replacing the one before in one
    step. The connection may be read-only: that of the published copy will do, so that no writer
    waits. False, and an old index is left, when the extra ``search`` is not installed for this
    DuckDB or the database has no file. Raises WarehouseError when it cannot be written.
    """
    ((name, path),) = connection.execute(
        "SELECT database_name, path FROM duckdb_databases()"
        " WHERE database_name = current_database()"
    ).fetchall()
    if not path or not _load_extension(connection):
        return False
    target = Home(Path(path).parent).search_index
    remove_leftovers(target)  # half an index of one who was killed
    try:
        replace_whole(target, lambda temporary: _build(connection, name, temporary))
    except (duckdb.Error, OSError) as error:
        why = one_line(error) if isinstance(error, duckdb.Error) else str(error)
        raise WarehouseError(f"The search index could not be built: {why}") from error
    return True


def _found(
    connection: DuckDBPyConnection,
    home: Home,
    sought: list[str],
    asked: Mapping[str, object],
    limit: int,
) -> Found:
    if not sought:
        narrowed = {name: value for name, value in asked.items() if name != "words"}
        return Found(_hits(_run(connection, "newest.sql", narrowed), sought), "newest")
    if not _attach_index(connection, home.search_index):
        rows = _run(connection, "plain.sql", {**asked, "after": None})
        return Found(_hits(rows, sought), "reading")
    ((until,),) = connection.execute("SELECT until FROM word_index.indexed").fetchall()
    recent = {**asked, "after": until, "since": asked["since"] or _BEGINNING}
    hits = _hits(_run(connection, "plain.sql", recent), sought)
    hits += _hits(_ranked(connection, asked), sought)
    best = sorted(hits, key=lambda hit: -hit.score)[:limit]
    return Found(best, "index")


def _build(connection: DuckDBPyConnection, name: str, path: Path) -> None:
    connection.execute(f"ATTACH '{_quoted(path)}' AS building (READ_WRITE)")
    try:
        connection.execute(_read("gather.sql"))
        connection.execute(_read("build.sql"))
    finally:
        connection.execute(f'USE "{name}"')
        connection.execute("DETACH building")


def _attach_index(connection: DuckDBPyConnection, path: Path) -> bool:
    """Attach the index as word_index; False where there is none, or nothing to read it with."""
    if not path.exists() or not _load_extension(connection):
        return False
    try:
        connection.execute(f"ATTACH '{_quoted(path)}' AS word_index (READ_ONLY)")
        connection.execute("SELECT until FROM word_index.indexed")
    except duckdb.Error:
        # Damaged, or made by another DuckDB: the next upkeep builds it anew.
        return False
    return True


def _load_extension(connection: DuckDBPyConnection) -> bool:
    """Load fts from its package: its folders are named for the one DuckDB that each fits."""
    package = find_spec("duckdb_extension_fts")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / "fts.duckdb_extension"
        if file.exists():
            connection.execute(f"LOAD '{_quoted(file)}'")
            return True
    return False


def _ranked(connection: DuckDBPyConnection, asked: Mapping[str, object]) -> list[tuple[Any, ...]]:
    ((name,),) = connection.execute("SELECT current_database()").fetchall()
    with _using(connection, "word_index", back=name):
        return _run(connection, "ranked.sql", asked, news=f'"{name}".main')


@contextmanager
def _using(connection: DuckDBPyConnection, name: str, *, back: str) -> Iterator[None]:
    # The extension's macro looks for its tables in the database in use.
    connection.execute(f"USE {name}")
    try:
        yield
    finally:
        connection.execute(f'USE "{back}"')


def _run(
    connection: DuckDBPyConnection, file: str, asked: Mapping[str, object], **names: str
) -> list[tuple[Any, ...]]:
    sql = _read(file).format(**names) if names else _read(file)
    return connection.execute(sql, dict(asked)).fetchall()


def _hits(rows: list[tuple[Any, ...]], sought: list[str]) -> list[Hit]:
    best = max((row[0] for row in rows), default=1) or 1
    return [_hit(row, best, sought) for row in rows]


def _hit(row: tuple[Any, ...], best: float, sought: list[str]) -> Hit:
    score, published_at, available_at, source, title, url, language, tickers, topics, *rest = row
    article_key, version_id, text = rest
    return Hit(
        score=score / best,
        published_at=published_at,
        available_at=available_at,
        source=source,
        title=marked(title, sought),
        snippet=snippet(text, sought),
        url=url,
        language=language,
        tickers=tickers,
        topics=topics,
        article_key=article_key,
        version_id=version_id,
    )


def _read(file: str) -> str:
    return (_SEARCHES / file).read_text(encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
