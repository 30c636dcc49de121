"""Every story of the bundled newsroom, from its page to its tags, against its own labels."""

import re
from datetime import UTC, datetime
from functools import cache
from statistics import harmonic_mean

import pytest

from tasks.articles.records import Listing, Page, Span, TaggedArticle
from tasks.discovery.listings import merged
from tasks.discovery.lists import kind_of
from tasks.extraction.extract import extract
from tasks.sources.registry import load_sources
from tasks.sources.sample.site import Site
from tasks.sources.sample.story import HOME, Story, stories
from tasks.tagging.tagger import tag_article
from tasks.tagging.taxonomy import load_taxonomy
from tasks.tagging.tickers.evidence import PUBLISHED
from tests.facts import shown

SOURCE = load_sources()["sample"]
FETCHED_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
SITE = Site(edition=1, articles=None)
STORIES = [story for story in stories() if story.from_edition == 1]
MEND = "mend the rule or the story's [expect] table: tasks/sources/sample/stories/{}.toml"
# A page with nothing on it but a headline is rejected; the feed's item of it is not.
TOO_SHORT = 25  # characters: what is shorter may well stand in a story, too
HOLLOW = {"zebra-headline"}


@cache
def listings() -> dict[str, Listing]:
    """Return what the newsroom lists, by title."""
    kinds = [kind_of(declared, SOURCE, Span(), FETCHED_AT) for declared in SOURCE.lists]
    found = [
        listing
        for kind in kinds
        for ask in kind.first()
        for listing in kind.read(ask, SITE.answer(ask.url.removeprefix(HOME)).body).listings
    ]
    return {listing.title: listing for listing in merged(found, SOURCE)}


@cache
def tagged(story: Story) -> TaggedArticle:
    """Take one story through extraction and tagging, as fetched from its listing."""
    listing = listings()[story.title]
    answer = SITE.answer(listing.url.removeprefix(HOME))
    page = Page(
        listing=listing,
        url=listing.url,
        status=answer.status,
        content_type=answer.content_type,
        body=answer.body,
        fetched_at=FETCHED_AT,
    )
    if listing.is_full:
        item = {"status": 200, "body": listing.body.encode(), "kind": "item"}
        page = Page(**{name: getattr(page, name) for name in Page.__slots__} | item)
    return tag_article(extract(page, SOURCE))


@pytest.fixture(params=[s for s in STORIES if s.slug not in HOLLOW], ids=lambda s: s.slug)
def story(request: pytest.FixtureRequest) -> Story:
    """Give each story that has an article."""
    found: Story = request.param
    return found


def test_text(story: Story) -> None:
    """What must be kept is kept, promos are dropped, and the frame is right."""
    article, expect = tagged(story).article, story.expect
    mend = MEND.format(story.slug)
    assert [kept for kept in expect.keep if kept not in article.text] == [], mend
    promos = [part for line in expect.drop for part in re.split(r"(?<=[.!?:]) ", line)]
    left = [promo for promo in promos if len(promo) > TOO_SHORT and promo in article.text]
    assert left == [], mend
    assert article.title == expect.title, mend
    assert article.authors == expect.authors, mend
    assert article.language == expect.language, mend
    assert article.published_at == datetime.fromisoformat(expect.published_at), mend


def test_tickers(story: Story) -> None:
    """Marked securities are found, with the story's own as primary, and no others."""
    found = [tag for tag in tagged(story).tickers if tag.confidence >= PUBLISHED]
    symbols = {f"{tag.exchange}:{tag.symbol}" for tag in found}
    expect, mend = story.expect, MEND.format(story.slug)
    assert set(expect.tickers) <= symbols, mend
    assert symbols <= {*expect.tickers, *expect.names}, mend
    if expect.primary in expect.tickers:
        assert expect.primary in {
            f"{tag.exchange}:{tag.symbol}" for tag in found if tag.role == "primary"
        }, mend


@pytest.mark.parametrize("told", [s for s in STORIES if s.expect.facts], ids=lambda s: s.slug)
def test_facts(told: Story) -> None:
    """Where a reader noted down facts, they are found, each value of them, and no others."""
    found = tagged(told).facts
    assert [f"{f.kind} {shown(f)}" for f in found] == list(told.expect.facts), MEND.format(
        told.slug
    )
    texts = {"title": tagged(told).article.title, "text": tagged(told).article.text}
    assert all(texts[fact.field][fact.start : fact.end] == fact.text for fact in found)


def test_topics_are_of_the_taxonomy() -> None:
    """Labels that no rule could ever give would only lower the score."""
    known = set(load_taxonomy().topics)
    assert {topic for s in STORIES for topic in s.expect.topics} <= known


def test_topics_agree_with_the_editors() -> None:
    """Micro-F1 over all stories; those that are not about finance have no topic at all."""
    right = wrong = missed = 0
    for story in STORIES:
        if story.slug in HOLLOW:
            continue
        found, wanted = {tag.topic for tag in tagged(story).topics}, set(story.expect.topics)
        assert wanted or not found, f"{story.slug} is not about finance, and got {found}"
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)
    f1 = harmonic_mean([right / (right + wrong), right / (right + missed)])
    assert f1 >= 0.8, f"{right} right, {wrong} wrong, {missed} missed: F1 is {f1:.2f}"
