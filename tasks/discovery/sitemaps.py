"""Sitemaps: Google News sitemaps, plain ones, and indexes that name further sitemaps.

The formats are those of sitemaps.org (protocol 0.9) and Google's sitemap-news 0.9.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from statistics import median_low

from lxml import etree

from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.days import Dating
from tasks.discovery.instants import read_instant
from tasks.discovery.kinds import LATE, Ask, Found
from tasks.discovery.listings import split_words
from tasks.discovery.xml import Xml, name_of, text_of
from tasks.sources.schema import SitemapList, Source

DEEPEST = 5  # indexes within indexes
# An entry changed so shortly before we read it, or at the same moment as most others, has the date
# of the sitemap's making: such a date says nothing of the article.
_JUST_NOW = timedelta(minutes=2)
_TOO_FEW = 5  # entries, below which the same moment may be chance
# The month or day in a sitemap's name: sitemap-2026-11.xml, /2026/11/17/, posts_20261117.xml.gz. A
# year alone may be a number of pages.
_PERIOD = re.compile(
    r"(?<!\d)(20\d\d|19\d\d)[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_OF_ENTRY = {
    "loc": "loc",
    "lastmod": "lastmod",
    "news:title": "title",
    "news:language": "language",
    "news:publication_date": "published",
    "news:keywords": "keywords",
    "news:stock_tickers": "tickers",
}


@dataclass(frozen=True, slots=True)
class Sitemap:
    """One declared sitemap or index of sitemaps, read at ``now`` (UTC)."""

    declared: SitemapList
    source: Source
    span: Span
    now: datetime

    def first(self) -> list[Ask]:
        return [Ask(self.declared.url)]

    def read(self, ask: Ask, body: bytes) -> Found:
        """Read one sitemap, gzipped or not; an index gives further ones, newest first."""
        try:
            xml = Xml(body)
        except ValueError as error:
            raise ValueError(f"not a sitemap: {error}") from error
        if xml.root == "urlset":
            return self._cut(ask, xml, self._articles(ask, xml))
        if xml.root == "sitemapindex":
            return self._cut(ask, xml, self._further(ask, xml))
        raise ValueError(f"not a sitemap (its root element is <{xml.root}>)")

    def _cut(self, ask: Ask, xml: Xml, found: Found) -> Found:
        if not xml.is_cut:
            return found
        problem = f"{ask.url} breaks off; what it had until there was read."
        return replace(found, problems=[*found.problems, problem], is_whole=False)

    def _articles(self, ask: Ask, xml: Xml) -> Found:
        listed = [listing for entry in xml.entries({"url"}) for listing in self._of(ask, entry)]
        listings = _without_made_dates(listed, self.now)
        dating = Dating(self.source, self.now)
        days = [day for listing in listings if (day := dating.day_of(listing))]
        first = datetime.combine(min(days), time(), UTC) if days else None
        # Of the day that it begins with it may have a part only.
        ours = dating.in_span(listings, self.span)
        return Found(ours, whole_from=first and first + timedelta(days=1))

    def _of(self, ask: Ask, entry: etree._Element) -> Iterator[Listing]:
        said = _fields(entry)
        url = _address(said, ask)
        if url and re.search(self.declared.only, url):
            yield Listing(
                source=self.source.name,
                url=url,
                title=" ".join(said.get("title", "").split()),
                published_at=read_instant(said.get("published"), self.source),
                updated_at=read_instant(said.get("lastmod"), self.source),
                language=said.get("language", "")[:2].lower(),
                tickers=split_words(said.get("tickers", "")),
                topics=split_words(said.get("keywords", "")),
            )

    def _further(self, ask: Ask, xml: Xml) -> Found:
        found: list[Ask] = []
        ages: list[datetime] = []  # of what it names, by name, or older than is asked for by date
        for entry in xml.entries({"sitemap"}):
            said = _fields(entry)
            url = _address(said, ask)
            changed = read_instant(said.get("lastmod"), self.source)
            if not url or not re.search(self.declared.sitemaps, url):
                continue
            begins = _period(url)[0]
            ages += [begins] if begins else []
            if self._may_hold(url, changed):
                found.append(Ask(url, changed_at=changed, depth=ask.depth + 1))
            elif changed and not begins:
                ages.append(changed)
        if found and ask.depth >= DEEPEST:
            problem = f"{ask.url} is an index {DEEPEST + 1} indexes deep: it was not followed."
            return Found(problems=[problem], is_whole=False)
        oldest = datetime.min.replace(tzinfo=UTC)
        further = sorted(found, key=lambda x: x.changed_at or oldest, reverse=True)
        return Found(further=further, whole_from=min(ages, default=None))

    def _may_hold(self, url: str, changed_at: datetime | None) -> bool:
        """Say whether a sitemap may hold what the span asks for, by its date and its name."""
        since, until = self.span.since, self.span.until
        if since and changed_at and changed_at < since - LATE:
            return False
        first, last = _period(url)
        if until and first and first - LATE >= until:
            return False
        return not (until and since and last and last + LATE < since)


def _without_made_dates(listings: Sequence[Listing], now: datetime) -> list[Listing]:
    """Take away the dates of change that were made with the sitemap itself.

    Else a sitemap that is made anew for each reader would bring every article again each time.
    """
    dates = [listing.updated_at for listing in listings if listing.updated_at]
    made = {date for date in set(dates) if date > now - _JUST_NOW}
    if len(dates) >= _TOO_FEW:
        middle = median_low(dates)
        near = {date for date in dates if abs(date - middle) <= _JUST_NOW}
        if sum(date in near for date in dates) > len(dates) / 2:
            made |= near
    return [
        replace(listing, updated_at=None) if listing.updated_at in made else listing
        for listing in listings
    ]


def _period(url: str) -> tuple[datetime | None, datetime | None]:
    """Return the beginning and end of the month or day that a sitemap's name gives."""
    match = None
    for match in _PERIOD.finditer(url):  # noqa: B007  the last one is the file's own
        pass
    if match is None:
        return None, None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        first = datetime(year, month, day or 1, tzinfo=UTC)
    except ValueError:
        return None, None
    return first, first + timedelta(days=1 if day else 31)


def _address(said: Mapping[str, str], ask: Ask) -> str:
    """Return an entry's address; only some are relative, and to resolve one takes its time."""
    address = said.get("loc", "")
    return clean_url(address, base="" if address.startswith("http") else ask.url)


def _fields(entry: etree._Element) -> dict[str, str]:
    """Return what an entry says of itself; the first of a name counts."""
    fields: dict[str, str] = {}
    for element in entry.iter():
        name = _OF_ENTRY.get(name_of(element))
        if name and (text := text_of(element)):
            fields.setdefault(name, text)
    return fields
