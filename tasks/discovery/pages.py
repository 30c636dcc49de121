"""Listing and archive pages in HTML: one for each day, hour or month, or one with the newest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import etree, html
from lxml.html import HtmlElement

from tasks.articles.records import Listing, Span
from tasks.articles.urls import clean_url
from tasks.discovery.days import Dating
from tasks.discovery.instants import read_instant
from tasks.discovery.kinds import Ask, Found
from tasks.discovery.xml import charset_of
from tasks.sources.schema import PagesList, Source

MOST_PAGES = 20  # that follow each other by the link to the next one
_FIRST_READING = timedelta(days=1)  # looked back where nothing was read yet
_LONGEST_SPAN = timedelta(days=366)  # of pages for each hour, 8,784
_CARD = 4  # elements around a link that may hold its date
_CODE = re.compile(r"%(?:[YmH]|d(?![0-9a-fA-F]))")  # %d0 is an escaped character
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)


def is_by_date(declared: PagesList) -> bool:
    """Say whether there is a page for each day, hour or month, as the URL's codes say."""
    return _CODE.search(declared.url) is not None


@dataclass(frozen=True, slots=True)
class Pages:
    """One declared list of pages, read at ``now`` (UTC)."""

    declared: PagesList
    source: Source
    span: Span
    now: datetime

    def first(self) -> list[Ask]:
        """Return the pages of the span's days, newest first; one page where the URL names none."""
        if not is_by_date(self.declared):
            return [Ask(self.declared.url)]
        step = timedelta(hours=1) if "%H" in self.declared.url else timedelta(days=1)
        days: dict[str, date | None] = {}
        ends: dict[str, datetime] = {}
        for moment in self._moments(step):
            url = _CODE.sub(lambda code, at=moment: at.strftime(code.group()), self.declared.url)  # type: ignore[misc]
            ends[url] = (moment + step).astimezone(UTC)
            days[url] = moment.date() if url not in days else None  # that of a month is for none
        return [Ask(url, changed_at=end, day=days[url]) for url, end in reversed(ends.items())]

    def read(self, ask: Ask, body: bytes) -> Found:
        """Return the articles that a page links to, each once, and the page after it."""
        tree = _parsed(body)
        base = urljoin(ask.url, tree.xpath("string(//base/@href)"))
        listings: dict[str, Listing] = {}
        for link in tree.cssselect(self.declared.links):
            for listing in self._listing(link, base, ask.day):
                listings[listing.url] = _fuller(listings.get(listing.url), listing)
        found = list(listings.values())
        problems, further = self._next(ask, tree, base, found)
        is_empty = not found and ask.depth == 0 and not is_by_date(self.declared)
        if is_empty:
            raise ValueError(
                f"no link on the page fits links = {self.declared.links!r}, "
                f"only = {self.declared.only!r}; look at the page, then mend them"
            )
        ours = Dating(self.source, self.now).in_span(found, self.span)
        return Found(ours, further, problems, is_whole=not problems)

    def _moments(self, step: timedelta) -> Iterator[datetime]:
        zone = ZoneInfo(self.source.timezone)
        last = min(self.span.until or self.now, self.now)
        since = max(self.span.since or last - _FIRST_READING, last - _LONGEST_SPAN)
        moment = since.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        if step >= timedelta(days=1):
            moment = moment.replace(hour=0)
        while moment < last:
            yield moment
            moment += step

    def _listing(self, link: HtmlElement, base: str, day: date | None) -> Iterator[Listing]:
        """Yield the listing of a link, or of the first link within what the selector found."""
        anchor = link if link.get("href") else next(iter(link.xpath(".//a[@href]")), None)
        if anchor is None:
            return
        url = clean_url(anchor.get("href", ""), base=base)
        if not url or not re.search(self.declared.only, url) or url == clean_url(base):
            return
        yield Listing(
            source=self.source.name,
            url=url,
            title=" ".join((link.text_content() or anchor.get("title", "")).split()),
            published_at=read_instant(_date_beside(anchor), self.source),
            day=day,
        )

    def _next(
        self, ask: Ask, tree: HtmlElement, base: str, found: list[Listing]
    ) -> tuple[list[str], list[Ask]]:
        if not self.declared.next or not found or self._goes_back_enough(found):
            return [], []
        links = (clean_url(x.get("href", ""), base) for x in tree.cssselect(self.declared.next))
        url = next((link for link in links if link), "")
        if not url:
            return [], []
        if ask.depth + 1 >= MOST_PAGES:
            return [f"{ask.url} is the {MOST_PAGES}th page in a row: the next were left out."], []
        return [], [Ask(url, depth=ask.depth + 1, day=ask.day)]

    def _goes_back_enough(self, found: list[Listing]) -> bool:
        dates = [listing.published_at for listing in found if listing.published_at]
        return bool(self.span.since and dates and min(dates) < self.span.since)


def _parsed(body: bytes) -> HtmlElement:
    declared = _CHARSET.search(body[:4096])
    charset = charset_of(body, declared.group(1).decode("ascii", "replace") if declared else "")
    try:
        return html.document_fromstring(body.decode(charset, "replace").encode(), parser=_parser())
    except (etree.ParserError, ValueError) as error:
        raise ValueError(f"not an HTML page ({error})") from error


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", huge_tree=False)


def _fuller(first: Listing | None, second: Listing) -> Listing:
    """Return the line that says more: a picture and a headline often link to the same article."""
    if first is None:
        return second
    return second if not first.title or (second.published_at and not first.published_at) else first


def _date_beside(anchor: HtmlElement) -> str:
    """Return the date of the card that a link stands in: around it, before other links' cards."""
    element = anchor
    for _ in range(_CARD):
        times = element.xpath("descendant-or-self::time[@datetime]")
        if times:
            return str(times[0].get("datetime"))
        parent = element.getparent()
        if parent is None or len({a.get("href") for a in parent.iter("a")}) > _CARD:
            break
        element = parent
    return ""
