"""Drafts a source file from what a site shows: guesses, each marked as one."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.articles.urls import clean_url

ZONES = Path(__file__).parent / "guesses" / "time_zones.toml"
FEED_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
}
# What an id in an address looks like, the surest first: a number between slashes, one at the end
# of the words, and the longer codes of newsrooms' own systems.
_ID_SHAPES = (
    r"/[a-z]?(\d{5,12})(?:/|$)",
    r"[-_](\d{5,20})(?:\.[a-z]{2,5})?/?$",
    r"/([0-9a-f]{24})(?:\.[a-z]{2,5})?/?$",
    r"-((?=[0-9a-f]*\d)[0-9a-f]{8})/?$",
)
_ENOUGH = 3  # addresses, to guess from
_MOST = 0.8  # of the addresses must fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was seen of a site. Empty strings where nothing was."""

    name: str
    title: str
    home: str
    languages: tuple[str, ...]
    lists: tuple[tuple[str, str], ...]  # kind and address of those that could be read
    urls: tuple[str, ...]  # of articles that they list
    region: str = ""


def toml_of(draft: Draft) -> str:
    """Return the draft as a source file, with comments on what to look at."""
    host = (urlsplit(draft.home).hostname or "").removeprefix("www.")
    return "\n".join([*_head(draft, host), *_lists(draft), *_article(draft, host), ""])


def name_of(url: str) -> str:
    """Return a source's name for a site: example for www.example.com, it-example for its "it."."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if is_private(url):
        return "local"
    parts = host.split(".")
    parts = parts[:-2] if parts[-2:-1] in (["co"], ["com"]) else parts[:-1]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts or [host])).strip("-") or "source"


def is_private(url: str) -> bool:
    """Tell an address that by itself says that it is on this machine or in its network."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def advertised_feeds(tree: HtmlElement, base: str) -> list[str]:
    """Return the feeds that a page names in its head, those of comments left out."""
    feeds = [
        clean_url(link.get("href", ""), base=base)
        for link in tree.iter("link")
        if "alternate" in link.get("rel", "").lower().split()
        and link.get("type", "").partition(";")[0].strip().lower() in FEED_TYPES
    ]
    return [url for url in dict.fromkeys(feeds) if url and "comment" not in url.lower()]


def sitemaps_of(robots: str, base: str) -> list[str]:
    """Return the sitemaps that a robots.txt names, those of news first."""
    named = re.findall(r"(?im)^\s*sitemap\s*:\s*(\S+)", robots)
    urls = dict.fromkeys(clean_url(url, base=base) for url in named)
    return sorted((url for url in urls if url), key=lambda url: "news" not in url.lower())


def guess_id_pattern(urls: Sequence[str]) -> str:
    """Return a pattern that finds an id of its own in most addresses, or ""."""
    paths = sorted({urlsplit(url).path for url in urls})
    for shape in _ID_SHAPES if len(paths) >= _ENOUGH else ():
        found = [match.group(1) for path in paths if (match := re.search(shape, path))]
        if len(set(found)) == len(found) >= _MOST * len(paths):
            return shape
    return ""


def guess_time_zone(host: str, language: str) -> str:
    """Return the zone of a host's country, else of a language's largest market, else New York."""
    zones = _zones()
    country = host.rpartition(".")[2].lower()
    by_language = zones["languages"].get(language, "America/New_York")
    return zones["countries"].get(country, by_language)


@lru_cache(maxsize=1)
def _zones() -> dict[str, dict[str, str]]:
    return tomllib.loads(ZONES.read_text(encoding="utf-8"))


def _head(draft: Draft, host: str) -> Iterator[str]:
    zone = guess_time_zone(host, next(iter(draft.languages), ""))
    pattern = guess_id_pattern(draft.urls)
    yield f"# A first draft, made by looking at {_one_line(draft.home)}: check what is marked."
    yield f"title = {_text(draft.title or host)}"
    yield f"publisher = {_text(host)} # sources of one publisher share article ids"
    yield f"home = {_text(draft.home)}"
    yield f"languages = {json.dumps(draft.languages or ['en'])} # check: as its pages say"
    yield f"timezone = {_text(zone)} # check: a guess; of times printed without an offset"
    if pattern:
        yield "# check: a guess from the addresses it lists; take it out if the number is a date"
        yield f"id_pattern = '{pattern}'"
    yield 'edition = "" # check: its country or language, such as "it", where there are several'
    yield 'licence = "" # check: say in a sentence what the publisher allows; its terms tell'


def _lists(draft: Draft) -> Iterator[str]:
    for kind, url in draft.lists:
        yield from ("", "[[lists]]", f"kind = {_text(kind)}", f"url = {_text(url)}")


def _article(draft: Draft, host: str) -> Iterator[str]:
    yield from ("", "[article]")
    yield f"region = {_text(draft.region)} # check: CSS, from the headline to the last paragraph"
    yield "boilerplate = [] # regular expressions of lines that belong to no story"
    yield from ("", "[politeness]", "concurrency = 2", "per_minute = 30")
    if is_private(f"http://{host}"):
        yield "allow_private = true # it is on this machine or in its network"
    pattern = guess_id_pattern(draft.urls)
    for url in draft.urls:
        if pattern and (match := re.search(pattern, urlsplit(url).path)):
            yield from ("", "[examples.ids]", f"{_text(url)} = {_text(match.group(1))}")
            return


def _text(value: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(_one_line(value), ensure_ascii=False).replace("\x7f", "")


def _one_line(value: str) -> str:
    return " ".join(value.encode("utf-8", "replace").decode("utf-8").split())
