"""Tries a source for real: what each of its lists gives, and what becomes of one article."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flows.clock import utc_now
from tasks.articles.errors import ItemError
from tasks.articles.records import Article, Listing, Page, Span, TickerTag
from tasks.discover import Secret, discover
from tasks.discovery.shared_ids import complaint, shared_ids
from tasks.extraction.extract import extract
from tasks.extraction.reading import read_page
from tasks.fetch import fetch
from tasks.sources.draft import guess_id_pattern
from tasks.sources.examples import broken_examples, clashes
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.schema import ArticleList, FeedList, Source, WarcList
from tasks.tagging.tagger import load_tagger
from tasks.tagging.tickers.evidence import PUBLISHED
from tasks.web.client import Client

LATELY = timedelta(days=2)  # how far back an API, a sitemap or a page of links is asked
STALE = timedelta(days=7)  # a list whose newest line is older is likely a dead one
AHEAD = timedelta(hours=1)  # a time further in the future is in the wrong time zone
FEW_CHARACTERS = 300  # of a text: less is a teaser, or a wall
TRIES = 3  # articles that are fetched until one can be read
SEVERAL = 3  # lines of a list, from which on it says something that all are alike
MOST = 0.5  # of the lines: where fewer are as they should be, it is said


@dataclass(frozen=True, slots=True)
class CheckedList:
    """What one list gave; ``problem`` says why it gave nothing, or not all."""

    url: str  # or the paths of files
    kind: str
    listings: list[Listing]
    problem: str

    @property
    def instants(self) -> list[datetime]:
        """The instants that its lines state, in order."""
        stated = (listing.published_at or listing.updated_at for listing in self.listings)
        return sorted(instant for instant in stated if instant)


@dataclass(slots=True)
class Check:
    """What was found: the lists, one article, and what looks wrong, in sentences."""

    source: Source
    lists: list[CheckedList] = field(default_factory=list)
    article: Article | None = None
    tickers: Sequence[TickerTag] = ()  # that are found in it, surely enough to be published
    warnings: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # those of the warnings that are its file's

    @property
    def listings(self) -> list[Listing]:
        """All lines, list by list."""
        return [listing for checked in self.lists for listing in checked.listings]

    @property
    def works(self) -> bool:
        """Say whether every list gave something, one article was read, and nothing is at fault."""
        is_read = all(checked.listings for checked in self.lists)
        return is_read and self.article is not None and not self.faults

    def blame(self, sentences: Iterable[str]) -> None:
        """Warn of what the source's file says wrongly."""
        told = list(sentences)
        self.warnings += told
        self.faults += told


async def check_source(
    source: Source,
    sources: Mapping[str, Source],
    contact: str,
    tokens: Mapping[str, Secret],
    routes: Mapping[str, str] | None = None,
) -> Check:
    """Ask all lists of a source, and fetch and read one of its articles; nothing is stored.

    Raises SettingsError where its servers may not be asked yet (no contact, no token).
    """
    check = Check(source)
    check.blame(broken_examples(source))
    check.warnings += clashes(source, sources)
    with ExitStack() as stack:
        found = dict(routes or {})
        if source.bundled:
            newsroom = stack.enter_context(Newsroom())
            found[urlsplit(source.home).hostname or ""] = newsroom.address
        async with Client(contact=contact, routes=found, attempts=2) as client:
            for declared in source.lists:
                checked = await _ask(source, declared, client, tokens)
                check.lists.append(checked)
                check.warnings += _about_list(checked)
                check.blame(_about_shared(checked.listings, source))
            check.blame(_about_ids(check.listings, source))
            check.warnings += _about_addresses(check.listings, source)
            await _read_one(check, client)
    return check


async def _ask(
    source: Source, declared: ArticleList, client: Client, tokens: Mapping[str, Secret]
) -> CheckedList:
    alone = source.model_copy(update={"lists": (declared,)})
    span = Span() if isinstance(declared, FeedList) else Span(since=utc_now() - LATELY)
    place = getattr(declared, "url", "") or ", ".join(getattr(declared, "files", ()))
    if isinstance(declared, WarcList) and any("://" in file for file in declared.files):
        told = "a run copies WARC files from the web; to check, name one that you have here"
        return CheckedList(place, declared.kind, [], told)
    try:
        found = await discover.fn(alone, client, utc_now, span=span, tokens=tokens)
    except ItemError as error:
        return CheckedList(place, declared.kind, [], str(error))
    clashing = _about_shared(found.listings, source)  # said of its file
    problems = [problem for problem in found.problems if problem not in clashing]
    return CheckedList(place, declared.kind, found.listings, "; ".join(problems))


