"""Asks servers for bodies: bounded in time, bytes, redirects and requests at once.

Every fault becomes one of the errors of ``tasks/articles/errors.py``. Bodies are inflated here, a
piece at a time, because httpx inflates a whole chunk before its size can be known.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Self

import httpx
import stamina

from tasks.articles.errors import Deferred, Reason, Rejected, SettingsError
from tasks.articles.records import LONGEST_WAIT
from tasks.sources.schema import Politeness

MAX_REDIRECTS = 10
SILENCES = 3  # requests in a row without an answer, after which a host is left alone
KEPT_HEADERS = {"content-type", "etag", "last-modified", "date", "age", "cache-control"}
KEPT_HEADERS |= {"content-language", "retry-after", "link", "x-robots-tag"}
GZIP_MAGIC = b"\x1f\x8b"
REFUSALS = {403, 408, 421, 425}  # bot walls and overload: the page may well come another time
WORTH_A_SECOND_TRY = {Reason.UNREACHABLE, Reason.SERVER_ERROR}

# A retry is no news; what fails in the end is reported with its reason.
stamina.instrumentation.set_on_retry_hooks(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered: any status but those that may pass, which are raised as Deferred."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case; only those of KEPT_HEADERS
    body: bytes  # inflated; empty when the status is 304

    @property
    def content_type(self) -> str:
        """As sent, charset included; "" when it was not."""
        return self.headers.get("content-type", "")


class Client:
    """An asynchronous context manager around one pool of connections.

    ``contact`` goes into the User-Agent; without one, only ``routes`` are asked. ``routes`` maps
    host names to addresses on this machine, for servers that the run itself has started.
    ``attempts`` counts the first try.
    """

    def __init__(
        self, *, contact: str = "", routes: Mapping[str, str] | None = None, attempts: int = 3
    ) -> None:
        self._contact = contact
        self._routes = dict(routes or {})
        self._attempts = attempts
        self._places: dict[str, asyncio.Semaphore] = {}
        self._silent: dict[str, int] = {}  # host -> requests in a row that it did not answer
        self._throttled: dict[str, Deferred] = {}
        self._exit = AsyncExitStack()
        self._http = httpx.AsyncClient(
            headers={
                "User-Agent": f"NewsLedger/0.1 ({contact or 'loopback only'})",
                "Accept-Encoding": "gzip, deflate",
            },
            event_hooks={"request": [self._require_contact]},
            mounts={f"all://{host}": _Route(address) for host, address in self._routes.items()},
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(self._http)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exit.aclose()

    async def get(
        self, url: str, politeness: Politeness, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return the answer for this address. Raises Rejected or Deferred, or SettingsError.

        ``headers`` are sent with the request: validators, which make 304 a possible answer, or a
        token, which never shows in an error.
        A connection that breaks and a server error are tried again, ``attempts`` times in all,
        with growing pauses. A host that says 429, or does not answer several times in a row, is not
        asked again by this client.
        """
        host = self._checked_host(url)
        place = self._places.setdefault(host, asyncio.Semaphore(politeness.concurrency))
        async with place:
            self._require_patience(host)
            try:
                response = await self._ask_several_times(url, politeness, headers or {})
            except Deferred as error:
                self._remember(host, error)
                raise
            self._silent.pop(host, None)
            return response

    async def _ask_several_times(
        self, url: str, politeness: Politeness, headers: Mapping[str, str]
    ) -> Response:
        async for attempt in stamina.retry_context(
            on=_worth_a_second_try, attempts=self._attempts, wait_initial=0.2, wait_max=5
        ):
            with attempt:
                return await self._ask(url, politeness, headers)
        raise AssertionError("stamina ends with a result or raises")

    def _require_patience(self, host: str) -> None:
        if host in self._throttled:
            error = self._throttled[host]
            raise Deferred(error.reason, f"{host} asked for a pause", error.retry_after)
        if self._silent.get(host, 0) >= SILENCES:
            raise Deferred(Reason.UNREACHABLE, f"{host} has stopped answering in this run")

    def _remember(self, host: str, error: Deferred) -> None:
        if error.reason is Reason.THROTTLED:
            self._throttled[host] = error
        elif error.reason in {Reason.TIMEOUT, Reason.UNREACHABLE}:
            self._silent[host] = self._silent.get(host, 0) + 1
        else:
            self._silent.pop(host, None)

    async def _require_contact(self, request: httpx.Request) -> None:
        """Check every hop of a redirect as the first address was checked."""
        if not self._contact and request.url.host not in self._routes:
            detail = f"{request.url} is on the internet; set NEWSLEDGER_CONTACT to ask there"
            raise Deferred(Reason.REFUSED, detail, LONGEST_WAIT)

    def _checked_host(self, url: str) -> str:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise Rejected(Reason.BAD_ADDRESS, f"{url!r} is not an address: {error}") from None
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise Rejected(Reason.BAD_ADDRESS, f"{url!r} is not an http(s) address")
        if not self._contact and parsed.host not in self._routes:
            raise SettingsError(
                f"{parsed.host} is on the internet, and servers there may want to know who asks: "
                "set NEWSLEDGER_CONTACT to your e-mail address or web page, then run again."
            )
        return parsed.host

    async def _ask(self, url: str, politeness: Politeness, headers: Mapping[str, str]) -> Response:
        try:
            async with (
                asyncio.timeout(politeness.timeout),
                self._http.stream(
                    "GET", url, headers=dict(headers), timeout=politeness.timeout
                ) as response,
            ):
                _raise_for_passing_fault(response)
                return Response(
                    url=str(response.url),
                    status=response.status_code,
                    headers={
                        k: response.headers[k] for k in KEPT_HEADERS & response.headers.keys()
                    },
                    body=await _inflated(response, politeness.max_bytes),
                )
        except (TimeoutError, httpx.TimeoutException):
            detail = f"{url} took longer than {politeness.timeout:g} s"
            raise Deferred(Reason.TIMEOUT, detail) from None
        except httpx.TooManyRedirects:
            detail = f"{url} was redirected more than {MAX_REDIRECTS} times"
            raise Rejected(Reason.REDIRECT_LOOP, detail) from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise Rejected(Reason.BAD_ADDRESS, f"{url} leads to no address: {error}") from None
        except (httpx.HTTPError, zlib.error) as error:
            detail = f"{url}: {type(error).__name__}: {error}"
            raise Deferred(Reason.UNREACHABLE, detail) from error


