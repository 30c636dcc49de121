"""Under which key an article is kept, whichever of the declared sources lists it."""

from collections.abc import Mapping
from uuid import UUID

from tasks.articles.identity import article_key
from tasks.sources.schema import Source


def key_of(
    source: Source,
    sources: Mapping[str, Source],
    *,
    publisher_id: str = "",
    url: str = "",
    guid: str = "",
) -> UUID:
    """Return the key of an article that ``source`` lists: by its id, else its URL, else its guid.

    An address on the site of another declared source has that one's key: an aggregator's list
    knows nothing of the publisher's ids, and names the same article.
    """
    if own_id := publisher_id or source.publisher_id(url):
        return article_key(source.publisher, publisher_id=own_id)
    for other in sources.values():
        if their_id := other.publisher_id(url):
            return article_key(other.publisher, publisher_id=their_id)
    return article_key(source.publisher, url=url, guid=guid)
