"""Asks servers for bodies: bounded in time, bytes, redirects and requests at once.

Every fault becomes one of the errors of ``tasks/articles/errors.py``. Each hop of a redirect is
asked as a first address is: checked, allowed by robots.txt, in its host's turn.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from time import monotonic
from typing import NamedTuple, Self

import httpx
import stamina

from tasks.articles.errors import NO_CONTACT, Deferred, Reason, Rejected, SettingsError
from tasks.articles.records import LONGEST_WAIT
from tasks.articles.secrets import without_secrets
from tasks.articles.urls import is_on_this_machine
from tasks.sources.schema import Politeness
from tasks.web.addresses import address_of, is_same_origin, redirect_target
from tasks.web.faults import NETWORK_FAULTS, asks_for_a_pause, network_fault, passing_fault
from tasks.web.guard import Dialler, Guard, Resolver, dial, resolve
from tasks.web.inflate import read_body
from tasks.web.kept_robots import KeptRobots
from tasks.web.pace import Host
from tasks.web.robots import MOST_BYTES, ROBOT, Robots
from tasks.web.streams import end_of_head
from tasks.web.transport import Transport

MAX_REDIRECTS = 10
CONNECT_SECONDS = 10.0  # of the whole request's time: a host that is there answers sooner
KEPT_HEADERS = {"content-type", "etag", "last-modified", "date", "age", "cache-control"}
KEPT_HEADERS |= {"content-language", "retry-after", "link", "x-robots-tag"}
# Of the caller's headers, those that may go to another host, which a redirect names.
MEANT_FOR_ALL = {"accept", "accept-encoding", "accept-language", "range"}
LONGEST_HEADER = 2_000  # characters that are kept of one
USER_AGENT = f"{ROBOT}/{version('newsledger')} ({{contact}})"
ASKED_FOR = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}

# A retry is no news; what fails in the end is reported with its reason.
stamina.instrumentation.set_on_retry_hooks(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered: any status but those that may pass, which are raised as Deferred."""

    requested_url: str  # secrets in the query of both addresses are blotted out
    url: str  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case; only those of KEPT_HEADERS
    body: bytes  # inflated; empty when the status is 304
    seconds: float  # that the requests took; waiting for their turns is left out

    @property
    def content_type(self) -> str:
        """As sent, charset included; "" when it was not."""
        return self.headers.get("content-type", "")