class _Route(httpx.AsyncBaseTransport):
    """Sends what is meant for one host to a server on this machine."""

    def __init__(self, address: str) -> None:
        self._origin = httpx.URL(address)
        self._transport = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(
            scheme=self._origin.scheme, host=self._origin.host, port=self._origin.port
        )
        return await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    async def aclose(self) -> None:
        await self._transport.aclose()


def _worth_a_second_try(error: Exception) -> bool:
    return (
        isinstance(error, Deferred)
        and error.reason in WORTH_A_SECOND_TRY
        and error.retry_after < timedelta(minutes=10)
    )


def _raise_for_passing_fault(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = _retry_after(response) or timedelta(minutes=15)
        raise Deferred(Reason.THROTTLED, f"{response.url} answered 429", wait)
    if status in REFUSALS:
        raise Deferred(Reason.REFUSED, f"{response.url} answered {status}", timedelta(hours=1))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        wait = _retry_after(response) or timedelta(minutes=5)
        raise Deferred(Reason.SERVER_ERROR, f"{response.url} answered {status}", wait)


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Read Retry-After: seconds, or a date, which is measured on the server's own clock."""
    value = response.headers.get("retry-after", "").strip()
    try:
        if value.isdecimal():
            wait = timedelta(seconds=min(int(value), LONGEST_WAIT.total_seconds()))
        else:
            until, now = (parsedate_to_datetime(d) for d in (value, response.headers["date"]))
            wait = until - now
    except (KeyError, TypeError, ValueError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)


async def _inflated(response: httpx.Response, limit: int) -> bytes:
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        pieces = response.aiter_raw()
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        pieces = _inflate(response.aiter_raw(), limit)
    else:
        detail = f"{response.url} answered in the encoding {encoding!r}, which was not asked for"
        raise Rejected(Reason.NOT_HTML, detail)
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > limit:
            detail = f"{response.url} sends more than {limit:,} bytes"
            raise Rejected(Reason.TOO_LARGE, detail)
    return bytes(body)


async def _inflate(pieces: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
    """Inflate gzip, of several members too, zlib and bare deflate, ``limit`` + 1 bytes a time."""
    inflate, data = None, b""
    async for piece in pieces:
        data += piece
        while len(data) >= 2 if inflate is None else data:  # noqa: PLR2004
            if inflate is None:
                inflate = zlib.decompressobj(_window_bits(data))
            elif inflate.eof:
                if not data.startswith(GZIP_MAGIC):
                    return  # padding after the last member
                inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield inflate.decompress(data, limit + 1)
            data = inflate.unconsumed_tail or inflate.unused_data
    if inflate is None or not inflate.eof:
        raise zlib.error("the compressed body ends too early")


def _window_bits(start: bytes) -> int:
    """Say how zlib is to read a body that starts with these bytes (RFC 1950, 1951, 1952)."""
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    known = start.startswith(GZIP_MAGIC) or is_zlib
    return zlib.MAX_WBITS | 32 if known else -zlib.MAX_WBITS
