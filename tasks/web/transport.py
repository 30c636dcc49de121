"""httpx on a pool of connections of our own, whose sockets the guard dials.

There is no ``httpx.AsyncClient`` on top: it would keep cookies, take passwords out of addresses,
and log each address whole, with any token in it.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpcore
import httpx

IDLE_SECONDS = 15  # an idle connection stays open: longer than most pauses between two requests
MOST_ORIGINS = 100  # whose connections are kept; of more, those not used for longest are closed


class Transport(httpx.AsyncBaseTransport):
    """Sends one request over HTTP/1.1, with certificates verified; no proxies, no redirects.

    ``routes`` maps host names to addresses of servers that stand in for them. Raises the errors of
    httpcore. How many requests are under way is the caller's business.
    """

    def __init__(
        self, backend: httpcore.AsyncNetworkBackend, routes: Mapping[str, str] | None = None
    ) -> None:
        self._routes = {host: httpx.URL(address) for host, address in (routes or {}).items()}
        self._backend = backend
        self._ssl_context = httpx.create_ssl_context(trust_env=False)
        # One for each origin: a pool looks at all of its connections, twice for each request.
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        at = self._routes.get(request.url.host, request.url)
        url = httpcore.URL(
            scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=request.url.raw_path
        )
        await self._close_oldest()
        answer = await self._pool(str(url.origin)).handle_async_request(
            httpcore.Request(
                request.method, url, headers=request.headers.raw, extensions=request.extensions
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=dict(answer.extensions),
            request=request,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()

    def _pool(self, origin: str) -> httpcore.AsyncConnectionPool:
        """Return the connections to an origin, which are now those used last."""
        pool = self._pools.pop(origin, None) or httpcore.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            max_connections=None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._backend,
        )
        self._pools[origin] = pool
        return pool

    async def _close_oldest(self) -> None:
        if len(self._pools) <= MOST_ORIGINS:
            return
        for origin in list(self._pools)[:-MOST_ORIGINS]:
            pool = self._pools.get(origin)
            if pool and all(connection.is_idle() for connection in pool.connections):
                del self._pools[origin]
                await pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