class Client:
    """An asynchronous context manager around the connections of one run.

    ``contact`` goes into the User-Agent; without one, only ``routes`` are asked, and addresses of
    this machine where private ones are allowed. ``routes`` maps
    host names to addresses on this machine, for servers that the run itself has started.
    ``attempts`` counts the first try. ``robots`` keeps what robots.txt said for the next runs.
    ``resolve`` and ``dial`` stand in for the system's own.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        routes: Mapping[str, str] | None = None,
        attempts: int = 3,
        robots: KeptRobots | None = None,
        resolve: Resolver = resolve,
        dial: Dialler = dial,
    ) -> None:
        self._contact = contact
        self._routes = dict(routes or {})
        self._attempts = attempts
        who = " ".join(contact.split()).encode("ascii", "replace").decode() or "loopback only"
        self._headers = httpx.Headers({"User-Agent": USER_AGENT.format(contact=who), **ASKED_FOR})
        self.asked = 0  # addresses, robots.txt left out: how far the caller's work is
        self._hosts: dict[str, Host] = {}
        self._robots = Robots(robots)
        # Two pools, so that no connection to a private address is ever handed to a request that
        # must not have one.
        self._public = Transport(Guard(resolve=resolve, dial=dial))
        self._private = Transport(
            Guard(allow_private=True, resolve=resolve, dial=dial), self._routes
        )
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exit.enter_async_context(self._public)
        await self._exit.enter_async_context(self._private)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exit.aclose()

    async def get(
        self, url: str, politeness: Politeness, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return the answer for this address. Raises Rejected or Deferred, or SettingsError.

        ``headers`` are sent with the request: validators, which make 304 a possible answer, or a
        token, which never shows in an error and never goes to another host. ``allow_private``
        opens this address's own host only, not those it redirects to.
        A connection that breaks and a server error are tried again, ``attempts`` times in all,
        with growing pauses. A host that says 429, or does not answer several times in a row, is not
        asked again by this client.
        """
        errand = self._errand(url, politeness, headers)
        try:
            answer, body, seconds = await self._several_times(errand)
        finally:
            self.asked += 1
        return Response(
            requested_url=without_secrets(str(errand.url)),
            url=without_secrets(str(answer.url)),
            status=answer.status_code,
            headers={
                name: without_secrets(answer.headers[name][:LONGEST_HEADER])
                for name in KEPT_HEADERS & answer.headers.keys()
            },
            body=body,
            seconds=seconds,
        )

    async def sitemaps(self, url: str, politeness: Politeness) -> tuple[str, ...]:
        """Return the sitemaps that robots.txt names at the host of this address, as printed.

        Raises as ``get`` does.
        """
        errand = self._errand(url, politeness)
        rules = await self._robots.rules(errand.url, partial(self._ask_robots, errand))
        return tuple(rules.sitemaps)

    async def _several_times(self, errand: "_Errand") -> "_Answer":
        host = self._host(errand.url, errand.politeness)
        async for attempt in stamina.retry_context(
            on=host.backoff, attempts=self._attempts, wait_initial=0.2, wait_max=5
        ):
            with attempt:
                return await self._follow(errand)
        raise AssertionError("stamina ends with a result or raises")

    async def _follow(self, errand: "_Errand") -> "_Answer":
        """Ask for an address, and for those that it redirects to."""
        url, headers = errand.url, errand.headers
        spent, seen = 0.0, set[httpx.URL]()
        while url not in seen and len(seen) <= MAX_REDIRECTS:
            seen.add(url)
            await self._require_leave(url, errand)
            answer, body, seconds = await self._hop(url, headers, errand, spent)
            spent += seconds
            target = redirect_target(answer)
            if target is None:
                return _Answer(answer, body, spent)
            if not is_same_origin(url, target):
                headers = {k: v for k, v in headers.items() if k.lower() in MEANT_FOR_ALL}
            url = target
        detail = f"{errand.url} is redirected in a circle or more than {MAX_REDIRECTS} times"
        raise Rejected(Reason.REDIRECT_LOOP, detail)

    async def _require_leave(self, url: httpx.URL, errand: "_Errand") -> None:
        """Raise Deferred or Rejected where an address must not be asked."""
        if not self._may_ask(url, errand):
            detail = f"{url} is not on this machine; set NEWSLEDGER_CONTACT to ask there"
            raise Deferred(Reason.REFUSED, detail, LONGEST_WAIT)
        if errand.politeness.robots and not errand.is_robots:
            delay = await self._robots.require(url, partial(self._ask_robots, errand))
            self._host(url, errand.politeness).slow_down(delay)

    async def _hop(
        self, url: httpx.URL, headers: Mapping[str, str], errand: "_Errand", spent: float
    ) -> "_Answer":
        """Make one request in its host's turn, and keep in mind how the host took it.

        ``spent`` are the seconds that earlier hops took of the time for all; waiting for a turn
        takes none of it.
        """
        host = self._host(url, errand.politeness)
        async with host.turn(errand.politeness):
            asked = monotonic()
            try:
                async with asyncio.timeout(errand.politeness.timeout - spent):
                    answer, body = await self._exchange(url, headers, errand)
            except NETWORK_FAULTS as error:
                fault = network_fault(error, url, errand.politeness.timeout)
                host.failed(fault)
                raise fault from None
            if passing := passing_fault(answer):
                host.failed(passing, pause=asks_for_a_pause(answer))
                if not (errand.is_robots and passing.reason is Reason.REFUSED):
                    raise passing
            host.answered()
            return _Answer(answer, body, monotonic() - asked)

    async def _exchange(
        self, url: httpx.URL, headers: Mapping[str, str], errand: "_Errand"
    ) -> tuple[httpx.Response, bytes]:
        politeness = errand.politeness
        is_own = url.host in self._routes or errand.may_be_private(url)
        limits = dict.fromkeys(("read", "write", "pool"), politeness.timeout)
        limits["connect"] = min(politeness.timeout, CONNECT_SECONDS)
        sent = self._headers.copy()  # as bytes: what a server sent as a validator may be any text
        sent.update({name.encode(): value.encode() for name, value in headers.items()})
        request = httpx.Request("GET", url, headers=sent, extensions={"timeout": limits})
        transport = self._private if is_own else self._public
        answer = await transport.handle_async_request(request)
        try:
            end_of_head(answer)
            if passing_fault(answer):
                return answer, b""  # what it says is not read
            is_short = errand.is_robots or redirect_target(answer) is not None
            limit = MOST_BYTES if is_short else politeness.max_bytes
            return answer, await read_body(answer, limit, cut=is_short)
        finally:
            await answer.aclose()

    async def _ask_robots(self, errand: "_Errand", url: httpx.URL) -> tuple[int, bytes]:
        """Ask for a robots.txt on the way to an errand's address."""
        for_robots = _Errand(url, errand.politeness, errand.own_host, is_robots=True)
        answer, body, _ = await self._several_times(for_robots)
        return answer.status_code, body

    def _host(self, url: httpx.URL, politeness: Politeness) -> Host:
        name = url.netloc.decode("ascii")
        if name not in self._hosts:
            self._hosts[name] = Host(name, politeness)
        return self._hosts[name]

    def _may_ask(self, url: httpx.URL, errand: "_Errand") -> bool:
        """Tell whether an address may be asked: it stays on this machine, or says who asks."""
        is_here = errand.may_be_private(url) and is_on_this_machine(str(url))
        return bool(self._contact) or url.host in self._routes or is_here

    def _errand(
        self, text: str, politeness: Politeness, headers: Mapping[str, str] | None = None
    ) -> "_Errand":
        url = address_of(text)
        errand = _Errand(url, politeness, url.host, headers or {})
        if not self._may_ask(url, errand):
            raise SettingsError(NO_CONTACT.format(place=url.host))
        return errand


@dataclass(frozen=True, slots=True)
class _Errand:
    """What to ask for, and how."""

    url: httpx.URL
    politeness: Politeness
    own_host: str  # the one that may be private, where the source says so
    headers: Mapping[str, str] = field(default_factory=dict)
    is_robots: bool = False

    def may_be_private(self, url: httpx.URL) -> bool:
        """Tell whether an address on the way, such as a redirect's, may be in a private network."""
        return self.politeness.allow_private and url.host == self.own_host


class _Answer(NamedTuple):
    answer: httpx.Response
    body: bytes
    seconds: float
