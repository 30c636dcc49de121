"""Finds the story of each version that a load brings; stories lie in ``article_stories``.

Versions are compared with those that share a band with them and were told within three days, in
either direction of time, the 50 that share most; and with other versions of their own article,
whenever those were told. Of a band that a flood of articles has, the 20 eldest of a day count. A
story is read as a whole only when a version in it moves. So the cost grows neither with the history
nor with a story.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from duckdb import DuckDBPyConnection

from warehouse.likeness import WINDOW, Fingerprint, bands, likeness, novelty
from warehouse.lineage import Line, Link, first_line, lines_to_add, moving
from warehouse.rows import among, insert, to_arrow, with_rows
from warehouse.timeline import Placement

_MOST_COMPARED = 50
_MOST_A_DAY = 20  # with one band
_GIVEN = pa.schema(
    [
        pa.field("version_id", pa.uuid(), nullable=False),
        pa.field("told_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("bands", pa.list_(pa.int64()), nullable=False),
    ]
)
_FINGERPRINT = """
    f.version_id, f.article_key, f.language, f.signature, f.shingle_count, f.subjects, f.firms,
    f.numbers, f.names, f.main_names, f.first_seen_at, f.published_at
"""
# Constants let DuckDB skip what lies outside them.
_OF_THIS_LOAD = f"""
SELECT {_FINGERPRINT} FROM article_fingerprints AS f
SEMI JOIN given_rows AS g ON g.id = f.version_id
WHERE f.available_at = TIMESTAMPTZ '{{available_at}}'
"""
_TOLD_BETWEEN = f"""
SELECT {_FINGERPRINT} FROM article_fingerprints AS f
SEMI JOIN given_rows AS g ON g.id = f.version_id
WHERE f.published_at IS NULL
    OR f.published_at >= TIMESTAMPTZ '{{since}}' - INTERVAL {{window}} SECONDS
    AND f.published_at <= TIMESTAMPTZ '{{until}}' + INTERVAL {{window}} SECONDS
"""
_OF_ARTICLES = f"""
SELECT {_FINGERPRINT} FROM article_fingerprints AS f
SEMI JOIN given_rows AS g ON g.id = f.article_key
"""
_ADD_BANDS = """
INSERT INTO fingerprint_bands (version_id, band, told_at)
SELECT version_id, unnest(bands), told_at FROM given_rows;
"""
_SHARING_BANDS = """
WITH given AS (
    SELECT version_id, told_at, unnest(bands) AS band FROM given_rows
), near AS (
    SELECT b.version_id, b.band, b.told_at FROM fingerprint_bands AS b
    SEMI JOIN given AS g ON g.band = b.band
    WHERE b.told_at >= TIMESTAMPTZ '{since}' - INTERVAL {window} SECONDS
        AND b.told_at <= TIMESTAMPTZ '{until}' + INTERVAL {window} SECONDS
    QUALIFY row_number() OVER (
        PARTITION BY b.band, epoch(b.told_at) // 86400 ORDER BY b.told_at, b.version_id
    ) <= {most_a_day}
)
SELECT g.version_id, b.version_id
FROM near AS b
INNER JOIN given AS g ON g.band = b.band
WHERE abs(epoch(b.told_at) - epoch(g.told_at)) <= {window} AND b.version_id <> g.version_id
GROUP BY g.version_id, b.version_id
QUALIFY row_number() OVER (
    PARTITION BY g.version_id ORDER BY count(*) DESC, min(b.told_at), b.version_id
) <= {most}
"""
# Of a version's rows the one with the most moves holds.
_HELD = """(
    SELECT s.* FROM article_stories AS s
    ANTI JOIN article_stories AS m
        ON m.version_id = s.version_id AND m.moves > 0 AND m.moves > s.moves
)"""
_NAMED = f"""
WITH named AS (
    SELECT s.version_id, s.follows, s.story_id FROM {_HELD} AS s
    SEMI JOIN given_rows AS g ON g.id = s.version_id
)
"""
_LINE = """
    s.version_id, s.article_key, s.published_at, s.first_seen_at, s.story_id, s.follows,
    s.similarity, s.novelty, s.moves
