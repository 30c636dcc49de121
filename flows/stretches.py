"""Which past days of a source are read together, and what its lists give for each of them.

Lists on the web are read for a stretch of days, as long as suits their kind. Files are read once
for the whole range, a part at a time, and what they hold goes to its days.
"""

from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from flows.batches import whole
from tasks.articles.errors import Deferred, ItemError
from tasks.articles.records import Document, Listing, Span
from tasks.discover import Discovery, discover
from tasks.discovery.days import Dating
from tasks.discovery.files import NEXT_POLL
from tasks.discovery.lists import reaching_lists
from tasks.sources.schema import (
    ArticleList,
    BenzingaList,
    FolderList,
    PagesList,
    SitemapList,
    Source,
    WarcList,
)
from tasks.web.client import Client
from warehouse.slices import Closing

DAY = timedelta(days=1)
ENOUGH = 1_000  # listings that are worked on together: stretches with fewer are put together
MOST_DEAD = 3  # stretches in a row whose lists cannot be reached: then the rest would fail, too
_API_DAYS, _PAGE_DAYS, _HOUR_DAYS = 3, 10, 2  # an API's items are whole articles: few at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What it takes to read a source's lists; ``clock`` gives UTC and never jumps ahead."""

    source: Source
    client: Client
    clock: Callable[[], datetime]
    tokens: Mapping[str, SecretStr]
    spool: Path


