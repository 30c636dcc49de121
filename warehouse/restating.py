"""Restates newest versions: the same page said again under newer rules.

What was known before stays as it was: a restatement is one more version, with the cause
``reprocessed`` and the page, listing and ``first_seen_at`` of the version that it stands for. How
it takes part in the history of the article is told in ``warehouse/timeline.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.batch import Batch
from warehouse.rows import Rows, among, insert, to_arrow, with_rows
from warehouse.timeline import Addition, Sighting, make_version_id
from warehouse.transaction import transaction
from warehouse.versions import add_brought

RESTATED_TABLES = ("article_tickers", "ticker_mentions", "article_topics", "article_facts")
_WRITTEN = ("article_versions", "article_texts", "superseded_versions", *RESTATED_TABLES)
_COPIES = pa.schema(
    [
        pa.field("version_id", pa.uuid(), nullable=False),
        pa.field("origin_id", pa.uuid(), nullable=False),
        pa.field("available_at", pa.timestamp("us", tz="UTC"), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A version said again: ``article`` and ``tags`` have the rows that a ``Batch`` has of it."""

    version_id: UUID  # the one that it stands for from now on
    article: Mapping[str, Any]
    tags: Mapping[str, Rows]  # by table


def restate(
    connection: DuckDBPyConnection,
    restatements: Sequence[Restatement],
    *,
    run_id: UUID,
    available_at: datetime,
) -> frozenset[UUID]:
    """Append versions with the cause ``reprocessed``; return the versions that were restated.

    One that is no longer its article's newest is left out: a later page, a removal, a takedown or
    another reprocessing came first. Raises RowError, before anything is written, for rows that do
    not fit.
    """
    with transaction(connection):
        revisions = _standing(connection, (r.version_id for r in restatements))
        accepted = [r for r in restatements if r.version_id in revisions]
        additions = [_addition(r, revisions[r.version_id] + 1) for r in accepted]
        batch = _batch(accepted, run_id, available_at)
        add_brought(
            connection,
            batch,
            {addition.sighting.page_id: addition for addition in additions},
            {r.article["page_id"]: r.article for r in accepted},
        )
        _hold(connection, additions, available_at)
        insert(connection, "superseded_versions", _superseded(accepted, additions, available_at))
    return frozenset(restatement.version_id for restatement in accepted)


def _standing(connection: DuckDBPyConnection, version_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return those versions that are their article's newest, with its number of versions."""
    return dict(among(connection, _STANDING, version_ids))


_STANDING = """
WITH asked AS (
    SELECT v.version_id, v.article_key FROM article_versions AS v
    SEMI JOIN given_rows AS g ON g.id = v.version_id
    ANTI JOIN superseded_versions AS s ON s.version_id = v.version_id
    WHERE v.cause <> 'removed'
)
SELECT a.version_id, count(*)
FROM asked AS a
INNER JOIN article_versions AS v ON v.article_key = a.article_key
GROUP BY a.version_id
"""


def _addition(restatement: Restatement, revision: int) -> Addition:
    article = restatement.article
    sighting = Sighting(
        sighting_id=article["page_id"],
        listing_id=article["listing_id"],
        page_id=article["page_id"],
        fetched_at=article["first_seen_at"],
        content_hash=article["content_hash"],
    )
    version_id = make_version_id(article["article_key"], restatement.version_id)
    return Addition(version_id, sighting, "reprocessed", revision, restatement.version_id)


def _batch(restatements: Sequence[Restatement], run_id: UUID, available_at: datetime) -> Batch:
    tags = {
        table: list(chain.from_iterable(r.tags[table] for r in restatements))
        for table in RESTATED_TABLES
    }
    articles = [restatement.article for restatement in restatements]
    return Batch(
        batch_id=run_id,
        run_id=run_id,
        available_at=available_at,
        listings=(),
        articles=articles,
        **tags,
    )


def _hold(
    connection: DuckDBPyConnection, additions: Sequence[Addition], available_at: datetime
) -> None:
    """Copy what else hangs on the versions, such as the stories that they tell."""
    if not additions:
        return
    rows = [
        {
            "version_id": addition.version_id,
            "origin_id": addition.copy_of,
            "available_at": available_at,
        }
        for addition in additions
    ]
    for table, has_time in connection.execute(_OF_VERSIONS).fetchall():
        if table not in _WRITTEN:
            time = ", g.available_at AS available_at" if has_time else ""
            with_rows(
                connection,
                to_arrow("copies", _COPIES, rows),
                f"INSERT INTO {table} BY NAME SELECT h.* REPLACE (g.version_id AS version_id{time})"
                f" FROM {table} AS h INNER JOIN given_rows AS g ON g.origin_id = h.version_id",
            )


_OF_VERSIONS = """
SELECT table_name, bool_or(column_name = 'available_at')
FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_oid)
WHERE database_name = current_database() AND schema_name = 'main'
GROUP BY table_name
HAVING bool_or(column_name = 'version_id')
"""


def _superseded(
    restatements: Sequence[Restatement], additions: Sequence[Addition], available_at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "version_id": restatement.version_id,
            "article_key": restatement.article["article_key"],
            "superseded_by": addition.version_id,
            "available_at": available_at,
        }
        for restatement, addition in zip(restatements, additions, strict=True)
    ]
