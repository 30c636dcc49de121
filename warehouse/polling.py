"""How far each source is read and when it is asked next; what its lists looked like.

All instants are handed in, aware; the database keeps them in UTC.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.rows import Rows, clean_text, insert, with_rows
from warehouse.transaction import transaction

# A listing that has no outcome yet, or was deferred, may hide what its source dates after it. Those
# of a backfill hide nothing: their slice answers for them.
_OPEN_SINCE = """
WITH settled AS (
    SELECT listing_id FROM outcomes WHERE outcome <> 'deferred' AND NOT is_revisit
)
SELECT l.source, min(coalesce(l.source_updated_at, l.published_at))
FROM listings AS l
ANTI JOIN settled AS s ON s.listing_id = l.listing_id
ANTI JOIN slice_listings AS b ON b.listing_id = l.listing_id
WHERE list_contains($1::VARCHAR[], l.source)
GROUP BY l.source
"""


def source_states(
    connection: DuckDBPyConnection, sources: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the rows of ``source_states`` by source; none for one that was never asked."""
    rows = _rows_of(connection, "source_states", sources)
    return {row["source"]: row for row in rows}


def known_documents(connection: DuckDBPyConnection, sources: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of ``documents`` of these sources."""
    return _rows_of(connection, "documents", sources)


def put_documents(connection: DuckDBPyConnection, rows: Rows) -> None:
    """Put documents in the place of what was known of them; inside a transaction."""
    newest = {(clean_text(str(row["source"])), clean_text(str(row["url"]))): row for row in rows}
    if not newest:
        return
    sources, urls = zip(*newest, strict=True)
    given = pa.table({"source": pa.array(sources), "url": pa.array(urls)})
    with_rows(
        connection,
        given,
        "DELETE FROM documents AS d USING given_rows AS g"
        " WHERE g.source = d.source AND g.url = d.url",
    )
    insert(connection, "documents", list(newest.values()))


def put_source_states(connection: DuckDBPyConnection, rows: Rows, now: datetime) -> None:
    """Put states in the place of what was known of the sources.

    The watermark never passes the earliest listing that has still no outcome for good, and moves
    back only where it had come to lie after ``now`` by a wrong clock.
    """
    if not rows:
        return
    names = [str(row["source"]) for row in rows]
    with transaction(connection):
        before = source_states(connection, names)
        open_since = dict(connection.execute(_OPEN_SINCE, [names]).fetchall())
        kept = [
            {**row, "watermark_at": _watermark(row["watermark_at"], open_since, before, name, now)}
            for name, row in zip(names, rows, strict=True)
        ]
        connection.execute(
            "DELETE FROM source_states WHERE list_contains($1::VARCHAR[], source)", [names]
        )
        insert(connection, "source_states", kept)


def _watermark(
    read_until: object,
    open_since: dict[str, datetime | None],
    before: dict[str, dict[str, Any]],
    source: str,
    now: datetime,
) -> datetime | None:
    earliest = open_since.get(source)
    until = read_until if isinstance(read_until, datetime) else None
    if until and earliest:
        until = min(until, earliest)
    known = before.get(source, {}).get("watermark_at")
    reached = [at for at in (until, known) if at and at <= now]
    return max(reached, default=None)


def _rows_of(
    connection: DuckDBPyConnection, table: str, sources: Sequence[str]
) -> list[dict[str, Any]]:
    result = connection.execute(
        f"SELECT * FROM {table} WHERE list_contains($1::VARCHAR[], source)", [list(sources)]
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
