"""What the pipeline makes of a page, without Prefect and without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.clock import utc_now
from tasks.articles.errors import ItemError, NewsLedgerError
from tasks.articles.records import (
    Article,
    Fingerprint,
    Listing,
    Outcome,
    Page,
    TaggedArticle,
    TopicTag,
)
from tasks.articles.urls import clean_url
from tasks.extraction.extract import extract
from tasks.sources.registry import source_of
from tasks.sources.schema import Source
from tasks.tagging.learning.model_file import ModelFile
from tasks.tagging.tagger import load_tagger
from tasks.tagging.tickers.evidence import PUBLISHED
from tasks.web.client import Client
from tasks.web.pages import fetch_page

SHOWN = (
    "title",
    "authors",
    "published_at",
    "published_at_from",
    "published_at_precision",
    "published_at_doubts",
    "source_updated_at",
    "language",
    "text",
    "publisher_tickers",
    "publisher_topics",
)


async def inspect_page(
    place: str,
    url: str,
    read_as: Source | None,
    sources: Mapping[str, Source],
    contact: str,
    *,
    page: Page | None = None,
    model: ModelFile | None = None,
) -> dict[str, Any]:
    """Return what becomes of one file or http(s) address, in the keys of ``inspect --json``.

    A ``.txt`` file is the text of an article, any other one a page. ``url`` is where a file came
    from. ``page`` is the archived one of this place: nothing is read or fetched then. Without
    ``read_as``, the source that it was fetched for is used, or the declared one of the page's host,
    or a generic one. ``model`` judges the topics beside the rules. Raises NewsLedgerError for a
    file that cannot be read, and KnowledgeError for a model that cannot be used.
    """
    is_address = place.startswith(("http://", "https://"))
    address = clean_url(page.url if page else place if is_address else url)
    source = read_as or _source_of(page, address, sources)
    listing = Listing(source=source.name, url=address, guid="" if is_address else place)
    archived = page
    try:
        if page is None:
            page = await _fetched(listing, source, contact) if is_address else _read(place, listing)
        article = extract(page, source)
        if not (read_as or address or archived):  # now the canonical link says whose page it is
            source = source_of(article.url, sources)
            article = extract(replace(page, listing=replace(listing, source=source.name)), source)
    except ItemError as error:
        outcome = Outcome.of_error(listing, error, utc_now()).outcome
        return _answer(place, address, outcome, error) | _archived(archived)
    tagged = load_tagger(model).tag(article)
    by_rules = load_tagger().weigh(article).tags if model else ()
    answer = _answer(place, article.url, "stored", tagged=tagged, by_rules=by_rules)
    return answer | _archived(archived)


def _source_of(page: Page | None, address: str, sources: Mapping[str, Source]) -> Source:
    """Return the source that a page was fetched for, or that of the address."""
    name = page.listing.source if page else ""
    return sources[name] if name in sources else source_of(address, sources)


def _archived(page: Page | None) -> dict[str, Any]:
    """Say which page of the archive was read, and of when; null for one that is not from there."""
    return {
        "page_id": str(page.page_id) if page else None,
        "fetched_at": page.fetched_at.isoformat() if page else None,
    }


def _answer(
    place: str,
    url: str,
    outcome: str,
    error: ItemError | None = None,
    *,
    tagged: TaggedArticle | None = None,
    by_rules: Sequence[TopicTag] = (),
) -> dict[str, Any]:
    tickers = tagged.tickers if tagged else ()
    kept = {tag.topic for tag in tagged.topics} if tagged else set()
    return {
        "input": place,
        "url": url or None,
        "outcome": outcome,
        "reason": error.reason if error else None,
        "detail": error.detail if error else None,
        "article": _article(tagged.article) if tagged else None,
        "tickers": [asdict(t) for t in tickers if t.confidence >= PUBLISHED],
        "weak_tickers": [asdict(t) for t in tickers if t.confidence < PUBLISHED],
        "topics": [asdict(topic) for topic in tagged.topics] if tagged else [],
        "removed_topics": [asdict(tag) for tag in by_rules if tag.topic not in kept],
        "facts": [asdict(fact) for fact in tagged.facts] if tagged else [],
        "fingerprint": _fingerprint(tagged.fingerprint) if tagged else None,
    }


def _fingerprint(fingerprint: Fingerprint) -> dict[str, Any]:
    """Return what a person can read of it: all but the signature."""
    return {k: v for k, v in asdict(fingerprint).items() if k != "signature"}


def _article(article: Article) -> dict[str, Any]:
    shown = {name: getattr(article, name) for name in SHOWN}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in shown.items()
    }


def _read(place: str, listing: Listing) -> Page:
    try:
        body = Path(place).read_bytes()
    except OSError as error:
        raise NewsLedgerError(f"{place} cannot be read: {error.strerror}.") from error
    return Page(
        listing=listing,
        url=listing.url,
        status=200,
        content_type="",
        body=body,
        fetched_at=utc_now(),
        kind="item" if place.endswith(".txt") else "html",
    )


async def _fetched(listing: Listing, source: Source, contact: str) -> Page:
    """Fetch an address that a person typed: it may be in their own network."""
    meant = source.politeness.model_copy(update={"allow_private": True})
    theirs = source.model_copy(update={"home": listing.url, "politeness": meant})
    async with Client(contact=contact) as client:
        return await fetch_page(listing, theirs, client, utc_now)
