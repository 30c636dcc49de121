"""Connections that end a server's talk before it has said anything.

h11 bounds one block of headers (100 kB), but not how many interim answers (1xx) come before the
final one.
"""

import ssl
from typing import Any

import httpcore
import httpx

MOST_HEAD_BYTES = 256_000  # between a request and the last header of its answer


class HeadLimit(httpcore.AsyncNetworkStream):
    """A stream that breaks when the head of an answer grows without end.

    Each request starts the count, ``head_is_read`` ends it.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._left = float(MOST_HEAD_BYTES)

    def head_is_read(self) -> None:
        """Count no more until the next request: a body has limits of its own."""
        self._left = float("inf")

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> bytes:
        """Raise ReadError when the head is too long, else as httpcore does."""
        data = await self._stream.read(max_bytes, timeout)
        self._left -= len(data)
        if self._left < 0:
            raise httpcore.ReadError(f"more than {MOST_HEAD_BYTES:,} bytes came before the body")
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> None:
        if buffer:
            self._left = float(MOST_HEAD_BYTES)
            await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        return HeadLimit(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def end_of_head(response: httpx.Response) -> None:
    """Note that the head of an answer has been read. Raises ReadError where none follows (101)."""
    stream = response.extensions.get("network_stream")
    if not isinstance(stream, HeadLimit):
        raise httpcore.ReadError(f"status {response.status_code} was not asked for")
    stream.head_is_read()
