"""Records listings: each once, when it is first seen."""

from datetime import datetime
from uuid import UUID

from duckdb import DuckDBPyConnection

from warehouse.rows import Rows, among, ids, insert
from warehouse.tombstones import tombstones


def add_listings(
    connection: DuckDBPyConnection, listings: Rows, run_id: UUID, available_at: datetime
) -> int:
    """Append those listings that are not there yet and return how many; inside a transaction.

    Rows have the columns of ``listings`` without ``run_id`` and ``available_at``. Headlines of
    what was taken down are left out.
    """
    by_id = {row["listing_id"]: row for row in reversed(listings)}  # the first of doubles wins
    known = among(
        connection,
        "SELECT listing_id FROM listings SEMI JOIN given_rows ON given_rows.id = listing_id",
        ids("listings", listings, "listing_id"),
    )
    for (listing_id,) in known:
        del by_id[listing_id]
    places = tombstones(connection).places
    rows = [
        {
            **row,
            **({"title": ""} if (row.get("url") or row.get("guid")) in places else {}),
            "run_id": run_id,
            "available_at": available_at,
        }
        for row in reversed(by_id.values())
    ]
    return insert(connection, "listings", rows)
