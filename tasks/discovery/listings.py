"""What every kind of list has in common: lines of the same article are merged."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from tasks.articles.records import Listing
from tasks.articles.urls import url_identity
from tasks.sources.schema import FeedList, SitemapList, Source

_WORDS = re.compile(r"\w+")


def split_words(text: str) -> tuple[str, ...]:
    """Return the parts of a text between commas, each once."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def merged(
    listings: Iterable[Listing], source: Source, apart: Collection[str] = ()
) -> list[Listing]:
    """Return one listing for each article, in the order first listed.

    A source often lists an article several times, in several lists and spellings of its URL. The
    first line wins; the later ones fill what it lacks, and the latest ``updated_at`` counts. The
    addresses in ``apart`` are articles of their own, whatever id they have.
    """
    found: dict[str, Listing] = {}
    changes: dict[str, datetime] = {}
    for listing in listings:
        article = _article(listing, source, apart)
        earlier = found.get(article)
        found[article] = _merge(earlier, listing) if earlier else listing
        if changed_at := _changed_at(listing, source):
            changes[article] = max(changed_at, changes.get(article, changed_at))
    return [
        replace(listing, line=_line(article, listing, changes.get(article), source))
        for article, listing in found.items()
    ]


def _article(listing: Listing, source: Source, apart: Collection[str]) -> str:
    address = url_identity(listing.url)
    own_id = "" if address in apart else source.publisher_id(listing.url)
    if publisher_id := listing.publisher_id or own_id:
        return f"id {publisher_id}"
    return address or listing.file or listing.guid


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
