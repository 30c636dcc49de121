"""The pages that lie in files become pages as if they had been fetched when they were saved."""

from datetime import UTC, datetime
from pathlib import Path

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.articles.records import LONGEST_WAIT, Listing, Page
from tasks.discovery.folder import read_page
from tasks.discovery.warc import read_capture
from tasks.sources.schema import Source

# The same as of a page that is fetched.
KEPT_HEADERS = frozenset({"content-type", "etag", "last-modified", "date", "age", "cache-control"})
KEPT_HEADERS |= {"content-language", "retry-after", "link", "x-robots-tag"}


def page_of_file(listing: Listing, source: Source, now: datetime) -> Page:
    """Return the page of a listing in a file; ``now`` is UTC, and no page is later than that.

    It was fetched when the crawler says so (WARC-Date), or when the file was last changed. Raises
    Deferred while the file is not there, and Rejected for a damaged one.
    """
    path, limit = Path(listing.file), source.politeness.max_bytes
    if not path.is_file():
        raise Deferred(Reason.UNREACHABLE, f"{path} is not there; put it back", LONGEST_WAIT)
    headers: tuple[tuple[str, str], ...] = ()
    if listing.offset is None:
        saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        body, content_type = read_page(path, limit), "text/html"
    else:
        capture = read_capture(path, listing.offset, limit)
        if capture.url != listing.url:
            detail = f"{path} was changed: {listing.url} is not at byte {listing.offset:,} any more"
            raise Rejected(Reason.NOT_HTML, detail)
        saved_at, body, content_type = (
            capture.captured_at or now,
            capture.body,
            capture.content_type,
        )
        headers = tuple(sorted(said for said in capture.headers if said[0] in KEPT_HEADERS))
    return Page(
        listing=listing,
        url=listing.url,
        status=200,
        content_type=content_type,
        body=body,
        fetched_at=min(saved_at, now),
        requested_url=listing.url,
        headers=headers,
        asked_at=min(saved_at, now),
    )
