"""A declared source for the tests of lists, and how a list is read."""

from datetime import UTC, datetime

from tasks.articles.records import Listing, Span
from tasks.discovery.kinds import Ask, Found
from tasks.discovery.lists import kind_of
from tasks.sources.schema import ArticleList, FeedList, Source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FEED = FeedList(kind="feed", url="https://www.news.example/feed")


def source(*lists: ArticleList, **said: object) -> Source:
    """Return a source in New York with these lists."""
    declared = {
        "name": "news",
        "title": "News",
        "publisher": "news.example",
        "home": "https://www.news.example/",
        "timezone": "America/New_York",
        "id_pattern": r"/(\d{6,9})(?:/|$)",
        "lists": lists or (FEED,),
        "politeness": {"per_minute": 60_000},  # nobody waits for a server on this machine
    }
    return Source(**(declared | said))  # type: ignore[arg-type]


SOURCE = source()


def read(
    declared: ArticleList, body: bytes | str, url: str = "", span: Span | None = None
) -> Found:
    """Read one document of a list on the web."""
    kind = kind_of(declared, source(declared), span or Span(), NOW, "secret")
    assert kind
    first = kind.first()[0]
    ask = Ask(url, depth=first.depth) if url else first
    return kind.read(ask, body.encode() if isinstance(body, str) else body)


def listed(declared: ArticleList, body: bytes | str, span: Span | None = None) -> list[Listing]:
    """Return what one document lists."""
    return list(read(declared, body, span=span).listings)
