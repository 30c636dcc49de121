"""What a person wants taken down: an article's key, or an address as they have it."""

from collections.abc import Iterable
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
    try:
        return Request(run_id=uuid4(), keys=frozenset({UUID(given)}), places=frozenset(), why=why)
    except ValueError:
        url = clean_url(given)
    if not url:
        raise NewsLedgerError(f"{url_or_key!r} is neither an article_key nor an http(s) address.")
    keys = {article_key("", url=url)}
    for source in sources:
        if publisher_id := source.publisher_id(url):
            keys.add(article_key(source.publisher, publisher_id=publisher_id))
    return Request(run_id=uuid4(), keys=frozenset(keys), places=frozenset({given, url}), why=why)
