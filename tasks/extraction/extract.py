"""Turns a page into an article: the road from bytes to text, names, instants and tickers."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from tasks.articles.errors import Reason, Rejected, Removed
from tasks.articles.identity import article_key, content_hash
from tasks.articles.records import Article, Page
from tasks.extraction import meta as head
from tasks.extraction import structured
from tasks.extraction.addresses import is_section_above
from tasks.extraction.body import TRAFILATURA_VERSION
from tasks.extraction.bylines import bylines, later_bylines
from tasks.extraction.characters import clean_line
from tasks.extraction.language import language_of
from tasks.extraction.lines import clean_lines
from tasks.extraction.markup import publisher_tickers
from tasks.extraction.missing import refuse_missing
from tasks.extraction.names import clean_authors, signatures
from tasks.extraction.published import find_published
from tasks.extraction.reading import Reading, read_item, read_page
from tasks.extraction.rules import rules_hash
from tasks.extraction.story import Story, TextFrom, choose_story
from tasks.extraction.titles import choose_title
from tasks.sources.schema import Source

_REVISION = 7  # raised by hand when the same page would give another article
EXTRACTOR_VERSION = f"{_REVISION}+trafilatura-{TRAFILATURA_VERSION}+{rules_hash()}"
_MAX_TOPICS = 60
Names = Callable[..., tuple[str, ...]]  # clean_authors or signatures
_LABEL = re.compile(r"^(?:tag|category|channel|keyword|section)s?:\s*", re.IGNORECASE)
_GONE, _OK, _NOT_OK = 410, 200, 300


def extract(page: Page, source: Source) -> Article:
    """Return the article on a page; the same page gives the same article, always.

    Raises Removed(GONE) for HTTP 410, Rejected with the reason why there is no article, and
    Deferred(REFUSED) for a wall against robots. Reads no clock, no network and no environment.
    """
    _check_status(page, source)
    reading = read_item(page, source) if page.kind == "item" else read_page(page, source)
    title = _title(reading)
    authors = _authors(reading)
    story = _story(reading, title, authors or _newsroom(reading))
    text = "\n".join(story.lines)
    if page.kind == "html":
        titles = [title, reading.h1, reading.document_title]
        refuse_missing(titles, text, page.url or page.listing.place)
    if not text and (page.kind == "html" or not title):
        raise Rejected(
            Reason.NO_TEXT,
            f"There is no article text at {page.url or page.listing.place}; if a browser shows "
            "one, name its region under [article] in the source's file.",
        )
    return _article(reading, title, authors, text, story)


def _article(
    reading: Reading, title: str, authors: tuple[str, ...], text: str, story: Story
) -> Article:
    page, source, listing = reading.page, reading.source, reading.page.listing
    language = language_of(f"{title}\n{text}", source.languages, listing.language)
    published = find_published(
        page,
        reading.tree if page.kind == "html" else None,
        reading.region,
        reading.json_ld,
        reading.meta,
        embedded=reading.embedded,
        zone=source.timezone,
        language=language,
    )
    url, publisher_id = _address(reading)
    instant = published.instant
    return Article(
        article_key=article_key(
            source.publisher,
            publisher_id=publisher_id or listing.publisher_id,
            url=url,
            guid=listing.guid,
        ),
        listing_id=listing.listing_id,
        page_id=page.page_id,
        source=source.name,
        url=url,
        title=title,
        authors=authors,
        text=text,
        text_from=story.text_from,
        language=language,
        published_at=instant.at if instant else None,
        published_at_from=published.place,
        published_at_doubts=published.doubts,
        published_at_precision=instant.precision if instant else "",
        source_updated_at=published.updated_at,
        first_seen_at=page.fetched_at,
        publisher_tickers=_tickers(reading),
        publisher_topics=_topics(reading),
        content_hash=content_hash(title, text),
        extractor_version=EXTRACTOR_VERSION,
    )


def _check_status(page: Page, source: Source) -> None:
    """Refuse by what is known before the body is read."""
    where = page.url or page.listing.place
    if page.status == _GONE:
        raise Removed(Reason.GONE, f"{where} answers 410: the publisher took it down.")
    if not _OK <= page.status < _NOT_OK:
        raise Rejected(Reason.HTTP_STATUS, f"{where} answers HTTP {page.status}.")
    if len(page.body) > source.politeness.max_bytes:
        raise Rejected(
            Reason.TOO_LARGE,
            f"{where} has {len(page.body):,} bytes; the source allows "
            f"{source.politeness.max_bytes:,} (max_bytes under [politeness]).",
        )


def _title(reading: Reading) -> str:
    listed = reading.page.listing.title
    if reading.page.kind == "item":
        return choose_title(
            headline=listed, h1="", social=(), document="", listed="", sites=reading.sites
        )
    return choose_title(
        headline=structured.first_string(
            reading.json_ld.get("headline") or reading.embedded.get("headline")
        ),
        h1=reading.h1,
        social=tuple(head.values(reading.meta, head.TITLE)),
        document=reading.document_title,
        listed=listed,
        sites=reading.sites,
    )


def _authors(reading: Reading) -> tuple[str, ...]:
    """Return the persons from the first place that names one; () where only a newsroom signs.

    JSON-LD, meta, the page's data, the byline, the list; of an item only its list.
    """
    return next(filter(None, _each_place(reading, partial(clean_authors, sites=reading.sites))), ())


def _newsroom(reading: Reading) -> tuple[str, ...]:
    """Return who signs where no person does: what stands above or below the story as a byline."""
    return next(filter(None, _each_place(reading, signatures)), ())


def _each_place(reading: Reading, names: Names) -> Iterator[tuple[str, ...]]:
    if reading.page.kind != "item":
        yield names(structured.persons(reading.json_ld.get("author")))
        yield names(head.authors(reading.meta))
        yield names(structured.strings(reading.embedded.get("author")))
        yield names(_visible(reading), is_byline=True)
        if reading.tree is not None:
            yield names(later_bylines(reading.tree), is_byline=True)
    yield names(reading.page.listing.authors)


def _visible(reading: Reading) -> list[str]:
    if reading.tree is None or reading.region is None:
        return []
    return bylines(reading.tree, reading.region)


def _story(reading: Reading, title: str, authors: Sequence[str]) -> Story:
    listing, extra = reading.page.listing, reading.source.article.boilerplate

    def clean(lines: list[str], linked: Collection[str]) -> list[str]:
        return clean_lines(
            lines,
            title=title,
            authors=authors,
            sections=_topics(reading),
            linked=linked,
            extra=extra,
        )

    listed = listing.body if reading.page.kind == "html" else ""
    bodies: dict[TextFrom, str] = {
        "json_ld": structured.article_body(reading.json_ld),
        "embedded": structured.article_body(reading.embedded),
    }
    story = choose_story(reading.region, bodies, listed, clean)
    if reading.page.kind == "item" and story.text_from == "page":
        return replace(story, text_from="list")
    return story


def _address(reading: Reading) -> tuple[str, str]:
    """Return the article's address and the publisher's id in it.

    The canonical link counts only when it has an id wherever the page's own address has one.
    Raises Rejected(REDIRECTED_AWAY) for a page that is not the listing's article.
    """
    page, source = reading.page, reading.source
    own = page.url or page.listing.url
    own_id = source.publisher_id(own) or source.publisher_id(page.listing.url)
    canonical = ""
    if reading.tree is not None and page.kind == "html":
        canonical = head.canonical_url(reading.tree, reading.meta, own)
        _check_redirect(page, source, canonical)
    canonical_id = source.publisher_id(canonical)
    if canonical and (canonical_id or not own_id):
        return canonical, canonical_id
    return own, own_id


def _check_redirect(page: Page, source: Source, canonical: str) -> None:
    """Refuse a home page, a section or any page without the listing's id in place of it."""
    listed, own = page.listing.url, page.url or page.listing.url
    listed_id = source.publisher_id(listed)
    found = {source.publisher_id(own), source.publisher_id(canonical)} - {""}
    if is_section_above(own, listed) or (listed_id and not found):
        raise Rejected(
            Reason.REDIRECTED_AWAY,
            f"{listed} leads to {own}, which is not an article of its own; the publisher may have "
            "taken it down.",
        )