@dataclass(frozen=True, slots=True)
class Readout:
    """What the lists of some days gave; ``closings`` are those of days that have no more to come.

    Listings of which no list said the day are given to the newest; the closings name them.
    ``stopped`` says why the days after these were not read.
    """

    listings: Mapping[date, Sequence[Listing]]
    closings: Sequence[Closing] = ()
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Listings by day; those of which no list said the day are with the newest."""

    by_day: Mapping[date, Sequence[Listing]]
    undated: frozenset[UUID]

    def stated(self, day: date) -> int:
        """Return how many the lists themselves give to a day."""
        return sum(listing.listing_id not in self.undated for listing in self.by_day[day])


def stretches(lists: Sequence[ArticleList], days: Sequence[date]) -> Iterator[list[date]]:
    """Split days, in their order, into stretches of neighbours that are read together."""
    longest = min((most for declared in lists if (most := _longest(declared))), default=0)
    stretch = list(days[:1])
    for before, day in pairwise(days):
        is_next = abs(day - before) == DAY
        fits = len(stretch) < longest if longest else _month(day) == _month(before)
        if not (is_next and fits):
            yield stretch
            stretch = []
        stretch.append(day)
    if stretch:
        yield stretch


async def readouts(reader: Reader, days: Sequence[date]) -> AsyncIterator[Readout]:
    """Read the lists of these days, in their order, and give what is enough to work on at once.

    What goes wrong is in the readouts; the days after a source that is not there are left out.
    """
    lists = reaching_lists(reader.source)
    on_web = [x for x in lists if not isinstance(x, (WarcList, FolderList))]
    in_files = [x for x in lists if x not in on_web]
    problem, stated, read_at = "", Counter[date](), reader.clock()
    undated: frozenset[UUID] = frozenset()
    async for part, problems in _file_parts(reader, in_files, days):
        stated.update({day: part.stated(day) for day in part.by_day})
        undated |= part.undated
        problem = "; ".join(problems)
        yield Readout(part.by_day)
    if not on_web:
        closings = [Closing(day, stated[day], problem, read_at, undated) for day in days]
        yield Readout({}, closings)
        return
    async for read in _in_portions(_from_web(reader, on_web, days)):
        closings = [
            replace(
                closing,
                stated=closing.stated + stated[closing.day],
                error="; ".join(why for why in (problem, closing.error) if why),
                undated=closing.undated | undated,
            )
            for closing in read.closings
        ]
        yield replace(read, closings=closings)


async def _in_portions(parts: AsyncIterator[Readout]) -> AsyncIterator[Readout]:
    """Put small readouts together, so that days with few articles do not make small batches."""
    listings: dict[date, Sequence[Listing]] = {}
    closings: list[Closing] = []
    async for part in parts:
        listings |= part.listings
        closings += part.closings
        if sum(map(len, listings.values())) >= ENOUGH or part.stopped:
            yield Readout(listings, closings, part.stopped)
            listings, closings = {}, []
    if closings:
        yield Readout(listings, closings)


async def _from_web(
    reader: Reader, lists: Sequence[ArticleList], days: Sequence[date]
) -> AsyncIterator[Readout]:
    dead, waiting = 0, deque(stretches(lists, days))
    is_by_sitemap = all(isinstance(declared, SitemapList) for declared in lists)
    while waiting:
        stretch = waiting.popleft()
        read_at = reader.clock()
        found = await _ask(reader, lists, stretch)
        is_dead = isinstance(found, Deferred)
        dead = dead + 1 if is_dead else 0
        is_whole = isinstance(found, Discovery) and found.is_whole
        if len(stretch) > 1 and not (is_dead or is_whole or is_by_sitemap):
            waiting.extendleft([day] for day in reversed(stretch))  # only some days have the gap
        elif isinstance(found, Discovery):
            yield _read_out(reader, found, stretch, read_at, is_by_sitemap=is_by_sitemap)
        else:
            yield _unread(reader, found, stretch, read_at, is_last=dead == MOST_DEAD)
        if dead == MOST_DEAD:
            return


async def _ask(
    reader: Reader, lists: Sequence[ArticleList], stretch: Sequence[date]
) -> Discovery | ItemError:
    try:
        found: Discovery = await discover(
            reader.source,
            reader.client,
            reader.clock,
            span=_span(stretch),
            tokens=reader.tokens,
            lists=whole(lists),
        )
    except ItemError as error:
        return error
    return found


def _read_out(
    reader: Reader,
    found: Discovery,
    stretch: Sequence[date],
    read_at: datetime,
    *,
    is_by_sitemap: bool,
) -> Readout:
    read = _by_day(reader, found.listings, stretch)
    why = "; ".join(found.problems) or "its lists could not be read to their end"
    closings = []
    for day in stretch:
        error = "" if found.is_whole else why
        if is_by_sitemap and not error and not _reaches(found.whole_from, day):
            begin = f"; they begin on {found.whole_from:%Y-%m-%d}" if found.whole_from else ""
            error = f"its sitemaps do not reach back to this day{begin}"
        closings.append(Closing(day, read.stated(day), error, read_at, read.undated))
    return Readout(read.by_day, closings)


def _unread(
    reader: Reader, error: ItemError, stretch: Sequence[date], read_at: datetime, *, is_last: bool
) -> Readout:
    stopped = (
        f"The lists of {reader.source.name} cannot be read now: {error.detail}. Run this again"
        " later: it goes on from there."
    )
    closings = [Closing(day, 0, str(error), read_at) for day in stretch]
    return Readout(dict.fromkeys(stretch, ()), closings, stopped if is_last else "")


def _reaches(whole_from: datetime | None, day: date) -> bool:
    return whole_from is not None and whole_from <= datetime.combine(day, time(), UTC)


async def _file_parts(
    reader: Reader, lists: Sequence[ArticleList], days: Sequence[date]
) -> AsyncIterator[tuple[_Sorted, list[str]]]:
    """Read all files once, a part at a time; with each part comes what is wrong so far."""
    known: dict[str, Document] = {}
    problems: list[str] = []
    has_more = bool(lists)
    while has_more:
        try:
            found: Discovery = await discover(
                reader.source,
                reader.client,
                reader.clock,
                span=_span(days),
                known=whole(known),
                spool=reader.spool,
                lists=whole(lists),
                remembers=True,
            )
        except ItemError as error:
            yield _Sorted({}, frozenset()), [*problems, str(error)]
            return
        before = {url: document.etag for url, document in known.items()}
        known |= {document.url: document for document in found.documents}
        has_more = found.has_more and before != {url: x.etag for url, x in known.items()}
        told = [x for x in found.problems if not x.endswith(NEXT_POLL)]
        problems = list(dict.fromkeys([*problems, *told]))
        part = _by_day(reader, found.listings, days)
        brought = {day: listed for day, listed in part.by_day.items() if listed}
        yield replace(part, by_day=brought), problems


def _by_day(reader: Reader, listings: Sequence[Listing], days: Sequence[date]) -> _Sorted:
    """Give each listing to its day; one that says nothing of a day goes to the last of them."""
    dating = Dating(reader.source, reader.clock())
    found: dict[date, list[Listing]] = {day: [] for day in days}
    undated = set()
    for listing in listings:
        day = dating.day_of(listing)
        if day is None:
            undated.add(listing.listing_id)
        if (day := day or max(days)) in found:
            found[day].append(listing)
    return _Sorted(found, frozenset(undated))


def _span(days: Sequence[date]) -> Span:
    first, last = min(days), max(days)
    return Span(datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + DAY)


def _longest(declared: ArticleList) -> int:
    """Return how many days of a list are read at once; 0 for a month of the calendar."""
    if isinstance(declared, BenzingaList):
        return _API_DAYS
    if isinstance(declared, PagesList) and "%H" in declared.url:
        return _HOUR_DAYS
    return _PAGE_DAYS if isinstance(declared, PagesList) and "%d" in declared.url else 0


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
