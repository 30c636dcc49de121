"""What a person wants taken down: an article's key, or an address as they have it."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID, uuid4

from tasks.articles.errors import NewsLedgerError
from tasks.articles.identity import article_key
from tasks.articles.urls import clean_url
from tasks.sources.schema import Source
from warehouse.burial import Request


def request_of(url_or_key: str, why: str, sources: Iterable[Source]) -> Request:
    """Return the request; an address stands for every key that it could have led to.

    Raises NewsLedgerError for what is neither.
    """
    given = url_or_key.strip()
    keys = article_keys(given, sources)
    if not keys:
        raise NewsLedgerError(f"{url_or_key!r} is neither an article_key nor an http(s) address.")
    url = clean_url(given)
    places = frozenset({given, url}) if url else frozenset[str]()
    return Request(run_id=uuid4(), keys=keys, places=places, why=why)


def article_keys(url_or_key: str, sources: Iterable[Source]) -> frozenset[UUID]:
    """Return the key, or every key that an address could have led to; none for what is neither."""
    with suppress(ValueError):
        return frozenset({UUID(url_or_key.strip())})
    url = clean_url(url_or_key)
    if not url:
        return frozenset()
    ids = ((source.publisher, source.publisher_id(url)) for source in sources)
    keys = {article_key(publisher, publisher_id=given) for publisher, given in ids if given}
    return frozenset({article_key("", url=url), *keys})
