"""Which kind reads which declared list."""

from datetime import datetime

from tasks.articles.errors import NewsLedgerError
from tasks.articles.records import Span
from tasks.discovery.benzinga import Benzinga
from tasks.discovery.feeds import Feed
from tasks.discovery.kinds import Kind
from tasks.discovery.pages import Pages, is_by_date
from tasks.discovery.sitemaps import Sitemap
from tasks.sources.schema import (
    ArticleList,
    BenzingaList,
    FeedList,
    PagesList,
    SitemapList,
    Source,
)


def reaching_lists(source: Source) -> list[ArticleList]:
    """Return the lists that tell of past days. Raises NewsLedgerError where there is none."""
    found = [declared for declared in source.lists if _reaches_back(declared)]
    if not found:
        kinds = " and ".join(dict.fromkeys(f"a {declared.kind}" for declared in source.lists))
        raise NewsLedgerError(
            f"{source.name} cannot be backfilled: it has only {kinds} of what is newest. Add a list"
            " that reaches back to its file: kind 'sitemap', 'pages' with %Y, %m and %d in the url,"
            " 'benzinga', 'warc' or 'folder'."
        )
    return found


def _reaches_back(declared: ArticleList) -> bool:
    """Say whether a list can tell of any past day; others show only what is newest."""
    if isinstance(declared, PagesList):
        return is_by_date(declared)
    return not isinstance(declared, FeedList)


def kind_of(
    declared: ArticleList, source: Source, span: Span, now: datetime, token: str = ""
) -> Kind | None:
    """Return how a list on the web is read at ``now`` (UTC); None for one of files.

    ``token`` is that of the list's API, where it is one.
    """
    match declared:
        case FeedList():
            return Feed(declared, source, span, now)
        case SitemapList():
            return Sitemap(declared, source, span, now)
        case PagesList():
            return Pages(declared, source, span, now)
        case BenzingaList():
            return Benzinga(declared, source, span, now, token)
    return None
