"""A site on loopback for tests of polling: its feed and pages are set by the test, in between."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NEWEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Reply:
    """What a path answers; an ETag is made of the body unless ``validates`` is false."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validates: bool = True
    waits_for: threading.Event | None = None
    is_asked: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class PolledSite:
    """A site with one feed: ``replies`` by path, and what was asked for."""

    name: str
    address: str
    replies: dict[str, Reply] = field(default_factory=dict)
    statuses: list[tuple[str, int]] = field(default_factory=list)

    def publish(self, *numbers: int) -> None:
        """List these articles in the feed, the first the newest, and give each a page."""
        for number in numbers:
            self.replies.setdefault(f"/{number}", Reply(page(number)))
        self.replies["/feed"] = Reply(feed(self.address, numbers))

    def asked(self) -> Counter[str]:
        """Return how often each path was asked for since the last call."""
        counts = Counter(path for path, _ in self.statuses)
        self.statuses.clear()
        return counts


def page(number: int, says: str = "rose") -> str:
    """Return an article of 90 words."""
    sentence = f"Shares of Company {number} {says} after its report for the third quarter. "
    return (
        f"<html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1>"
        f"<p>{sentence * 8}</p></article></body></html>"
    )


def feed(address: str, numbers: tuple[int, ...]) -> str:
    """Return an RSS feed of these articles, an hour apart; the higher, the newer."""
    items = "".join(
        f"<item><title>Story {n}</title><link>{address}/{n}</link><guid>{n}</guid>"
        f"<pubDate>{format_datetime(NEWEST + timedelta(hours=n - 100))}</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>Polled</title>{items}</channel></rss>'


@contextmanager
def polled_site(
    folder: Path, name: str = "polled", *, host: str = "127.0.0.1", polling: str = ""
) -> Iterator[PolledSite]:
    """Serve a site and declare it as a source in ``folder``; ``polling`` is TOML of its section."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        site = PolledSite(name, f"http://{host}:{server.server_port}")
        server.site = site  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        (folder / f"{name}.toml").write_text(
            f'title = "{name}"\npublisher = "{name}.example"\nhome = "{site.address}/"\n'
            f'[[lists]]\nkind = "feed"\nurl = "{site.address}/feed"\n'
            "[politeness]\nallow_private = true\nper_minute = 60000\n"
            f"[polling]\n{polling}\n"
        )
        try:
            yield site
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    """Answers what the site says, or 304 where the client has it already."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: PolledSite = self.server.site  # type: ignore[attr-defined]
        reply = site.replies.get(self.path, Reply("nothing here", status=404))
        reply.is_asked.set()
        if reply.waits_for:
            reply.waits_for.wait(60)
        body = reply.body.encode()
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        is_known = reply.validates and self.headers.get("If-None-Match") == etag
        status = 304 if is_known and reply.status == 200 else reply.status
        site.statuses.append((self.path, status))
        self.send_response(status)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        if reply.validates:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep the test's output clean."""
