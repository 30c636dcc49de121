"""What a source's TOML file may say.

Each field's comment is its documentation; a key that is not here is refused, with the nearest right
one (``mistakes.py``).
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _a_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        msg = f"{name!r} is not an IANA time zone; write for example 'America/New_York'"
        raise ValueError(msg) from None
    return name


def _a_selector(text: str) -> str:
    try:
        CSSSelector(text or "*")
    except SelectorError as error:
        msg = f"{text!r} is not a CSS selector: {error}"
        raise ValueError(msg) from None
    return text


def _an_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        msg = f"{text!r} is not a regular expression: {error}"
        raise ValueError(msg) from None
    return text


def _a_pattern(text: str) -> str:
    if re.compile(_an_expression(text)).groups != 1:
        msg = f"{text!r} must have exactly one group, around the id"
        raise ValueError(msg)
    return text


def _host_of(url: str) -> str:
    """Return the host of an http(s) address, "" for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""


_WEB = r"^https?://"
Selector = Annotated[str, AfterValidator(_a_selector)]
Expression = Annotated[str, AfterValidator(_an_expression)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeedList(_Section):
    """RSS, Atom or JSON Feed."""

    kind: Literal["feed"]
    url: str = Field(pattern=_WEB)
    full_text: bool = False  # the items carry whole articles: nothing is fetched


class SitemapList(_Section):
    """A Google News sitemap, a plain sitemap, or an index of sitemaps."""

    kind: Literal["sitemap"]
    url: str = Field(pattern=_WEB)
    only: Expression = ""  # regular expression of the article addresses that count; "" for all
    sitemaps: Expression = ""  # the same of the sitemaps that an index names


class BenzingaList(_Section):
    """The Benzinga News API, version 2, with its list of removals."""

    kind: Literal["benzinga"]
    url: str = Field(default="https://api.benzinga.com/api/v2/", pattern=_WEB)
    channels: tuple[str, ...] = ()  # only these; none: all that the plan allows
    tickers: tuple[str, ...] = ()


class PagesList(_Section):
    """Listing and archive pages in HTML, one a day or month, or one that shows the newest."""

    kind: Literal["pages"]
    url: str = Field(pattern=_WEB)  # with %Y %m %d, and %H where there is one an hour, of its day
    links: Selector = "a"  # CSS selector of the links to articles
    only: Expression = ""  # regular expression of the article addresses that count; "" for all
    next: Selector = ""  # CSS selector of the link to the next page of the same list


class WarcList(_Section):
    """WARC files, such as Common Crawl's news crawl: whole pages, as a crawler met them."""

    kind: Literal["warc"]
    files: tuple[str, ...] = Field(min_length=1)  # paths, with * and **, or http(s) addresses
    only: Expression = ""  # regular expression of the article addresses that count; "" for all


class FolderList(_Section):
    """Saved pages (HTML) or items (JSON) in a folder."""

    kind: Literal["folder"]
    files: tuple[str, ...] = Field(min_length=1)  # paths, with * and **


ArticleList = FeedList | SitemapList | BenzingaList | PagesList | WarcList | FolderList
KINDS: dict[str, type[BaseModel]] = {
    "feed": FeedList,
    "sitemap": SitemapList,
    "benzinga": BenzingaList,
    "pages": PagesList,
    "warc": WarcList,
    "folder": FolderList,
}


class ArticlePages(_Section):
    """How a source's article pages are built."""

    region: Selector = ""  # CSS selector of the article, headline to last paragraph
    tickers: Selector = ""  # CSS selector of ticker links in it, where they have no data-ticker
    boilerplate: tuple[Expression, ...] = ()  # regular expressions of lines to drop, here alone


class Politeness(_Section):
    """How gently a source's servers are asked."""

    concurrency: int = Field(default=4, ge=1, le=64)  # requests to one host under way at once
    per_minute: float = Field(default=120, gt=0, le=60_000)  # requests to one host
    robots: bool = True  # obey robots.txt; false only where the publisher has agreed
    allow_private: bool = False  # may be on this machine or in its network
    timeout: float = Field(default=30, gt=0, le=600)  # seconds for one whole request
    max_bytes: int = Field(default=5_000_000, ge=1_000)  # of a body, inflated


class Polling(_Section):
    """How often a source is asked, and how often an article is looked at again."""

    shortest_minutes: float = Field(default=5, ge=0, le=1_440)  # between two polls: much is new
    longest_minutes: float = Field(default=60, gt=0, le=10_080)  # the same: nothing is new
    overlap_seconds: float = Field(default=5, ge=0, le=604_800)  # read again before the watermark
    full_read_every: int = Field(default=20, ge=1)  # polls; between them, lists may answer 304
    most_new: int = Field(default=2_000, ge=1)  # taken up in one run; the rest is deferred
    revisit_hours: tuple[float, ...] = (1, 6, 24, 168)  # after the first fetch; none: never

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.shortest_minutes > self.longest_minutes:
            msg = (
                f"shortest_minutes ({self.shortest_minutes:g}) must not be more than "
                f"longest_minutes ({self.longest_minutes:g})"
            )
            raise ValueError(msg)
        return self


class Rights(_Section):
    """What a source's licence lets us keep."""

    may_archive: bool = True  # raw pages may be kept; else they go once loaded
    retention_days: int | None = Field(default=None, ge=0)  # of texts and raw pages; else for ever


class Examples(_Section):
    """What the patterns of the file must do; the tests and ``sources check`` hold them to it."""

    ids: Mapping[str, str] = {}  # address -> the publisher's id in it, "" where it has none
    drops: tuple[str, ...] = ()  # lines that article.boilerplate must drop
    keeps: tuple[str, ...] = ()  # lines like them that it must keep


class Source(_Section):
    """A declared place that lists articles."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")  # the file's name without .toml
    title: str
    publisher: str = Field(pattern=r"^[a-z0-9.-]+$")  # domain; sources of one publisher share ids
    home: str = Field(pattern=_WEB)
    edition: str = ""  # which of the publisher's editions: its country or language, such as "it"
    languages: tuple[str, ...] = ("en",)  # ISO 639-1, the ones it writes in
    timezone: Annotated[str, AfterValidator(_a_time_zone)] = "UTC"  # of times without an offset
    id_pattern: Annotated[str, AfterValidator(_a_pattern)] | None = None  # finds its id in a URL
    bundled: bool = False  # served on loopback by tasks/sources/sample, never by the internet
    licence: str = ""  # what the publisher allows, in a sentence
    lists: tuple[Annotated[ArticleList, Field(discriminator="kind")], ...] = Field(min_length=1)
    article: ArticlePages = ArticlePages()
    politeness: Politeness = Politeness()
    polling: Polling = Polling()
    rights: Rights = Rights()
    examples: Examples = Examples()

    def publisher_id(self, url: str) -> str:
        """Return the publisher's own id in this URL, or "" where there is none.

        Only addresses on the publisher's own hosts have one: elsewhere the same digits mean
        something else.
        """
        match = self._id_in(url)
        return match.group(1) if match else ""

    def id_span(self, url: str) -> tuple[int, int]:
        """Return where in the path of a URL the publisher's id begins and ends; 0, 0: nowhere."""
        match = self._id_in(url)
        return match.span(1) if match else (0, 0)

    def politeness_at(self, url: str) -> Politeness:
        """Return how an address is to be asked.

        ``allow_private`` opens the source's own hosts, those of its home and its lists, and no
        other that a list of it may name.
        """
        if not self.politeness.allow_private:
            return self.politeness
        declared = [
            place
            for part in self.lists
            for place in (getattr(part, "url", ""), *getattr(part, "files", ()))
        ]
        own = {_host_of(place) for place in (self.home, *declared)} - {""}
        return self.politeness.model_copy(update={"allow_private": _host_of(url) in own})

    def _id_in(self, url: str) -> re.Match[str] | None:
        host = f".{urlsplit(url).hostname or ''}"
        if not self.id_pattern or not host.endswith((f".{self.publisher}", f".{self._host}")):
            return None
        return re.search(self.id_pattern, urlsplit(url).path)

    @property
    def _host(self) -> str:
        return (urlsplit(self.home).hostname or "").removeprefix("www.")
