"""robots.txt, as RFC 9309 has it: what a host asks robots not to fetch, how fast, its sitemaps."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

import httpx
from protego import Protego

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.web.kept_robots import KeptRobots

ROBOT = "NewsLedger"  # the name by which a robots.txt may speak to us
MOST_BYTES = 512_000  # the rest is left out; the RFC wants at least 500 KiB read
KEPT_SECONDS = 86_400.0
KEPT_UNREADABLE_SECONDS = 300.0
LONGEST_DELAY = 30.0  # seconds; a longer crawl-delay would keep a source's list from ever ending
PLACE = "/robots.txt"
_OK = range(200, 300)

_AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*:?\s*([^#\s]*)", re.IGNORECASE)


# Fetches a robots.txt: its status and its body, which may be cut off.
Asker = Callable[[httpx.URL], Awaitable[tuple[int, bytes]]]


@dataclass(slots=True)
class _Kept:
    rules: Protego | Deferred
    until: float  # on the monotonic clock


class Robots:
    """The robots.txt of each host, kept for a day; asked for once, however many wait for it.

    With ``on_disk`` it is kept from run to run, too.
    """

    def __init__(self, on_disk: KeptRobots | None = None) -> None:
        self._on_disk = on_disk
        self._kept: dict[str, _Kept] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def rules(self, url: httpx.URL, ask: Asker) -> Protego:
        """Return the rules that hold for an address; none where the server has none (4xx).

        ``ask`` fetches a robots.txt. Raises Deferred where it cannot be read: then nothing may be
        asked of that host.
        """
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        kept = self._kept.get(origin)
        if kept is None or kept.until < monotonic():
            async with self._turns.setdefault(origin, asyncio.Lock()):
                kept = self._kept.get(origin)
                if kept is None or kept.until < monotonic():
                    kept = self._kept[origin] = await self._found(origin, ask)
        if isinstance(kept.rules, Deferred):
            raise Deferred(*kept.rules.args)
        return kept.rules

    async def _found(self, origin: str, ask: Asker) -> _Kept:
        """Return what is on disk, else what the host says now, which is kept there if it is one."""
        said = self._on_disk.read(origin) if self._on_disk else None
        if said is None:
            try:
                said = await _asked(httpx.URL(origin + PLACE), ask)
            except Deferred as error:
                wait = min(error.retry_after.total_seconds(), KEPT_UNREADABLE_SECONDS)
                return _Kept(error, monotonic() + wait)
            except Rejected:  # such as a redirect in a circle: as good as none
                return _Kept(Protego.parse(""), monotonic() + KEPT_UNREADABLE_SECONDS)
            if self._on_disk:
                self._on_disk.keep(origin, said)
        return _Kept(parsed(said), monotonic() + KEPT_SECONDS)

    async def require(self, url: httpx.URL, ask: Asker) -> float:
        """Raise Rejected where robots.txt asks not to fetch an address.

        Return the seconds to leave between two requests to its host.
        """
        rules = await self.rules(url, ask)
        if not rules.can_fetch(str(url), ROBOT):
            raise Rejected(
                Reason.ROBOTS, f"robots.txt of {url.host} asks not to fetch {url.path[:500]}"
            )
        rate = rules.request_rate(ROBOT)
        delay = rules.crawl_delay(ROBOT) or (rate.seconds / rate.requests if rate else 0)
        return min(delay, LONGEST_DELAY)


async def _asked(place: httpx.URL, ask: Asker) -> bytes:
    try:
        status, body = await ask(place)
    except Deferred as error:
        why = f"{place} cannot be read: {error.detail.removeprefix(str(place)).lstrip(': ')}"
        raise Deferred(error.reason, why, error.retry_after) from error
    return body[:MOST_BYTES] if status in _OK else b""


def parsed(body: bytes) -> Protego:
    """Return the rules of a robots.txt. Groups for other robots are folded into one.

    So a file that names ten thousand robots over ten thousand rules costs their sum, not their
    product; and "news" does not pass for "newsledger".
    """
    text = body[:MOST_BYTES].decode("utf-8-sig", "replace")
    return Protego.parse("\n".join(_folded(line) for line in text.splitlines()))


def _folded(line: str) -> str:
    agent = _AGENT_LINE.match(line)
    if not agent:
        return line
    name = agent.group(1).split("/")[0]
    return f"User-agent: {name if name.lower() in {'*', ROBOT.lower()} else '-'}"
