"""What every kind of list has in common: instants read, lines of the same article merged."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tasks.articles.records import Listing
from tasks.articles.urls import url_identity
from tasks.sources.schema import Source


def read_instant(text: str | None, source: Source) -> datetime | None:
    """Return an ISO 8601 instant in UTC; one without an offset is in the source's time zone."""
    try:
        instant = datetime.fromisoformat((text or "").strip())
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(source.timezone))
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def merged(listings: Iterable[Listing], source: Source) -> list[Listing]:
    """Return one listing for each article, in the order first listed.

    A source often lists an article several times, in several lists and spellings of its URL. The
    first line wins; the later ones fill what it lacks, and the latest ``updated_at`` counts.
    """
    found: dict[str, Listing] = {}
    for listing in listings:
        article = source.publisher_id(listing.url) or url_identity(listing.url) or listing.guid
        earlier = found.get(article)
        found[article] = _merge(earlier, listing) if earlier else listing
    return list(found.values())


def _merge(first: Listing, second: Listing) -> Listing:
    updates = [at for at in (first.updated_at, second.updated_at) if at]
    body = first if first.is_full or not second.is_full else second
    return replace(
        first,
        title=first.title or second.title,
        authors=first.authors or second.authors,
        published_at=first.published_at or second.published_at,
        updated_at=max(updates, default=None),
        language=first.language or second.language,
        tickers=tuple(dict.fromkeys(first.tickers + second.tickers)),
        topics=tuple(dict.fromkeys(first.topics + second.topics)),
        body=body.body or first.body or second.body,
        is_full=body.is_full,
    )
