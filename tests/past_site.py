"""A site on loopback with years behind it: sitemaps by month, archive pages by day, and an API."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LISTS = {
    "sitemap": 'kind = "sitemap"\nurl = "{address}/sitemap.xml"',
    "pages": 'kind = "pages"\nurl = "{address}/archive/%Y/%m/%d"\nlinks = "h2 a"',
    "benzinga": 'kind = "benzinga"\nurl = "{address}/api/v2/"',
    "feed": 'kind = "feed"\nurl = "{address}/feed"',
}


def _sentence(path: str) -> str:
    return f"Shares of the company of {path} rose after its report for the third quarter. "


def _article(path: str) -> str:
    day = path.removeprefix("/news/")[:10].replace("/", "-")
    return (
        f"<html><head><title>Story of {path}</title>"
        f'<meta property="article:published_time" content="{day}T12:00:00+00:00"></head>'
        f"<body><article><h1>Story of {path}</h1><p>{_sentence(path) * 8}</p></article></body>"
        "</html>"
    )


@dataclass(slots=True)
class PastSite:
    """A site: how many articles each day has, what is broken, and what was asked for."""

    address: str
    days: dict[date, int]
    page: Callable[[str], str] = _article
    broken: dict[str, int] = field(default_factory=dict)  # status by path
    asked: Counter[str] = field(default_factory=Counter)
    holds: dict[str, threading.Event] = field(default_factory=dict)  # what a path waits for
    arrived: threading.Event = field(default_factory=threading.Event)  # one that waits was asked
    counted: int = 0  # requests until `reached` is set
    reached: threading.Event = field(default_factory=threading.Event)

    def answer(self, target: str) -> tuple[int, str, str]:
        """Return status, content type and body for a path with its query."""
        path = urlsplit(target).path
        self.asked[path] += 1
        if self.counted and self.asked.total() >= self.counted:
            self.reached.set()
        if held := self.holds.get(path):
            self.arrived.set()
            held.wait(60)
        if path in self.broken:
            return self.broken[path], "text/plain", "broken"
        if path.startswith("/news/"):
            return 200, "text/html; charset=utf-8", self.page(path)
        if path == "/api/v2/news":
            return 200, "application/json", self._api(parse_qs(urlsplit(target).query))
        lists = {"/archive": self._archive, "/feed": self._feed, "/sitemap": self._sitemap}
        for begin, made in lists.items():
            if path.startswith(begin):
                return 200, "text/html" if begin == "/archive" else "text/xml", made(path)
        return 404, "text/plain", "nothing here"

    def hold(self, path: str) -> None:
        """Let whoever asks for a path wait until it is released."""
        self.holds[path] = threading.Event()

    def release(self, path: str) -> None:
        """Answer those who wait for a path, and all who ask for it later."""
        self.holds.pop(path).set()

    def paths(self, day: date) -> list[str]:
        """Return the articles of a day."""
        return [f"/news/{day:%Y/%m/%d}/{n}-story" for n in range(self.days.get(day, 0))]

    def _sitemap(self, path: str) -> str:
        return self._index() if path == "/sitemap.xml" else self._month(path)

    def _index(self) -> str:
        months = sorted({f"{day:%Y-%m}" for day in self.days})
        entries = (f"<sitemap><loc>{self.address}/sitemap-{m}.xml</loc></sitemap>" for m in months)
        return f"<sitemapindex>{''.join(entries)}</sitemapindex>"

    def _month(self, path: str) -> str:
        month = path.removeprefix("/sitemap-").removesuffix(".xml")
        paths = [p for day in self.days if f"{day:%Y-%m}" == month for p in self.paths(day)]
        entries = (f"<url><loc>{self.address}{path}</loc></url>" for path in paths)
        return f"<urlset>{''.join(entries)}</urlset>"

    def _archive(self, path: str) -> str:
        day = date.fromisoformat(path.removeprefix("/archive/").replace("/", "-"))
        links = (f'<h2><a href="{path}">A story</a></h2>' for path in self.paths(day))
        return f"<html><body>{''.join(links)}</body></html>"

    def _feed(self, _path: str) -> str:
        links = (f"<link>{self.address}{path}</link>" for path in self.paths(max(self.days)))
        items = (f"<item><title>A story</title>{link}</item>" for link in links)
        return f'<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'

    def _api(self, said: dict[str, list[str]]) -> str:
        first, last = (date.fromisoformat(said[name][0]) for name in ("dateFrom", "dateTo"))
        paths = [
            (day, path)
            for day in sorted(self.days)
            if first <= day <= last
            for path in self.paths(day)
        ]
        page, size = int(said["page"][0]), int(said["pageSize"][0])
        return json.dumps([self._item(*x) for x in paths[page * size : (page + 1) * size]])

    def _item(self, day: date, path: str) -> dict[str, object]:
        at = f"{datetime.combine(day, time(12), UTC):%a, %d %b %Y %H:%M:%S +0000}"
        number = f"{day:%Y%m%d}{path.rsplit('/', 1)[1].partition('-')[0]}"
        text = f"<p>{_sentence(path) * 8}</p>"
        return {
            "id": number,
            "title": f"Story of {path}",
            "url": f"{self.address}{path}",
            "created": at,
            "updated": at,
            "body": text,
        }


def days_of(first: str, count: int, each: int) -> dict[date, int]:
    """Return so many days with so many articles each."""
    begin = date.fromisoformat(first)
    return {begin + timedelta(days=n): each for n in range(count)}


@contextmanager
def past_site(
    folder: Path, days: dict[date, int], *kinds: str, name: str = "past"
) -> Iterator[PastSite]:
    """Serve a site and declare it in ``folder``, a source with these kinds of lists."""
    with served(days) as site:
        declare(folder, site.address, *(LISTS[kind] for kind in kinds), name=name)
        yield site


@contextmanager
def served(days: dict[date, int]) -> Iterator[PastSite]:
    """Serve a site on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        site = PastSite(f"http://127.0.0.1:{server.server_port}", days)
        server.site = site  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            for event in site.holds.values():
                event.set()
            server.shutdown()


def declare(folder: Path, address: str, *lists: str, name: str = "past") -> None:
    """Write a source with these lists into ``folder``."""
    tables = "".join(f"[[lists]]\n{text.format(address=address)}\n" for text in lists)
    (folder / f"{name}.toml").write_text(
        f'title = "{name}"\npublisher = "{name}.example"\nhome = "{address}/"\n'
        "id_pattern = '/news/([0-9/]+)-story'\n"
        f"{tables}"
        "[politeness]\nallow_private = true\nper_minute = 60000\nconcurrency = 16\n"
    )


class _Handler(BaseHTTPRequestHandler):
    """Answers what the site says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: PastSite = self.server.site  # type: ignore[attr-defined]
        status, kind, text = site.answer(self.path)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the test's output clean."""
