"""Pages with labels: what each must become, written by hand before any rule ran.

Three sets: the stories of the bundled newsroom, the saved pages of ``tests/pages``, and
``tests/gold/pages``, where each NAME.html has a NAME.toml beside it: ``language``, ``style``,
``url`` and ``timezone`` of the source, then ``title``, ``authors``, ``published_at`` (not where the
page states none), ``keep`` (sentences, or rows as lists of cells) and ``drop``.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tasks.articles.records import Listing, Page, Span
from tasks.discovery.listings import merged
from tasks.discovery.lists import kind_of
from tasks.sources.registry import load_sources
from tasks.sources.sample.site import Site
from tasks.sources.sample.story import HOME, stories
from tasks.sources.schema import Source

TESTS = Path(__file__).parent
SAVED = TESTS / "pages"
GOLD = TESTS / "gold" / "pages"
FETCHED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADLINES = {"zebra-headline"}  # stories without a text: the page is rejected, rightly


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """A page and what a careful reader would write down of it."""

    name: str
    language: str
    page: Page
    source: Source
    title: str
    authors: tuple[str, ...] | None  # None where nobody wrote them down
    published_at: datetime | None
    keep: tuple[str | tuple[str, ...], ...]  # sentences, and the cells of a row
    drop: tuple[str, ...]


def gold_pages(folder: Path = GOLD) -> list[GoldPage]:
    """Return the labelled pages of a folder, in the order of their names."""
    return [_gold(path) for path in sorted(folder.glob("*.toml"))]


def _gold(path: Path) -> GoldPage:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    expect = {**said, **said.get("expect", {})}
    url = said.get("url", f"https://news.example/{path.stem}")
    source = a_source(publisher=urlsplit(url).hostname or "news.example", **said)
    return GoldPage(
        name=path.stem,
        language=expect["language"],
        page=a_page(
            path.with_suffix(".html").read_bytes(),
            url=url,
            fetched_at=said.get("fetched_at", FETCHED_AT),
        ),
        source=source,
        title=expect["title"],
        authors=tuple(expect["authors"]) if "authors" in expect else None,
        published_at=_instant(expect.get("published_at")),
        keep=tuple(tuple(row) if isinstance(row, list) else row for row in expect["keep"]),
        drop=tuple(expect["drop"]),
    )


def a_source(**said: Any) -> Source:
    """Build a source as its TOML file would declare it."""
    publisher = said.get("publisher", "example.com")
    return Source.model_validate(
        {
            "name": "example",
            "title": said.get("site", "Example"),
            "publisher": publisher,
            "home": f"https://{publisher}/",
            "languages": said.get("languages", ["en"]),
            "timezone": said.get("timezone", "America/New_York"),
            "id_pattern": r"/(\d{8})(?:/|$)",
            "lists": [{"kind": "feed", "url": f"https://{publisher}/feed"}],
            "article": {"region": said.get("region", "")},
        }
    )


def a_page(body: bytes, **said: Any) -> Page:
    """Build a page as the fetch step would hand it over."""
    listed = dict(said.get("listing", {}))
    for key in ("published_at", "updated_at"):
        if key in listed:
            listed[key] = datetime.fromisoformat(listed[key])
    for key in ("authors", "tickers", "topics"):
        listed[key] = tuple(listed.get(key, ()))
    url = said.get("url", "https://news.example.com/story")
    return Page(
        listing=Listing(source="example", url=url, **listed),
        url=url,
        status=said.get("status", 200),
        content_type=said.get("content_type", "text/html"),
        body=body,
        fetched_at=said.get("fetched_at", FETCHED_AT),
        kind=said.get("kind", "html"),
    )


def saved_page(name: str) -> tuple[Page, Source, Mapping[str, Any]]:
    """Read a page of ``tests/pages``, its source, and the fields that it must give."""
    spec = json.loads((SAVED / f"{name}.json").read_text(encoding="utf-8"))
    body = (SAVED / f"{name}.html").read_bytes()
    return a_page(body, **spec["given"]), a_source(**spec["given"]), spec["expect"]


def saved_pages() -> list[GoldPage]:
    """Return the saved pages as gold: each of their lines is to be kept."""
    return [_saved(path.stem) for path in sorted(SAVED.glob("*.json"))]


def _saved(name: str) -> GoldPage:
    page, source, expect = saved_page(name)
    return GoldPage(
        name=name,
        language=expect.get("language", ""),
        page=page,
        source=source,
        title=expect.get("title", ""),
        authors=tuple(expect["authors"]) if "authors" in expect else None,
        published_at=_instant(expect.get("published_at")),
        keep=tuple(expect.get("text", ())),
        drop=(),
    )


def newsroom_pages() -> Iterator[GoldPage]:
    """Yield the newsroom's stories, each fetched from its own listing or taken from its list."""
    source, site = load_sources()["sample"], Site(edition=1, articles=None)
    for story in stories():
        if story.from_edition != 1 or story.slug in HEADLINES:
            continue
        expect = story.expect
        yield GoldPage(
            name=story.slug,
            language=expect.language,
            page=_fetched(_listings()[story.title], site),
            source=source,
            title=expect.title,
            authors=expect.authors,
            published_at=_instant(expect.published_at),
            keep=expect.keep,
            drop=expect.drop,
        )


@cache
def _listings() -> dict[str, Listing]:
    """Return what the newsroom lists, by title."""
    source, site = load_sources()["sample"], Site(edition=1, articles=None)
    kinds = [kind_of(declared, source, Span(), FETCHED_AT) for declared in source.lists]
    found = [
        listing
        for kind in kinds
        for ask in kind.first()
        for listing in kind.read(ask, site.answer(ask.url.removeprefix(HOME)).body).listings
    ]
    return {listing.title: listing for listing in merged(found, source)}


def _fetched(listing: Listing, site: Site) -> Page:
    answer = site.answer(listing.url.removeprefix(HOME))
    return Page(
        listing=listing,
        url=listing.url,
        status=200 if listing.is_full else answer.status,
        content_type=answer.content_type,
        body=listing.body.encode() if listing.is_full else answer.body,
        fetched_at=FETCHED_AT,
        kind="item" if listing.is_full else "html",
    )


def _instant(said: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) and said else said or None


def is_kept(said: str | tuple[str, ...], text: str) -> bool:
    """Tell whether a text has a sentence, or all cells of a row on one line."""
    if isinstance(said, str):
        return said in text
    return any(all(cell in line for cell in said) for line in text.split("\n"))
