"""`make bench`: 100 sources of 20 hosts are polled while nothing is new.

Each host is a server on an address of its own on loopback (127.0.0.1 to 127.0.0.20) with five feeds
of ten whole items. The first run brings them all in; then runs that find nothing new are measured:
seconds of the whole run, with and without its flow around it, requests and bytes that the servers
answered with, and what was added to the warehouse.
"""

import asyncio
import hashlib
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

from rich.console import Console

from flows.display import print_rows
from flows.settings import prepare_prefect
from warehouse.home import Home
from warehouse.query import query

HOSTS, FEEDS, ITEMS, ROUNDS = 20, 5, 10, 3
ROWS = "SELECT (SELECT count(*) FROM listings), (SELECT count(*) FROM outcomes)"


class Server(ThreadingHTTPServer):
    """One host with its feeds; counts what it answers."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, number: int) -> None:
        super().__init__((f"127.0.0.{number}", 0), Handler)
        self.answered: Counter[str] = Counter()
        self.feeds = {f"/feed/{n}": self._feed(number, n) for n in range(FEEDS)}

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]}:{self.server_port}"

    def _feed(self, host: int, number: int) -> bytes:
        text = "The company reported revenue above what analysts had expected for the quarter. " * 5
        items = "".join(
            f"<item><title>Company {host}-{number}-{n} reports</title>"
            f"<link>{self.address}/{number}/{n}</link><guid>{number}-{n}</guid>"
            f"<pubDate>Fri, 20 Nov 2026 {n:02}:00:00 GMT</pubDate>"
            f"<description><![CDATA[<p>{text}</p><p>Item {n} of feed {number}.</p>]]></description>"
            "</item>"
            for n in range(ITEMS)
        )
        return f'<rss version="2.0"><channel><title>F</title>{items}</channel></rss>'.encode()


class Handler(BaseHTTPRequestHandler):
    """Answers with a feed, or 304 where the client has it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Send the answer."""
        body = self.server.feeds.get(self.path, b"")
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        status = 404 if not body else 304 if self.headers.get("If-None-Match") == etag else 200
        body = body if status == 200 else b""
        self.server.answered.update({"requests": 1, "bytes": len(body), str(status): 1})
        self.send_response(status)
        self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep silent."""


@contextmanager
def servers(folder: Path) -> Iterator[list[Server]]:
    """Serve the hosts, and declare a source for each feed in a folder."""
    with ExitStack() as stack:
        started = [stack.enter_context(Server(number)) for number in range(1, HOSTS + 1)]
        for server in started:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        for number, server in enumerate(started, start=1):
            for path in server.feeds:
                name = f"host{number}-{path.rpartition('/')[2]}"
                (folder / f"{name}.toml").write_text(
                    f'title = "{name}"\npublisher = "{name}.example"\n'
                    f'home = "{server.address}/"\n[[lists]]\nkind = "feed"\n'
                    f'url = "{server.address}{path}"\nfull_text = true\n'
                    "[politeness]\nallow_private = true\nper_minute = 60000\n"
                )
        yield started


def poll(names: list[str], started: list[Server], home: Path, *, due_only: bool) -> list[object]:
    """Poll once; return what it took: seconds, requests, bytes, 304s, rows added, pages."""
    from flows.ingest import ingest  # noqa: PLC0415  Prefect, after its settings are made

    before = query(Home(home), ROWS).rows[0] if Home(home).news.exists() else (0, 0)
    for server in started:
        server.answered.clear()
    clock = time.perf_counter()
    summary = asyncio.run(ingest(names, due_only=due_only))
    seconds = time.perf_counter() - clock
    answered = sum((server.answered for server in started), Counter[str]())
    after = query(Home(home), ROWS).rows[0]
    added = sum(after) - sum(before)
    counts = [answered["requests"], answered["304"], answered["bytes"], added, summary.pages]
    return [f"{seconds:.1f}", f"{summary.seconds:.1f}", *counts]


def main() -> None:
    """Measure and print."""
    prepare_prefect()
    os.environ.setdefault("PREFECT_LOGGING_SERVER_LEVEL", "CRITICAL")  # its own end is noisy
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415  as above

    console = Console(highlight=False)
    console.print(f"{HOSTS * FEEDS} sources of {HOSTS} hosts; this takes a minute ...")
    with (
        tempfile.TemporaryDirectory() as temporary,
        servers(Path(temporary)) as started,
        prefect_test_harness(server_startup_timeout=120),
    ):
        home = Path(temporary) / "home"
        settings = {"HOME": str(home), "SOURCES": temporary, "CONTACT": "bench@newsroom.example"}
        names = [path.stem for path in sorted(Path(temporary).glob("*.toml"))]
        with patch.dict(os.environ, {f"NEWSLEDGER_{key}": x for key, x in settings.items()}):
            rows = [["all is new", *poll(names, started, home, due_only=False)]]
            for _ in range(ROUNDS):
                rows.append(["nothing is new", *poll(names, started, home, due_only=False)])
                if rows[-1][-2:] != [0, 0]:
                    sys.exit(f"Something was stored though nothing was new: {rows[-1]}")
            rows.append(["nothing is due", *poll(names, started, home, due_only=True)])
    columns = ("poll", "seconds", "of them asking", "requests", "304", "bytes", "rows", "pages")
    print_rows(columns, rows, console)


if __name__ == "__main__":
    main()
