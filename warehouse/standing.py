"""Reads the newest versions back, with texts and tags, a stretch of them at a time.

A stretch is a span of ``available_at``: rows are stored in that order, so DuckDB reads little more
than the stretch, however large the warehouse is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.restating import RESTATED_TABLES

Tags = dict[str, list[tuple[Any, ...]]]  # by table; the columns are those of ``tag_columns``


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which articles are meant: half-open by publication (or first sight, where that is unknown).

    ``since`` and ``until`` are aware; None leaves an end open.
    """

    since: datetime | None
    until: datetime | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of ``available_at``, both ends included."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A newest version: its row as a ``Batch`` has it, text included, and its tags."""

    version_id: UUID
    article: dict[str, Any]
    tags: Tags


_WANTED = """
    list_contains($sources::VARCHAR[], v.source)
    AND ($since IS NULL OR coalesce(v.published_at, v.first_seen_at) >= $since::TIMESTAMPTZ)
    AND ($until IS NULL OR coalesce(v.published_at, v.first_seen_at) < $until::TIMESTAMPTZ)
"""
# A text that a licence made us let go of is no text to read again.
_NEWEST = """
FROM article_versions AS v
ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
INNER JOIN article_texts AS t ON t.version_id = v.version_id AND t.available_at = v.available_at
{more}
WHERE v.cause <> 'removed'
    AND (v.text_length = 0 OR t.text <> '')
    AND {wanted}
"""
_ARTICLE = """
SELECT v.version_id, v.* EXCLUDE (
    version_id, revision, cause, run_id, available_at, tickers, topics, text_length
), t.text
"""
_INSTANTS = f"""
SELECT v.available_at, count(*) FROM article_versions AS v WHERE v.cause <> 'removed' AND {_WANTED}
GROUP BY ALL ORDER BY ALL
"""
_WITHIN = " AND v.available_at BETWEEN $first AND $last"
_COMPUTED = "version_id, article_key, published_at, available_at"


def sources_of(connection: DuckDBPyConnection) -> list[str]:
    """Return the names of the sources that any version came from."""
    rows = connection.execute("SELECT DISTINCT source FROM article_versions ORDER BY ALL")
    return [name for (name,) in rows.fetchall()]


def count_chosen(connection: DuckDBPyConnection, chosen: Chosen) -> int:
    """Return the number of chosen articles that have a text to read again."""
    rows = connection.execute(f"SELECT count(*) {_newest()}", _parameters(chosen)).fetchall()
    return int(rows[0][0])


def stretches(connection: DuckDBPyConnection, chosen: Chosen, versions: int) -> Iterator[Stretch]:
    """Give stretches of about so many versions; the newest among them are to be read.

    Superseded ones count too, so that a run that goes on where another one stopped finds the same
    ends.
    """
    rows = connection.execute(_INSTANTS, _parameters(chosen)).fetchall()
    first, count = None, 0
    for place, (instant, found) in enumerate(rows, 1):
        first, count = first or instant, count + found
        if count >= versions or place == len(rows):
            yield Stretch(first, instant)
            first, count = None, 0


def stretches_of_batches(connection: DuckDBPyConnection, chosen: Chosen) -> dict[UUID, Stretch]:
    """Return the batches in the archive that hold pages of the chosen articles, each with them."""
    rows = connection.execute(
        "SELECT o.batch_id, min(v.available_at), max(v.available_at)"
        + _newest("INNER JOIN outcomes AS o ON o.outcome_id = v.page_id")
        + " GROUP BY ALL",
        _parameters(chosen),
    ).fetchall()
    return {batch_id: Stretch(*columns) for batch_id, *columns in rows}


def standing(
    connection: DuckDBPyConnection,
    chosen: Chosen,
    stretch: Stretch,
    *,
    page_ids: Sequence[UUID] | None = None,
) -> list[Standing]:
    """Return the chosen newest versions of a stretch; with page_ids, those of these pages alone."""
    if page_ids is not None and not page_ids:
        return []
    sql, parameters = f"{_ARTICLE}{_newest()}{_WITHIN}", _parameters(chosen)
    parameters |= {"first": stretch.first, "last": stretch.last}
    if page_ids is not None:
        sql += " AND v.page_id IN (SELECT unnest(string_split($pages, ','))::UUID)"
        parameters["pages"] = _joined(page_ids)
    found = connection.execute(sql, parameters)
    names = [column[0] for column in found.description or ()][1:]
    heads = [(row[0], dict(zip(names, row[1:], strict=True))) for row in found.fetchall()]
    tags = _tags(connection, [version_id for version_id, _ in heads], stretch)
    return [Standing(*head, part) for head, part in zip(heads, tags, strict=True)]


def tag_columns(connection: DuckDBPyConnection) -> Mapping[str, tuple[str, ...]]:
    """Return the columns of each table of tags, but those that loading fills in."""
    return {table: _columns(connection, table) for table in RESTATED_TABLES}


def _newest(more: str = "") -> str:
    return _NEWEST.format(more=more, wanted=_WANTED)


def _columns(connection: DuckDBPyConnection, table: str) -> tuple[str, ...]:
    described = connection.execute(f"SELECT * EXCLUDE ({_COMPUTED}) FROM {table} LIMIT 0")
    return tuple(column[0] for column in described.description or ())


def _tags(
    connection: DuckDBPyConnection, version_ids: Sequence[UUID], stretch: Stretch
) -> list[Tags]:
    tags: list[Tags] = [{table: [] for table in RESTATED_TABLES} for _ in version_ids]
    parameters = {"ids": _joined(version_ids), "first": stretch.first, "last": stretch.last}
    for table in RESTATED_TABLES if tags else ():
        rows = connection.execute(
            f"SELECT i.place, p.* EXCLUDE ({_COMPUTED}) FROM {table} AS p"
            " INNER JOIN (SELECT unnest(string_split($ids, ','))::UUID AS id,"
            " generate_subscripts(string_split($ids, ','), 1) - 1 AS place) AS i"
            " ON i.id = p.version_id"
            " WHERE p.available_at BETWEEN $first AND $last",
            parameters,
        ).fetchall()
        for place, *values in rows:
            tags[place][table].append(_hashable(values))
    return tags


def _joined(ids: Sequence[UUID]) -> str:
    """Return ids as one string: a list costs DuckDB a search for NumPy for each thing in it."""
    return ",".join(map(str, ids))


def _hashable(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _parameters(chosen: Chosen) -> dict[str, Any]:
    return {"since": chosen.since, "until": chosen.until, "sources": list(chosen.sources)}
