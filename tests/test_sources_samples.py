"""Each shipped source reads its publisher's format: saved samples, served on loopback."""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from tasks.articles.records import Listing, Page
from tasks.discover import discover
from tasks.extraction.extract import extract
from tasks.extraction.reading import read_page
from tasks.fetch import fetch
from tasks.sources.examples import broken_examples, clashes, unproven_patterns
from tasks.sources.registry import load_sources
from tasks.sources.schema import Source
from tasks.web.client import Client
from tests.site import serving

SAMPLES = Path(__file__).parent / "sources"
SOURCES = load_sources()
SHIPPED = [name for name, source in SOURCES.items() if not source.bundled]
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TOKENS = {"benzinga": SecretStr("a token")}
TYPES = {".xml": "application/rss+xml", ".json": "application/json", ".html": "text/html"}


def expectation(name: str) -> dict[str, Any]:
    """Return what a source's sample must become."""
    path = SAMPLES / name / "expect.toml"
    if not path.exists():
        pytest.fail(
            f"The source {name} has no sample: save a list and a page of your own writing under "
            f"tests/sources/{name}/, in the publisher's mark-up, and say in expect.toml what they "
            "must become. CONTRIBUTING.md shows how; tests/sources/expansion is an example."
        )
    return tomllib.loads(path.read_text(encoding="utf-8"))


@contextmanager
def served(name: str, answers: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serve a sample's files; yield the routes by which a client finds them at their addresses.

    An answer without a query is given to any query, but an empty array to all pages but the first.
    """

    def answer(place: SplitResult) -> tuple[str, bytes] | None:
        file = answers.get(place.geturl()) or answers.get(place._replace(query="").geturl())
        if not file:
            return None
        is_later = int(parse_qs(place.query).get("page", ["0"])[0]) > 0
        body = b"[]" if is_later else (SAMPLES / name / file).read_bytes()
        return TYPES[Path(file).suffix], body

    with serving(answer) as address:
        yield {urlsplit(url).hostname or "": address for url in answers}


async def _read(source: Source, wanted: str, routes: dict[str, str]) -> tuple[Any, list[Page]]:
    brisk = source.politeness.model_copy(update={"per_minute": 60_000})
    source = source.model_copy(update={"politeness": brisk})
    async with Client(routes=routes, attempts=1) as client:
        found = await discover.fn(source, client, lambda: NOW, tokens=TOKENS)
        chosen = [listing for listing in found.listings if listing.url == wanted]
        fetched = await fetch.fn(chosen, {source.name: source}, client, lambda: NOW)
    assert not fetched.outcomes
    return found, fetched.pages


@pytest.fixture(scope="module")
def samples() -> dict[str, tuple[Any, list[Page]]]:
    """Keep what has been read, for the tests of one source."""
    return {}


def sample_of(name: str, samples: dict[str, tuple[Any, list[Page]]]) -> tuple[Any, list[Page]]:
    """Discover and fetch a source's sample, once."""
    if name not in samples:
        expected = expectation(name)
        with served(name, expected["answers"]) as routes:
            url = expected["article"].get("listed", expected["article"]["url"])
            samples[name] = asyncio.run(_read(SOURCES[name], url, routes))
    return samples[name]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_list_becomes_listings(name: str, samples: dict[str, tuple[Any, list[Page]]]) -> None:
    """Every list can be read, and the first line says what expect.toml says."""
    found, _ = sample_of(name, samples)
    expected = expectation(name)["listings"]
    assert found.problems == []
    assert len(found.listings) == expected["count"]
    first: Listing = found.listings[0]
    for field, value in expected["first"].items():
        assert _plain(getattr(first, field)) == value, f"{field} of {name}'s first listing"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_becomes_an_article(name: str, samples: dict[str, tuple[Any, list[Page]]]) -> None:
    """Title, authors, instant and tickers; the story's sentences stay and what is none goes."""
    _, pages = sample_of(name, samples)
    expected = expectation(name)["article"]
    article = extract(pages[0], SOURCES[name])
    if pages[0].kind == "html":
        region = read_page(pages[0], SOURCES[name]).region
        assert region
        assert region.how == "declared", f"no part of the page matches region in {name}.toml"
    for field in ("url", "title", "authors", "published_at", "publisher_tickers"):
        if field in expected:
            assert _plain(getattr(article, field)) == expected[field], f"{field} of {name}"
    assert article.language in SOURCES[name].languages
    missing = [line for line in expected["keeps"] if line not in article.text]
    left = [line for line in expected["drops"] if line in article.text]
    assert not missing, f"lost; name the region under [article] in {name}.toml"
    assert not left, f"left in; add a pattern to [article] boilerplate in {name}.toml"


@pytest.mark.parametrize("name", SOURCES)
def test_examples_in_source_files_hold(name: str) -> None:
    """Each pattern of a shipped file has an example, and does what its examples say."""
    source = SOURCES[name]
    assert list(broken_examples(source)) == []
    assert list(unproven_patterns(source)) == []
    assert list(clashes(source, SOURCES)) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sources_say_what_they_must(name: str) -> None:
    """Who publishes it, which edition, what may be done with it; and nobody is in a hurry."""
    source = SOURCES[name]
    assert source.edition
    assert source.licence
    assert source.article.region or all(declared.kind == "benzinga" for declared in source.lists)
    assert source.politeness.per_minute <= 120
    assert source.politeness.concurrency <= 2


def test_no_sample_is_left_over() -> None:
    """A source that went must take its sample with it."""
    assert {folder.name for folder in SAMPLES.iterdir()} == set(SHIPPED)


def _plain(value: object) -> object:
    """Return a record's value as TOML has it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
