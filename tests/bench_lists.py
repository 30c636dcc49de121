"""`make bench`: what reading large lists costs, each in a process of its own.

A sitemap of 50,000 addresses, the protocol's limit; a feed of 10,000 items and one of 50 MB; a WARC
file like those of a news crawl, of which one page in ten is the source's. Seconds are of one core;
memory is what the process needs at its peak beyond what it needs to start.
"""

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from flows.display import print_rows
from tasks.articles.records import Listing, Span
from tasks.discovery.listings import merged
from tasks.discovery.lists import kind_of
from tasks.discovery.warc import Warc
from tasks.sources.schema import FeedList, SitemapList, WarcList
from tests.lists import NOW, source
from tests.warcs import HOST, response

URLS, ITEMS, LARGE_ITEMS, PAGES = 50_000, 10_000, 2_500, 10_000
TEXT = "<p>Shares of the company rose on Tuesday after it reported its results.</p>"
SITEMAP = SitemapList(kind="sitemap", url=f"{HOST}/sitemap.xml")
FEED = FeedList(kind="feed", url=f"{HOST}/feed", full_text=True)


def sitemap() -> bytes:
    """Return a sitemap of 50,000 addresses, gzipped as they are served."""
    entries = "".join(
        f"<url><loc>{HOST}/news/26/11/{40_000_000 + n}/a-story-with-a-slug-of-usual-length</loc>"
        f"<lastmod>2026-{n % 11 + 1:02}-{n % 28 + 1:02}T10:{n % 60:02}:00Z</lastmod></url>"
        for n in range(URLS)
    )
    urlset = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    return gzip.compress(urlset.encode())


def feed(items: int, repeats: int) -> bytes:
    """Return an RSS feed with whole articles of so many sentences."""
    body = TEXT * repeats
    parts = "".join(
        f"<item><title>Story {n}</title><link>{HOST}/{40_000_000 + n}/slug</link><guid>{n}</guid>"
        f"<pubDate>Tue, 17 Nov 2026 09:{n % 60:02}:05 -0400</pubDate><category>News</category>"
        f"<description><![CDATA[{body}]]></description></item>"
        for n in range(items)
    )
    return f'<rss version="2.0"><channel>{parts}</channel></rss>'.encode()


def warc(path: Path) -> None:
    """Write a WARC file of 10,000 responses of 40 kB, a third of it gzipped."""
    chance = random.Random(1)
    words = [f"{chance.randrange(16**6):x}" for _ in range(2_000)]
    hosts = [HOST, *(f"https://site{n}.example" for n in range(9))]
    with path.open("wb") as file:
        for n in range(PAGES):
            text = " ".join(chance.choices(words, k=6_000))
            page = f"<html><body><p>{text}</p></body></html>"
            file.write(gzip.compress(response(f"{hosts[n % 10]}/{n}", page)))


def read_web(declared: FeedList | SitemapList, body: bytes) -> list[Listing]:
    """Read a list as ``discover`` does."""
    of = source(declared)
    kind = kind_of(declared, of, Span(), NOW)
    assert kind
    return merged(kind.read(kind.first()[0], body).listings, of)


def read_warc(path: Path) -> int:
    """Read a whole WARC file; return how many responses are in it."""
    declared = WarcList(kind="warc", files=(str(path),))
    found, _ = Warc(declared, source(declared), Span()).read(path, "", 0)
    assert found.listings
    assert not found.problems
    return PAGES


CASES: dict[str, Callable[[Path], object]] = {
    f"sitemap of {URLS:,} addresses": lambda path: read_web(SITEMAP, path.read_bytes()),
    f"feed of {ITEMS:,} items": lambda path: read_web(FEED, path.read_bytes()),
    "feed of 50 MB": lambda path: read_web(FEED, path.read_bytes()),
    f"WARC file of {PAGES:,} pages": read_warc,
}


def measure(name: str, path: str) -> None:
    """Read one case in this process; print seconds and peak memory in MB."""
    before = _peak()
    started = time.process_time()
    result = CASES[name](Path(path))
    seconds = time.process_time() - started
    count = result if isinstance(result, int) else len(result)  # type: ignore[arg-type]
    print(json.dumps([count, seconds, _peak() - before]))  # noqa: T201


def _peak() -> float:
    """Return this process's peak in MB; getrusage would count the one that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000


def main() -> None:
    """Write the lists, read each in a fresh process, print the table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "list")
        makers: list[Callable[[], object]] = [
            lambda: path.write_bytes(sitemap()),
            lambda: path.write_bytes(feed(ITEMS, 4)),
            lambda: path.write_bytes(feed(LARGE_ITEMS, 260)),
            lambda: warc(path),
        ]
        for name, make in zip(CASES, makers, strict=True):
            make()
            size = path.stat().st_size / 1e6
            command = [sys.executable, __file__, name, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            count, seconds, memory = json.loads(done.stdout)
            rows.append(
                (name, f"{size:.1f}", f"{seconds:.2f}", f"{count / seconds:,.0f}", f"{memory:.0f}")
            )
    columns = ("list", "MB", "seconds", "lines a second", "memory, MB")
    print_rows(columns, rows, Console(highlight=False))


if __name__ == "__main__":
    measure(*sys.argv[1:]) if sys.argv[1:] else main()
