"""Writes WARC files as crawlers do, for the tests that read them."""

import gzip
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

HOST = "https://www.news.example"


def response(
    url: str,
    body: bytes | str = "<html><body><h1>Title</h1><p>Text</p></body></html>",
    *,
    date: str = "2026-11-17T10:00:00Z",
    status: str = "200 OK",
    content_type: str = "text/html; charset=utf-8",
    headers: str = "",
    kind: str = "response",
) -> bytes:
    """Return one record, with the headers that Common Crawl's crawler writes."""
    payload = body.encode() if isinstance(body, str) else body
    http = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f'ETag: "1"\r\n{headers}Content-Length: {len(payload)}\r\n\r\n'
    ).encode() + payload
    warc = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, url + date)}>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    ).encode()
    return warc + http + b"\r\n\r\n"


def info() -> bytes:
    """Return the record that a file begins with."""
    body = b"software: test\r\n"
    head = (
        "WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Date: 2026-11-17T10:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        f"Content-Type: application/warc-fields\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def gzipped(records: Iterable[bytes]) -> bytes:
    """Compress records one by one, as the standard asks."""
    return b"".join(map(gzip.compress, records))
