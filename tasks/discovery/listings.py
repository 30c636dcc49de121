"""What every kind of list has in common: lines of the same article merged, lines of a past day."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from tasks.articles.records import Listing, Span
from tasks.articles.urls import url_identity
from tasks.sources.schema import FeedList, SitemapList, Source

_DAY = re.compile(r"/((?:19|20)\d\d|[12]\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/-])")
_WORDS = re.compile(r"\w+")


def split_words(text: str) -> tuple[str, ...]:
    """Return the parts of a text between commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def in_span(listings: Iterable[Listing], span: Span) -> list[Listing]:
    """Return those of a past stretch of time; all when it has no end, because it is now.

    A line belongs to when it says its article was published; else to the day of its list, else to
    that in its URL, else to when it was changed. One that says nothing of the kind may belong to
    any time.
    """
    if span.until is None:
        return list(listings)
    return [listing for listing in listings if _is_in(listing, span)]


def _is_in(listing: Listing, span: Span) -> bool:
    if listing.published_at is None and (day := _day_told(listing)):
        # The day is one of the publisher's zone, which may begin half a day before or after UTC's.
        half = timedelta(hours=12)
        until = span.until and span.until + half
        return (span.since is None or day + timedelta(days=1) > span.since - half) and (
            until is None or day < until
        )
    return span.has(listing.published_at or listing.updated_at)


def day_of(listing: Listing) -> date | None:
    """Return the one day, of UTC, that a line belongs to; None when nothing says which."""
    if listing.published_at:
        return listing.published_at.astimezone(UTC).date()
    told = _day_told(listing) or listing.updated_at
    return told.astimezone(UTC).date() if told else None


def _day_told(listing: Listing) -> datetime | None:
    """Return the day of a line's list or in its URL, as its midnight UTC."""
    if listing.day:
        return datetime.combine(listing.day, time(), UTC)
    return day_in(listing.url)


def day_in(url: str) -> datetime | None:
    """Return the day that an address names, /2026/11/17/ or /26/11/17/, as its midnight UTC."""
    match = _DAY.search(url)
    if not match:
        return None
    year, month, day = map(int, match.groups())
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC)  # noqa: PLR2004
    except ValueError:
        return None


def merged(listings: Iterable[Listing], source: Source) -> list[Listing]:
    """Return one listing for each article, in the order first listed.

    A source often lists an article several times, in several lists and spellings of its URL. The
    first line wins; the later ones fill what it lacks, and the latest ``updated_at`` counts.
    """
    found: dict[str, Listing] = {}
    changes: dict[str, datetime] = {}
    for listing in listings:
        article = _article(listing, source)
        earlier = found.get(article)
        found[article] = _merge(earlier, listing) if earlier else listing
        if changed_at := _changed_at(listing, source):
            changes[article] = max(changed_at, changes.get(article, changed_at))
    return [
        replace(listing, line=_line(article, listing, changes.get(article), source))
        for article, listing in found.items()
    ]


def _article(listing: Listing, source: Source) -> str:
    publisher_id = listing.publisher_id or source.publisher_id(listing.url)
    return f"id {publisher_id}" if publisher_id else url_identity(listing.url) or listing.guid


def _changed_at(listing: Listing, source: Source) -> datetime | None:
    """Return when an article was changed after it was published, as one line says by itself.

    In a sitemap a date of change alone may be that of publication: it counts where there is no
    other list to tell them apart, so that the line means the same with and without the others.
    """
    published_at, updated_at = listing.published_at, listing.updated_at
    if published_at is None:
        is_only = all(isinstance(declared, SitemapList) for declared in source.lists)
        return updated_at if listing.is_full or listing.is_removed or is_only else None
    return updated_at if updated_at and updated_at > published_at else None


def _line(article: str, listing: Listing, changed_at: datetime | None, source: Source) -> str:
    """Return what tells this line from others, and from itself in another state.

    Only what does not depend on which of the source's lists could be read this time: no spelling
    of the URL, no headline where a list of another kind may give it in other words.
    """
    if listing.line:
        return f"{article}\x1f{listing.line}"
    state = [changed_at.isoformat() if changed_at else ""]
    if listing.is_removed:
        state.append("removed")
    elif listing.is_full:
        state += [listing.title, listing.body]
    elif all(isinstance(declared, FeedList) for declared in source.lists):
        state.append(" ".join(_WORDS.findall(listing.title.casefold())))
    return "\x1f".join([article, *state])


def _merge(first: Listing, second: Listing) -> Listing:
    if first.file and second.file:
        return second  # a later capture of the same page
    if first.is_removed != second.is_removed:
        removed, other = (first, second) if first.is_removed else (second, first)
        is_back = other.updated_at and removed.updated_at and other.updated_at > removed.updated_at
        return other if is_back else removed
    updates = [at for at in (first.updated_at, second.updated_at) if at]
    body = first if first.is_full or not second.is_full else second
    return replace(
        first,
        url=first.url or second.url,
        title=first.title or second.title,
        authors=first.authors or second.authors,
        published_at=first.published_at or second.published_at,
        updated_at=max(updates, default=None),
        language=first.language or second.language,
        day=first.day or second.day,
        tickers=tuple(dict.fromkeys(first.tickers + second.tickers)),
        topics=tuple(dict.fromkeys(first.topics + second.topics)),
        body=body.body or first.body or second.body,
        is_full=body.is_full,
    )
