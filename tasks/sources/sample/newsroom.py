"""Serves the newsroom over HTTP on loopback, for as long as it is entered."""

import socket
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tasks.sources.sample.site import Answer, Site


class Newsroom:
    """A context manager: a small news site on a free port of 127.0.0.1.

    Every link, canonical address and feed names ``http://newsroom.example``; whoever fetches maps
    that host to ``address`` (the Host header is not looked at), so URLs are the same in every run.

    ``edition`` is the newsroom at the first, second, third ... visit: from the second on, one story
    is corrected, one is gone (410) and one is new; the third is as the second.
    ``articles`` is for benchmarks: that many article URLs are listed, numbered variants of the
    stories where there are not enough, and no faults.
    """

    def __init__(self, edition: int = 1, articles: int | None = None) -> None:
        self._site = Site(edition, articles)
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="newsroom",
            daemon=True,
        ).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.stop()
        self._server = None

    @property
    def address(self) -> str:
        """Where it listens, ``http://127.0.0.1:<port>``. Raises RuntimeError when not entered."""
        if self._server is None:
            raise RuntimeError("The newsroom is closed; use it as `with Newsroom() as newsroom:`.")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> Counter[str]:
        """How often each path was asked for until now, without its query: a copy."""
        with self._lock:
            return self._asked.copy()

    def answer(self, target: str) -> Answer:
        """Count a request and return its answer; ``target`` is as the request line has it."""
        path = urlsplit(target).path
        with self._lock:
            self._asked[path] += 1
        return self._site.answer(path)


class _Server(ThreadingHTTPServer):
    """A server that can hang up on clients that keep their connections open."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def stop(self) -> None:
        """Stop listening and end every connection."""
        self.shutdown()
        self.server_close()
        for connection in self._open.copy():
            _hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up in the middle of an answer is no fault of the newsroom's.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD, keeping the connection open."""

    protocol_version = "HTTP/1.1"
    server_version = "Newsroom"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Send the answer of this path, or 304 where the client has it already."""
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        """Send the head alone."""
        self._send(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep silent."""

    def _send(self, *, with_body: bool) -> None:
        answer = self.server.newsroom.answer(self.path)
        etag = answer.headers.get("ETag")
        is_known = etag is not None and etag in self.headers.get("If-None-Match", "")
        self.send_response(304 if is_known else answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not is_known:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and not is_known:
            self.wfile.write(answer.body)
