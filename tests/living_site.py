"""A publisher on loopback whose lists and pages follow from a clock, and who fails at times.

Stories appear, are corrected and removed at their own instants, so what ought to be known at the
end is known beforehand. There is one site for each way of listing (``KINDS``).
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
SECONDS = 0.25  # that the sources wait for an answer: a server that hangs costs no more
KINDS = {
    "feed": 'kind = "feed"\nurl = "{}/feed"',
    "whole": 'kind = "feed"\nurl = "{}/whole"\nfull_text = true',
    "sitemap": 'kind = "sitemap"\nurl = "{}/sitemap.xml"',
    "pages": 'kind = "pages"\nurl = "{}/archive/%Y/%m/%d"\nlinks = "h2 a"',
    "api": 'kind = "benzinga"\nurl = "{}/api/v2/"',
}
_IN_A_FEED = 60  # stories: more than appear in a day that the pipeline sleeps through


@dataclass(frozen=True, slots=True)
class Story:
    """One story, and when it changes; ``stated_at`` is when it says that it appeared."""

    number: int
    appears_at: datetime
    stated_at: datetime
    corrected_at: datetime | None = None
    removed_at: datetime | None = None

    def is_there(self, now: datetime) -> bool:
        """Say whether it can be read."""
        return self.appears_at <= now and not (self.removed_at and self.removed_at <= now)

    def changed_at(self, now: datetime) -> datetime:
        """Return when it became what it is now."""
        corrected = self.corrected_at if self.corrected_at and self.corrected_at <= now else None
        return corrected or self.appears_at

    def mark(self, now: datetime) -> str:
        """Return the sentence that only this state of this story has."""
        state = 2 if self.changed_at(now) != self.appears_at else 1
        return f"This is state {state} of report {self.number}."

    def body(self, now: datetime) -> str:
        """Return its paragraphs."""
        figure = self.number * 37 % 1000
        return (
            f"<p>Company {self.number} earned {figure} million dollars in the third quarter, as"
            f" analysts had expected, and plans to open {figure % 90 + 2} plants by 2030.</p>"
            f"<p>{self.mark(now)} Its shares rose by {figure % 7 + 1}% in New York, where investors"
            " had waited for the report since the spring.</p>"
        )


@dataclass(slots=True)
class LivingSite:
    """One site: its stories, its clock, and how often it fails (0 to 1)."""

    name: str
    stories: Sequence[Story]
    clock: Callable[[], datetime]
    rng: random.Random
    failing: float = 0.0
    address: str = ""
    asked: int = 0
    failed: int = 0
    lock: Lock = field(default_factory=Lock)

    def url(self, story: Story) -> str:
        """Return where a story can be read."""
        return f"{self.address}/{story.number}"

    def there(self) -> list[Story]:
        """Return what can be read now, the newest first."""
        now = self.clock()
        return sorted(
            (story for story in self.stories if story.is_there(now)),
            key=lambda story: story.appears_at,
            reverse=True,
        )

    def fault(self) -> str:
        """Count a request, and say how it fails; "" for not at all."""
        with self.lock:
            self.asked += 1
            if self.rng.random() >= self.failing:
                return ""
            self.failed += 1
            return self.rng.choice(("500", "503", "429", "hang", "hang up", "break off", "cut"))

    def answer(self, path: str, said: dict[str, list[str]]) -> str | None:
        """Return what a path holds, None for nothing."""
        first = path.strip("/").split("/")[0]
        if first == "feed":
            return self._feed(is_whole=False)
        if first == "whole":
            return self._feed(is_whole=True)
        if first == "sitemap.xml":
            return self._sitemap()
        if first == "archive":
            return self._archive(path)
        if first == "api":
            return self._api(path, int(said["updatedSince"][0]), int(said["page"][0]))
        return next((self._page(x) for x in self.there() if str(x.number) == first), None)

    def _feed(self, *, is_whole: bool) -> str:
        now = self.clock()
        items = "".join(
            f"<item><title>Report {x.number}</title><link>{self.url(x)}</link>"
            f"<guid>{x.number}</guid><pubDate>{format_datetime(x.stated_at)}</pubDate>"
            + (f"<description><![CDATA[{x.body(now)}]]></description>" if is_whole else "")
            + "</item>"
            for x in self.there()[:_IN_A_FEED]
        )
        return f'<rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'

    def _sitemap(self) -> str:
        now = self.clock()
        recent = [x for x in self.there() if x.appears_at > now - timedelta(days=2)]
        entries = "".join(
            f"<url><loc>{self.url(x)}</loc><lastmod>{x.changed_at(now).isoformat()}</lastmod>"
            f"<n:news><n:publication_date>{x.stated_at.isoformat()}</n:publication_date>"
            f"<n:title>Report {x.number}</n:title></n:news></url>"
            for x in recent
        )
        return (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            f' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
        )

    def _archive(self, path: str) -> str:
        cards = "".join(
            f'<div><h2><a href="{self.url(x)}">Report {x.number}</a></h2>'
            f'<time datetime="{x.stated_at.isoformat()}"></time></div>'
            for x in self.there()
            if f"{x.appears_at.astimezone(NEW_YORK):/archive/%Y/%m/%d}" == path
        )
        return f"<html><body>{cards}<p>{self.name}</p></body></html>"

    def _api(self, path: str, since: int, page: int) -> str:
        now = self.clock()
        if path.endswith("news-removed"):
            gone = [x for x in self.stories if x.removed_at and x.removed_at <= now]
            rows = [
                {"id": x.number, "updated": format_datetime(x.removed_at)}
                for x in gone
                if x.removed_at and x.removed_at.timestamp() >= since
            ]
            return json.dumps({"removed": rows if page == 0 else []})
        changed = sorted(self.there(), key=lambda x: x.changed_at(now))
        items = [
            {
                "id": x.number,
                "created": format_datetime(x.stated_at),
                "updated": format_datetime(x.changed_at(now)),
                "title": f"Report {x.number}",
                "body": x.body(now),
                "url": self.url(x),
            }
            for x in changed
            if x.changed_at(now).timestamp() >= since
        ]
        return json.dumps(items[page * 100 : page * 100 + 100])

    def _page(self, story: Story) -> str:
        return (
            f'<html lang="en"><head><title>Report {story.number}</title></head><body><article>'
            f"<h1>Report {story.number}</h1>{story.body(self.clock())}</article></body></html>"
        )


class _Handler(BaseHTTPRequestHandler):
    """Answers for a LivingSite, or fails as it says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: LivingSite = self.server.site  # type: ignore[attr-defined]
        fault = site.fault()
        parts = urlsplit(self.path)
        body = site.answer(parts.path, parse_qs(parts.query))
        if fault == "hang":
            time.sleep(SECONDS * 1.2)
        elif fault in {"500", "503", "429"}:
            self._send(int(fault), "not now", {"Retry-After": "600"})
        elif fault == "hang up":
            self.close_connection = True
        else:
            self._give(body, fault)

    def _give(self, body: str | None, fault: str) -> None:
        if body is None:
            self._send(404, "nothing here")
            return
        etag = f'"{hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self._send(304, "", {"ETag": etag})
            return
        is_list = body.startswith(("<rss", "<urlset"))
        if fault == "cut" and is_list:  # whole for HTTP, by a cache that broke off
            body = body[: len(body) // 2]
        self._send(200, body, {"ETag": etag}, is_broken=fault == "break off")

    def _send(
        self,
        status: int,
        body: str,
        headers: dict[str, str] | None = None,
        *,
        is_broken: bool = False,
    ) -> None:
        raw = body.encode()
        self.send_response_only(status)
        self.send_header("Date", "Thu, 01 Jan 2099 00:00:00 GMT")  # its clock is wrong
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if status != 304:
            self.wfile.write(raw[: len(raw) // 2] if is_broken else raw)
        self.close_connection |= is_broken

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class _Server(ThreadingHTTPServer):
    """A server that does not care when clients hang up."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def living_site(folder: Path, site: LivingSite) -> Iterator[LivingSite]:
    """Serve a site, and declare it as a source in ``folder``; its name begins with its kind."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = site  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        site.address = f"http://127.0.0.1:{server.server_port}"
        (folder / f"{site.name}.toml").write_text(
            f'title = "{site.name}"\npublisher = "{site.name}.example"\n'
            f'home = "{site.address}/"\ntimezone = "America/New_York"\n'
            f"[[lists]]\n{KINDS[site.name].format(site.address)}\n"
            f"[politeness]\nallow_private = true\nper_minute = 60000\ntimeout = {SECONDS}\n"
            "[polling]\nlongest_minutes = 15\n"
        )
        try:
            yield site
        finally:
            server.shutdown()


def stories(
    start: datetime, days: int, a_day: int, rng: random.Random, *, removes: bool
) -> list[Story]:
    """Make up stories of so many days: most while New York trades, a quarter at weekends.

    Some are corrected and, if so said, removed within a day; some state a time that is hours off.
    """
    found = []
    number = rng.randrange(1_000, 1_000_000)
    for day in range(days):
        midnight = start.astimezone(NEW_YORK) + timedelta(days=day)
        count = a_day if midnight.weekday() < 5 else a_day // 4
        for _ in range(count):
            number += 1
            hour = rng.triangular(0, 24, 10)
            appears_at = (midnight + timedelta(hours=hour)).astimezone(UTC).replace(microsecond=0)
            off = rng.choice((-3, -1, 2, 30)) if rng.random() < 0.04 else 0
            changes = rng.random()
            later = appears_at + timedelta(seconds=rng.randrange(600, 72_000))
            found.append(
                Story(
                    number,
                    appears_at,
                    appears_at + timedelta(hours=off),
                    corrected_at=later if changes < 0.25 else None,
                    removed_at=later if changes > 0.95 and removes else None,
                )
            )
    return found