"""
_NEAREST_LINES = f"""
{_NAMED}, nearest AS (
    SELECT version_id AS id FROM named
    UNION
    SELECT follows FROM named
)
SELECT {_LINE} FROM {_HELD} AS s
SEMI JOIN nearest AS n ON n.id = s.version_id
UNION
SELECT {_LINE} FROM {_HELD} AS s
SEMI JOIN named AS n ON n.story_id = s.story_id
WHERE s.follows IS NULL
"""
_LINES_OF_STORIES = f"""
{_NAMED}
SELECT {_LINE} FROM {_HELD} AS s
SEMI JOIN named AS n ON n.story_id = s.story_id
"""


def tell_stories(
    connection: DuckDBPyConnection, placements: Mapping[UUID, Placement], available_at: datetime
) -> None:
    """Give each version that was just appended its place in a story, and move what it takes along.

    ``placements`` (by article_key) say which those are; one without a fingerprint has no story.
    Inside the transaction of the load.
    """
    told = {
        addition.version_id: (article_key, addition.cause)
        for article_key, placement in placements.items()
        for addition in placement.additions
    }
    sql = _OF_THIS_LOAD.format(available_at=available_at.isoformat())
    new = {f.version_id: f for f in _fingerprints(connection, sql, told)}
    if not new:
        return
    met, pairs = _met(connection, new, {key for key, cause in told.values() if cause != "new"})
    links = _links(met, pairs)
    named = {version_id for link in links for version_id in (link.younger, link.elder)}
    known = _lines(connection, _NEAREST_LINES, named - new.keys())
    lines = {version_id: first_line(version) for version_id, version in new.items()}
    known |= _lines(connection, _LINES_OF_STORIES, moving(lines, known, links))
    added = lines_to_add(lines, known, links)
    insert(connection, "article_stories", [_row(line, available_at) for line in added])


def _met(
    connection: DuckDBPyConnection, new: Mapping[UUID, Fingerprint], revised: Collection[UUID]
) -> tuple[dict[UUID, Fingerprint], set[tuple[UUID, UUID]]]:
    """Return the versions to be compared, and in which pairs; ``revised`` are article keys."""
    pairs = {pair for near in _near_in_time(new.values()) for pair in _pairs(connection, near)}
    others = {other for _, other in pairs if other not in new}
    told_between = _TOLD_BETWEEN.format(**_span(new.values()))
    met = {f.version_id: f for f in _fingerprints(connection, told_between, others)}
    for other in _fingerprints(connection, _OF_ARTICLES, revised):
        met[other.version_id] = other
        pairs |= {
            (version.version_id, other.version_id)
            for version in new.values()
            if version.article_key == other.article_key and version != other
        }
    return {**met, **new}, pairs


def _fingerprints(
    connection: DuckDBPyConnection, sql: str, ids: Iterable[UUID]
) -> Iterator[Fingerprint]:
    for (
        version_id,
        article_key,
        language,
        signature,
        shingle_count,
        subjects,
        firms,
        numbers,
        names,
        main_names,
        *times,
    ) in among(connection, sql, ids):
        yield Fingerprint(
            version_id=version_id,
            article_key=article_key,
            language=language,
            signature=signature,
            shingle_count=shingle_count,
            subjects=frozenset(subjects),
            firms=frozenset(firms),
            numbers=tuple(numbers),
            names=frozenset(names),
            main_names=frozenset(main_names),
            first_seen_at=times[0],
            published_at=times[1],
        )


def _near_in_time(versions: Iterable[Fingerprint]) -> Iterator[list[Fingerprint]]:
    """Split versions where so much time lies between them that no third could be near to both.

    One old article among the news of today must not make all between them be read.
    """
    near: list[Fingerprint] = []
    for version in sorted(versions, key=lambda version: version.rank):
        if near and version.told_at - near[-1].told_at > 2 * WINDOW:
            yield near
            near = []
        near.append(version)
    if near:
        yield near


def _pairs(connection: DuckDBPyConnection, near: Sequence[Fingerprint]) -> list[tuple[UUID, UUID]]:
    """Add the bands of versions and return them, each with those that share a band."""
    rows = [{"version_id": f.version_id, "told_at": f.told_at, "bands": bands(f)} for f in near]
    search = _SHARING_BANDS.format(**_span(near), most=_MOST_COMPARED, most_a_day=_MOST_A_DAY)
    return with_rows(connection, to_arrow("fingerprint_bands", _GIVEN, rows), _ADD_BANDS + search)


def _span(versions: Collection[Fingerprint]) -> dict[str, object]:
    """Return from when to when these were told, and what to look at besides, in seconds."""
    told = [version.told_at for version in versions]
    return {
        "since": min(told).isoformat(),
        "until": max(told).isoformat(),
        "window": int(WINDOW.total_seconds()),
    }


def _links(met: Mapping[UUID, Fingerprint], pairs: Iterable[tuple[UUID, UUID]]) -> list[Link]:
    links = []
    for one, other in sorted({(min(pair), max(pair)) for pair in pairs}):
        elder, younger = sorted((met[one], met[other]), key=lambda version: version.rank)
        similar = likeness(younger, elder)
        if similar is not None:
            links.append(
                Link(
                    younger=younger.version_id,
                    elder=elder.version_id,
                    similarity=similar,
                    novelty=novelty(younger, elder),
                )
            )
    return links


def _lines(
    connection: DuckDBPyConnection, sql: str, version_ids: Iterable[UUID]
) -> dict[UUID, Line]:
    return {
        version_id: Line(
            rank=(published_at or first_seen_at, article_key, first_seen_at, version_id),
            article_key=article_key,
            version_id=version_id,
            published_at=published_at,
            first_seen_at=first_seen_at,
            story_id=story_id,
            follows=follows,
            similarity=similar,
            novelty=new,
            moves=moves,
        )
        for (
            version_id,
            article_key,
            published_at,
            first_seen_at,
            story_id,
            follows,
            similar,
            new,
            moves,
        ) in among(connection, sql, version_ids)
    }


def _row(line: Line, available_at: datetime) -> dict[str, Any]:
    row = asdict(line) | {"available_at": available_at}
    del row["rank"]
    return row