def _tickers(reading: Reading) -> tuple[str, ...]:
    said = [
        *structured.ticker_symbols(reading.json_ld),
        *(
            symbol
            for value in head.values(reading.meta, head.TICKERS)
            for symbol in value.split(",")
        ),
        *reading.page.listing.tickers,
    ]
    if reading.region is None:
        return tuple(dict.fromkeys(clean_line(text) for text in said if clean_line(text)))
    return publisher_tickers(reading.region, reading.source.article.tickers, said)


def _topics(reading: Reading) -> tuple[str, ...]:
    """Return section, keywords and categories as printed, each once."""
    meta, json_ld = reading.meta, reading.json_ld
    keywords = structured.strings(json_ld.get("keywords")) or list(head.values(meta, head.KEYWORDS))
    tags = [*keywords, *head.values(meta, head.TAGS)]
    said = [
        *structured.strings(json_ld.get("articleSection")),
        *head.values(meta, head.SECTION),
        *(_LABEL.sub("", part.strip()) for text in tags for part in text.split(",")),
        *reading.page.listing.topics,
    ]
    cleaned = [text for raw in said if (text := clean_line(raw))]
    once: dict[str, str] = {}
    for text in cleaned:
        once.setdefault(text.casefold(), text)
    return tuple(once.values())[:_MAX_TOPICS]