def _about_list(checked: CheckedList) -> list[str]:
    listings, instants = checked.listings, checked.instants
    if not listings:
        return [] if checked.problem else [f"{checked.url} lists nothing"]
    told = _about_instants(instants, len(listings))
    return [f"{checked.url}: {sentence}" for sentence in told]


def _about_shared(listings: Sequence[Listing], source: Source) -> list[str]:
    return complaint(list(shared_ids(listings, source)), source)


def _about_ids(listings: Sequence[Listing], source: Source) -> list[str]:
    urls = {listing.url for listing in listings if listing.url}
    with_id = sum(bool(source.publisher_id(url)) for url in urls)
    if not source.id_pattern or with_id >= MOST * len(urls):
        return []
    return [f"id_pattern finds an id in {with_id} of {len(urls)} addresses"]


def _about_addresses(listings: Sequence[Listing], source: Source) -> list[str]:
    urls = list(dict.fromkeys(listing.url for listing in listings if listing.url))
    told = []
    if not source.id_pattern and (guess := guess_id_pattern(urls)):
        told.append(
            f"addresses may hold an id: if it is the publisher's own, say id_pattern = '{guess}'"
        )
    elsewhere = sum(not _is_at(url, source) for url in urls)
    if elsewhere > MOST * len(urls):
        told.append(f"{elsewhere} of {len(urls)} addresses are not at {source.publisher}")
    return told


def _about_instants(instants: Sequence[datetime], lines: int) -> list[str]:
    if not instants:
        return ["no line has a date: the page's own will count"]
    told = []
    if len(instants) < MOST * lines:
        told.append(f"only {len(instants)} of {lines} lines have a date")
    if instants[0] == instants[-1] and len(instants) >= SEVERAL:
        told.append(f"all lines have the same time, {instants[0]:%Y-%m-%d %H:%M} UTC")
    if instants[-1] < utc_now() - STALE:
        told.append(f"the newest line is of {instants[-1]:%Y-%m-%d}; is this list still kept up?")
    if instants[-1] > utc_now() + AHEAD:
        told.append(
            f"the newest line is of {instants[-1]:%Y-%m-%d %H:%M} UTC, in the future; "
            "is the timezone right?"
        )
    return told


def _is_at(url: str, source: Source) -> bool:
    host = f".{urlsplit(url).hostname or ''}"
    home = (urlsplit(source.home).hostname or "").removeprefix("www.")
    return host.endswith((f".{source.publisher}", f".{home}"))


async def _read_one(check: Check, client: Client) -> None:
    """Fetch articles, the first ones listed, until one can be read; headlines alone come last."""
    source = check.source
    alive = [listing for listing in check.listings if not listing.is_removed]
    alive.sort(key=lambda listing: listing.is_full and not listing.body.strip())
    for listing in alive[:TRIES]:
        fetched = await fetch.fn([listing], {source.name: source}, client, utc_now)
        check.warnings += [f"{listing.place}: {o.reason}: {o.detail}" for o in fetched.outcomes]
        for page in fetched.pages:
            try:
                check.article = extract(page, source)
            except ItemError as error:
                check.warnings.append(str(error))
                continue
            found = load_tagger().tag(check.article).tickers
            check.tickers = [ticker for ticker in found if ticker.confidence >= PUBLISHED]
            check.blame(_about_region(check.article, page, source))
            check.warnings += _about_article(check.article, page, source)
            return


def _about_region(article: Article, page: Page, source: Source) -> list[str]:
    selector = source.article.region
    if not selector or page.kind != "html":
        return []
    region = read_page(page, source).region
    if region is not None and region.how == "declared":
        return []
    return [f"{article.url or page.listing.place}: region {selector!r} finds no article there"]


def _about_article(article: Article, page: Page, source: Source) -> list[str]:
    told = []
    if len(article.text) < FEW_CHARACTERS:
        told.append(f"the text has only {len(article.text)} characters; is the rest behind a wall?")
    if article.text_from != "page" and page.kind == "html":
        told.append(f"the text is not the page's but from {article.text_from}")
    if not article.published_at:
        told.append("no published time was found")
    elif article.published_at_precision == "day":
        told.append("the published time is known to the day only")
    if article.language and article.language not in source.languages:
        told.append(f"it is written in {article.language!r}, which languages does not name")
    return [f"{article.url or page.listing.place}: {sentence}" for sentence in told]
