"""What is loaded together: the rows of one batch, and the check that they belong together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.errors import RowError
from warehouse.rows import Rows, table_schema, to_arrow

_PAGE_ID = pa.field("page_id", pa.uuid(), nullable=False)

# For each list of a batch: its table, the columns that loading fills in, and the keys that the
# rows have besides the table's columns, or that must have a value where the column need not.
_LISTS: dict[str, tuple[str, set[str], tuple[pa.Field, ...]]] = {
    "listings": ("listings", {"run_id", "available_at"}, ()),
    "articles": (
        "article_versions",
        {
            *("version_id", "revision", "cause", "run_id", "available_at"),
            *("tickers", "topics", "text_length"),
        },
        (
            _PAGE_ID,
            pa.field("content_hash", pa.uuid(), nullable=False),
            pa.field("text", pa.string(), nullable=False),
        ),
    ),
    "article_tickers": (
        "article_tickers",
        {"version_id", "article_key", "published_at", "available_at"},
        (_PAGE_ID,),
    ),
    "ticker_mentions": (
        "ticker_mentions",
        {"version_id", "article_key", "published_at", "available_at"},
        (_PAGE_ID,),
    ),
    "article_topics": (
        "article_topics",
        {"version_id", "article_key", "published_at", "available_at"},
        (_PAGE_ID,),
    ),
    "article_facts": (
        "article_facts",
        {"version_id", "article_key", "published_at", "available_at"},
        (_PAGE_ID,),
    ),
    "article_fingerprints": (
        "article_fingerprints",
        {"version_id", "article_key", "published_at", "available_at"},
        (_PAGE_ID,),
    ),
    "outcomes": (
        "outcomes",
        {
            "outcome_id",
            "source",
            "content_hash",
            "is_revisit",
            "batch_id",
            "run_id",
            "available_at",
        },
        (),
    ),
    "watched_pages": ("watched_pages", {"available_at"}, ()),
}
# What hangs on a page's article, by page_id.
TAG_TABLES = (
    *("article_tickers", "ticker_mentions", "article_topics"),
    *("article_facts", "article_fingerprints"),
)
_SHOWN = 3  # ids in a message
_DECIDED_BEFORE = ("rejected", "deferred", "removed", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows to append together; each list's keys are the columns of its table, but those below.

    Left to loading: ``version_id``, ``revision``, ``cause``, ``run_id``, ``batch_id``,
    ``available_at``, an article's ``tickers``, ``topics`` and ``text_length``, an outcome's
    ``outcome_id``, ``source``, ``content_hash`` and ``is_revisit``.
    """

    batch_id: UUID
    run_id: UUID
    available_at: datetime  # aware; now, by the caller's clock, which does not go back
    listings: Rows  # every listing that the batch decides
    articles: Rows = ()  # pages that became an article: article_versions and ``text``
    article_tickers: Rows = ()  # these five carry ``page_id`` in place of ``version_id``
    ticker_mentions: Rows = ()
    article_topics: Rows = ()
    article_facts: Rows = ()
    article_fingerprints: Rows = ()
    outcomes: Rows = ()  # decided before loading; unchanged: a page that was not even sent again
    watched_pages: Rows = ()  # of the articles' pages, those that may be looked at again


@dataclass(frozen=True, slots=True)
class Appended:
    """What a load did."""

    outcomes: dict[UUID, tuple[str, str]]  # by listing_id: outcome and reason
    versions: int  # versions appended
    refused: frozenset[UUID] = frozenset()  # pages of what was taken down: not to be kept


def check_batch(connection: DuckDBPyConnection, batch: Batch) -> None:
    """Raise RowError unless all keys and values are right and all rows belong together."""
    for name, (table, computed, more) in _LISTS.items():
        given = {f.name: f for f in table_schema(connection, table) if f.name not in computed}
        schema = pa.schema(list((given | {field.name: field for field in more}).values()))
        to_arrow(name, schema, getattr(batch, name))
    for row in batch.outcomes:
        if row["outcome"] not in _DECIDED_BEFORE:
            raise RowError(
                f"outcomes takes {', '.join(_DECIDED_BEFORE)}; {row['outcome']!r} is decided by"
                " loading the article."
            )
        if row["outcome"] == "deferred" and not row["retry_at"]:
            raise RowError(
                "A deferred outcome needs retry_at, or nobody knows when to try again;"
                f" {row['listing_id']} has none."
            )
    _check_belonging(batch)


def _check_belonging(batch: Batch) -> None:
    listings = _values(batch.listings, "listing_id")
    decided = _values((*batch.articles, *batch.outcomes), "listing_id")
    if listings != decided:
        raise RowError(
            "Each listing of a batch needs an article or an outcome, and the reverse; alone stand:"
            f" {_some(listings ^ decided)}."
        )
    children = chain.from_iterable(getattr(batch, t) for t in (*TAG_TABLES, "watched_pages"))
    strays = _values(children, "page_id") - _values(batch.articles, "page_id")
    if strays:
        raise RowError(f"Tags came with pages that have no article in the batch: {_some(strays)}.")


def _values(rows: Iterable[Mapping[str, object]], key: str) -> set[object]:
    return {row[key] for row in rows}


def _some(values: set[object]) -> str:
    names = sorted(map(str, values))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
