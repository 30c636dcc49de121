"""A server on loopback whose answers a test decides, and a client that takes it for the world."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tasks.discover import Discovery, discover
from tasks.sources.schema import Source
from tasks.web.client import Client
from tests.lists import NOW


@dataclass(frozen=True)
class Given:
    """What the server answers."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request: its path with the query, and its headers by lower-case name."""

    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """A running server; ``pages`` may be changed at any time, ``asked`` is what came."""

    address: str
    pages: dict[str, Given | Callable[[Asked], Given]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Given:
        """Answer a request by its path without the query."""
        if asked.path == "/robots.txt":
            return Given("", 404)
        self.asked.append(asked)
        page = self.pages.get(urlsplit(asked.path).path, Given("nothing here", 404))
        return page(asked) if callable(page) else page

    def discover(self, source: Source, **said: Any) -> Discovery:
        """Ask the source's lists, all of whose hosts are this server."""
        hosts = {"www.news.example", "news.example", "api.news.example"}

        async def ask() -> Discovery:
            async with Client(routes=dict.fromkeys(hosts, self.address), attempts=1) as client:
                return await discover.fn(source, client, lambda: NOW, **said)

        return asyncio.run(ask())


@contextmanager
def site(**pages: Given) -> Iterator[Site]:
    """Start a server on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            given = running.answer(Asked(self.path, headers))
            body = given.body.encode() if isinstance(given.body, str) else given.body
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Site(f"http://127.0.0.1:{server.server_port}", {f"/{k}": v for k, v in pages.items()})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
