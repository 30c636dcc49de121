"""Reads articles again from the archive, or from their stored texts: what worker processes run.

One unit in, its changes out. Each process reads the published copy and the archive by itself, so
that nothing but what changed crosses from process to process. Must not lead to Prefect.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from flows.differences import (
    TABLES,
    Difference,
    Part,
    Row,
    tag_differences,
    text_differences,
)
from flows.knowledge import read_tag_rules
from tasks.articles.errors import ItemError
from tasks.articles.records import Article, Page, TaggedArticle
from tasks.articles.rows import article_row, page_of, tag_rows
from tasks.extraction.extract import extract
from tasks.sources.registry import load_sources
from tasks.sources.schema import Source
from tasks.tagging.learning.model_file import ModelFile
from tasks.tagging.tagger import tag_article
from warehouse.batch_file import read_pages
from warehouse.connection import Connection, reading
from warehouse.errors import ArchiveError
from warehouse.restating import RESTATED_TABLES, Restatement
from warehouse.rows import clean_text
from warehouse.standing import Chosen, Standing, Stretch, standing, tag_columns

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all units of a run share."""

    news: Path  # the published copy
    sources: Path | None  # folder of the user's own, as in the settings
    chosen: Chosen
    parts: frozenset[Part]  # that are read again; the others are held as they are
    model: ModelFile | None  # of topics, trained by the user


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A bounded piece of work: the chosen articles of a stretch, or of one batch in the archive."""

    name: str  # the same in every run that comes to the same unit
    stretch: Stretch
    file: Path | None = None  # of the archive; None: the stored texts are read
    position: int = 0  # of the batch in the file
    only: UUID | None = None  # this version alone


@dataclass(frozen=True, slots=True)
class Changed:
    """An article that reads otherwise now."""

    restatement: Restatement
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class Reread:
    """What a unit came to."""

    changed: list[Changed] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)  # articles by language
    failed: list[Difference] = field(default_factory=list)  # pages that hold no article any more
    problem: str = ""  # why nothing could be read, for a person


def check_job(job: Job) -> None:
    """Read all that reading again must know. Raises NewsLedgerError for what cannot be used."""
    _sources(job.sources)
    read_tag_rules(job.model)


def reread(job: Job, unit: Unit) -> Reread:
    """Read a unit again and return what changed, compared with the published copy."""
    with _opened(job) as connection:
        try:
            found, pages = _found(connection, job, unit)
        except ArchiveError as error:
            return Reread(problem=str(error))
        columns = tag_columns(connection)
    result = Reread()
    for old in found:
        page = pages.get(old.article["page_id"])
        if page is None and unit.file:
            continue
        try:
            _compare(job, old, page, columns, result)
        except ItemError as error:
            result.failed.append(_difference(old, {**_NO_ARTICLE, "rule": str(error.reason)}))
        result.read[old.article["language"]] += 1
    return result


def versions_in(job: Job, unit: Unit) -> list[UUID]:
    """Return the versions that a unit reads again. Raises ArchiveError."""
    with _opened(job) as connection:
        return [old.version_id for old in _found(connection, job, unit)[0]]


_NO_ARTICLE: dict[str, Any] = {"part": "text", "change": "lost", "subject": "article"}


@contextmanager
def _opened(job: Job) -> Iterator[Connection]:
    """Open the published copy, on one thread: the pool has a process for each core already."""
    with reading(job.news) as connection:
        connection.execute("SET threads = 1")
        yield connection


def _found(connection: Connection, job: Job, unit: Unit) -> tuple[list[Standing], dict[UUID, Page]]:
    ids = None
    if unit.file:
        ids = read_pages(unit.file, unit.position, ["page_id"])["page_id"].to_pylist()
    found = standing(connection, job.chosen, unit.stretch, page_ids=ids)
    found = [old for old in found if unit.only in (None, old.version_id)]
    return found, _pages(unit, {old.article["page_id"] for old in found})


def _pages(unit: Unit, wanted: set[UUID]) -> dict[UUID, Page]:
    if not unit.file or not wanted:
        return {}
    rows = read_pages(unit.file, unit.position).to_pylist(maps_as_pydicts="strict")
    return {row["page_id"]: page_of(row) for row in rows if row["page_id"] in wanted}


def _compare(job: Job, old: Standing, page: Page | None, columns: Columns, result: Reread) -> None:
    article = _article(job, old, page)
    row = old.article | {name: getattr(article, name) for name in Article.__slots__}
    tags: dict[str, list[Row]] = dict(old.tags)
    if job.parts - {"text"}:
        tagged = tag_article(article, job.model, with_fingerprint=False)  # its story is held
        row |= article_row(tagged)
        tags |= _fresh(tagged, columns, job.parts)
    differences = list(text_differences(_kept_row(old.article), _kept_row(row))) if page else []
    if differences:
        tags |= _held(tags, columns, _kept_row(row), job.parts)
    for part in job.parts:
        differences += tag_differences(part, columns, old.tags, tags)
    if differences:
        result.changed.append(
            Changed(
                Restatement(
                    version_id=old.version_id,
                    article=_kept_row(row),
                    tags=_batch_rows(row, tags, columns),
                ),
                tuple(_difference(old, found) for found in differences),
            )
        )


def _article(job: Job, old: Standing, page: Page | None) -> Article:
    """Return the article as it reads now; its key stays, whatever address it has now."""
    if page is None:
        said = {name: _kept(old.article[name]) for name in Article.__slots__}
        return Article(**said | {"published_at_doubts": said["published_at_doubts"] or ()})
    article = extract(page, _sources(job.sources)[old.article["source"]])
    return replace(article, article_key=old.article["article_key"])


@cache
def _sources(folder: Path | None) -> dict[str, Source]:
    return dict(load_sources(folder))


def _kept_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _kept(value) for name, value in row.items()}


def _kept(value: Any) -> Any:
    """Return a value as the warehouse keeps it: clean, and with tuples for lists."""
    if isinstance(value, str):
        return clean_text(value)
    return tuple(map(_kept, value)) if isinstance(value, (list, tuple)) else value


def _fresh(tagged: TaggedArticle, columns: Columns, parts: frozenset[Part]) -> dict[str, list[Row]]:
    rows: Mapping[str, list[dict[str, Any]]] = tag_rows(tagged)  # type: ignore[assignment]
    return {
        table: list(
            dict.fromkeys(tuple(_kept(row[name]) for name in columns[table]) for row in rows[table])
        )
        for part in parts
        for table in TABLES[part]
    }


def _held(
    tags: Mapping[str, list[Row]],
    columns: Columns,
    article: Mapping[str, Any],
    parts: frozenset[Part],
) -> dict[str, list[Row]]:
    """Return the tags of held parts with their places found again in another text.

    A tag is held without the places whose words are gone; a fact that is stated no more goes.
    """
    held: dict[str, list[Row]] = {}
    for table in ("ticker_mentions", "article_facts"):
        if not any(table in TABLES[part] for part in parts):
            rows = (_placed(row, columns[table], article) for row in tags[table])
            held[table] = list(dict.fromkeys(row for row in rows if row))
    if "ticker_mentions" in held:
        held["article_tickers"] = _recounted(tags["article_tickers"], held, columns)
    return held


def _placed(row: Row, names: Sequence[str], article: Mapping[str, Any]) -> Row | None:
    said = dict(zip(names, row, strict=True))
    if said["field"] not in ("title", "text"):
        return row
    places = [m.start() for m in re.finditer(re.escape(said["text"]), article[said["field"]])]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - said["char_start"]))
    said |= {"char_start": start, "char_end": start + len(said["text"])}
    return tuple(said.values())


def _recounted(
    tickers: Sequence[Row], held: Mapping[str, list[Row]], columns: Columns
) -> list[Row]:
    of_mention = _picker(columns["ticker_mentions"], "symbol", "exchange")
    of_ticker = _picker(columns["article_tickers"], "symbol", "exchange")
    counts = Counter(map(of_mention, held["ticker_mentions"]))
    place = columns["article_tickers"].index("mention_count")
    return [(*row[:place], counts[of_ticker(row)], *row[place + 1 :]) for row in tickers]


def _picker(columns: Sequence[str], *names: str) -> Callable[[Row], Row]:
    places = [columns.index(name) for name in names]
    return lambda row: tuple(row[place] for place in places)


def _batch_rows(
    article: Mapping[str, Any], tags: Mapping[str, list[Row]], columns: Columns
) -> dict[str, list[dict[str, Any]]]:
    page_id = {"page_id": article["page_id"]}
    return {
        table: [page_id | dict(zip(columns[table], row, strict=True)) for row in tags[table]]
        for table in RESTATED_TABLES
    }


def _difference(old: Standing, found: Mapping[str, Any]) -> Difference:
    return Difference(
        article_key=old.article["article_key"],
        version_id=old.version_id,
        source=old.article["source"],
        language=old.article["language"],
        **found,
    )
