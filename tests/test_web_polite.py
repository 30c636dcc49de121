"""The client's manners: robots.txt, pace, and leaving a host alone that asks for it."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.sources.schema import Politeness
from tasks.web.client import Client
from tasks.web.kept_robots import KeptRobots
from tasks.web.robots import LONGEST_DELAY, MOST_BYTES, Robots, parsed

T = TypeVar("T")
OURS = Politeness(allow_private=True, per_minute=60_000, timeout=5)
Site = Callable[[str], tuple[str, str, str]]  # path to status line, headers and body


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it, for at most twenty seconds."""
    return asyncio.run(asyncio.wait_for(work, 20))


async def visit(
    site: Site, asks: Callable[[Client, str], Awaitable[T]], **options: Any
) -> tuple[T, Counter[str]]:
    """Serve a site on loopback; return what ``asks`` gives, and how often each path was asked."""
    asked: Counter[str] = Counter()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(65_536):
            path = head.split(b" ")[1].decode()
            asked[path] += 1
            line, headers, body = site(path)
            head_lines = f"HTTP/1.1 {line}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
            writer.write((head_lines + body).encode())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, Client(contact="manners@test.example", **options) as client:
        return await asks(client, address), asked


def with_robots(robots: str, line: str = "200 OK", headers: str = "") -> Site:
    """Return a site with this robots.txt, where everything else is there."""

    def site(path: str) -> tuple[str, str, str]:
        return (line, headers, robots) if path == "/robots.txt" else ("200 OK", "", "hello")

    return site


async def ask_all(client: Client, address: str, politeness: Politeness, *paths: str) -> list[str]:
    """Ask for several paths at once; return the bodies, or the errors' reasons."""

    async def one(path: str) -> str:
        try:
            return (await client.get(address + path, politeness)).body.decode()
        except ItemError as error:
            return error.reason

    return await asyncio.gather(*(one(path) for path in paths))


def test_robots_txt_is_obeyed_and_asked_for_once() -> None:
    """Many listings of a host wait for one answer; what it asks not to fetch is not asked for."""
    site = with_robots("User-agent: *\nDisallow: /private\nAllow: /private/not\n")
    paths = ["/a", "/b", "/private/x", "/private/not"]
    found, asked = run(visit(site, lambda c, at: ask_all(c, at, OURS, *paths)))
    assert found == ["hello", "hello", Reason.ROBOTS, "hello"]
    assert asked == {"/robots.txt": 1, "/a": 1, "/b": 1, "/private/not": 1}


def test_robots_txt_is_kept_for_a_day_from_run_to_run(tmp_path: Path) -> None:
    """Then it is asked for again; so it is when the file is spoilt, or of another time."""
    now = [datetime(2026, 11, 23, 12, tzinfo=UTC)]
    kept = KeptRobots(tmp_path / "robots", lambda: now[0])
    site = with_robots("User-agent: *\nDisallow: /private\n")

    async def runs(_: Client, address: str) -> list[str]:
        found = []
        for hours in (0, 23, 2, -9):
            now[0] += timedelta(hours=hours)
            async with Client(contact="manners@test.example", robots=kept) as client:
                found += await ask_all(client, address, OURS, "/private/a")
        for file in (tmp_path / "robots").iterdir():
            file.write_bytes(b"\xff nonsense")
        async with Client(contact="manners@test.example", robots=kept) as client:
            return found + await ask_all(client, address, OURS, "/private/a")

    found, asked = run(visit(site, runs))
    assert found == [Reason.ROBOTS] * 5
    assert asked == {"/robots.txt": 4}, "at first, after a day, by a clock set back, when spoilt"


def test_an_unreadable_robots_txt_is_not_kept(tmp_path: Path) -> None:
    """The next run asks again."""
    kept = KeptRobots(tmp_path, lambda: datetime.now(UTC))
    site = with_robots("", "500 Oops")
    for _ in range(2):
        options = {"attempts": 1, "robots": kept}
        _, asked = run(visit(site, lambda c, at: ask_all(c, at, OURS, "/a"), **options))
        assert asked == {"/robots.txt": 1}
    assert list(tmp_path.iterdir()) == []


def test_the_message_names_host_and_path() -> None:
    """A person sees who asks not to fetch what."""
    site = with_robots("User-agent: NewsLedger\nDisallow: /\n")

    async def ask(client: Client, address: str) -> str:
        with pytest.raises(Rejected) as caught:
            await client.get(f"{address}/a?b=c", OURS)
        return caught.value.detail

    assert run(visit(site, ask))[0] == "robots.txt of 127.0.0.1 asks not to fetch /a"


def test_a_source_may_have_leave_to_ignore_robots() -> None:
    """With ``robots = false`` it is not even asked for."""
    site = with_robots("User-agent: *\nDisallow: /\n")
    lawless = OURS.model_copy(update={"robots": False})
    found, asked = run(visit(site, lambda c, at: ask_all(c, at, lawless, "/a")))
    assert (found, asked) == (["hello"], {"/a": 1})


@pytest.mark.parametrize("line", ["404 Not Found", "403 Forbidden", "410 Gone", "401 No"])
def test_no_robots_txt_allows_everything(line: str) -> None:
    """RFC 9309: a client error means that there are no rules."""
    found, _ = run(
        visit(with_robots("Disallow: /", line), lambda c, at: ask_all(c, at, OURS, "/a"))
    )
    assert found == ["hello"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [("500 Oops", Reason.SERVER_ERROR), ("429 Slow", Reason.THROTTLED), ("x", Reason.UNREACHABLE)],
)
def test_an_unreadable_robots_txt_puts_the_host_off(line: str, reason: Reason) -> None:
    """RFC 9309: nothing may be asked of a host whose rules cannot be known now."""
    paths = [f"/{n}" for n in range(20)]
    site = with_robots("", line)
    found, asked = run(visit(site, lambda c, at: ask_all(c, at, OURS, *paths), attempts=1))
    assert found == [reason] * 20
    assert asked == {"/robots.txt": 1}


def test_a_redirect_needs_leave_too() -> None:
    """What robots.txt asks not to fetch is not reached by a detour."""

    def site(path: str) -> tuple[str, str, str]:
        if path == "/a":
            return "302 Found", "Location: /private/x\r\n", ""
        return with_robots("User-agent: *\nDisallow: /private\n")(path)

    found, asked = run(visit(site, lambda c, at: ask_all(c, at, OURS, "/a")))
    assert found == [Reason.ROBOTS]
    assert "/private/x" not in asked


def test_sitemaps_are_told() -> None:
    """As robots.txt names them, in order."""
    site = with_robots("Sitemap: https://a.example/one.xml\nUser-agent: *\nSitemap: /two.xml\n")

    async def ask(client: Client, address: str) -> tuple[str, ...]:
        return await client.sitemaps(f"{address}/any/page", OURS)

    assert run(visit(site, ask))[0] == ("https://a.example/one.xml", "/two.xml")


@pytest.mark.parametrize(
    ("robots", "is_allowed"),
    [
        ("User-agent: news\nDisallow: /", True),
        ("User-agent: newsledger\nDisallow: /", False),
        ("User-agent: NewsLedger/2.0\nDisallow: /", False),
        ("User-agent: other\nUser-agent: NewsLedger\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: NewsLedger\nDisallow:", True),
        ("User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /no", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /*/story$", False),
        ("<!DOCTYPE html><title>Not found</title>", True),
        ("", True),
    ],
)
def test_rules_are_read(robots: str, is_allowed: bool) -> None:
    """For us by our whole name, else for all; wildcards count, other robots' rules do not."""
    rules = parsed(robots.encode())
    assert rules.can_fetch("https://news.example/a/story", "NewsLedger") is is_allowed


def test_a_hostile_robots_txt_is_read_in_time() -> None:
    """Ten thousand robots over ten thousand rules, wildcards in rows, and no end in sight."""
    started = time.monotonic()
    agents = "".join(f"User-agent: r{n}\n" for n in range(12_000))
    rules = "".join(f"Disallow: /{'*a' * 20}{n}\n" for n in range(6_000))
    body = (agents + rules + "Disallow: /\n" * 100_000).encode()
    assert len(body) > MOST_BYTES
    assert parsed(body).can_fetch("https://news.example/" + "a" * 2_000, "NewsLedger")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 2", 2),
        ("Request-rate: 1/5", 5),
        ("Crawl-delay: 86400", LONGEST_DELAY),
        ("Crawl-delay: inf", 0),
        ("Crawl-delay: -3", 0),
        ("Crawl-delay: soon", 0),
    ],
)
def test_a_crawl_delay_counts_up_to_a_bound(line: str, seconds: float) -> None:
    """What a robots.txt says of pace, in seconds between two requests."""

    async def ask(_: httpx.URL) -> tuple[int, bytes]:
        return 200, f"User-agent: *\n{line}\n".encode()

    assert run(Robots().require(httpx.URL("http://news.example/a"), ask)) == seconds


@pytest.mark.parametrize(
    ("robots", "per_minute"),
    [("User-agent: *\nCrawl-delay: 0.1\n", 60_000), ("", 600)],
)
def test_requests_to_a_host_are_paced(robots: str, per_minute: float) -> None:
    """By its crawl-delay or by its source, whichever is gentler: 0.1 s between two."""
    gentle = OURS.model_copy(update={"per_minute": per_minute, "concurrency": 1})
    paths = [f"/{n}" for n in range(6)]
    started = time.monotonic()
    found, _ = run(visit(with_robots(robots), lambda c, at: ask_all(c, at, gentle, *paths)))
    assert found == ["hello"] * 6
    assert time.monotonic() - started >= 0.45


def test_the_gentlest_source_of_a_host_sets_its_pace() -> None:
    """Two sources share a server; it is asked as slowly as the more careful one wants."""

    async def ask(client: Client, address: str) -> float:
        await client.get(f"{address}/a", OURS)
        careful = OURS.model_copy(update={"per_minute": 600, "concurrency": 1})
        await client.get(f"{address}/b", careful)
        started = time.monotonic()
        for n in range(3):
            await client.get(f"{address}/{n}", OURS)
        return time.monotonic() - started

    assert run(visit(with_robots(""), ask))[0] >= 0.25


def test_waiting_for_a_turn_takes_no_time_of_the_request() -> None:
    """A slow pace is no timeout, not even for pages that are redirected."""

    def site(path: str) -> tuple[str, str, str]:
        moved = "302 Found", f"Location: {path}/there\r\n", ""
        return ("200 OK", "", "hello") if path.endswith("/there") else moved

    slow = {"timeout": 0.5, "per_minute": 600, "concurrency": 1, "robots": False}
    gentle = OURS.model_copy(update=slow)
    paths = [f"/{n}" for n in range(8)]
    found, _ = run(visit(site, lambda c, at: ask_all(c, at, gentle, *paths)))
    assert found == ["hello"] * 8


def answering(first: str, headers: str) -> Site:
    """Return a site that answers the first request like this, and all others well."""
    asked = []

    def site(path: str) -> tuple[str, str, str]:
        if path == "/robots.txt":
            return "404 None", "", ""
        asked.append(path)
        return (first, headers, "") if len(asked) == 1 else ("200 OK", "", "hello")

    return site


@pytest.mark.parametrize("line", ["429 Slow", "503 Later"])
def test_a_short_pause_is_waited_for(line: str) -> None:
    """A host that asks for a second gets it, and then the request again."""
    started = time.monotonic()
    site = answering(line, "Retry-After: 1\r\n")
    found, asked = run(visit(site, lambda c, at: ask_all(c, at, OURS, "/a")))
    assert found == ["hello"]
    assert asked["/a"] == 2
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    ("line", "reason"), [("429 Slow", Reason.THROTTLED), ("503 Later", Reason.SERVER_ERROR)]
)
def test_a_long_pause_is_left_to_a_later_run(line: str, reason: Reason) -> None:
    """One answer with Retry-After speaks for the host: nothing more is asked of it."""

    async def ask(client: Client, address: str) -> list[Deferred]:
        errors = []
        for path in ("/a", "/b"):
            with pytest.raises(Deferred) as caught:
                await client.get(address + path, OURS)
            errors.append(caught.value)
        return errors

    errors, asked = run(visit(answering(line, "Retry-After: 3600\r\n"), ask))
    assert [error.reason for error in errors] == [reason] * 2
    assert all(timedelta(minutes=59) < e.retry_after <= timedelta(hours=1) for e in errors)
    assert asked["/b"] == 0


def test_one_host_that_asks_for_a_pause_holds_no_other() -> None:
    """Hosts are told apart: what one says counts for it alone."""

    async def ask(client: Client, address: str) -> bytes:
        with pytest.raises(Deferred):
            await client.get(f"{address}/a", OURS)
        other = address.replace("127.0.0.1", "localhost")
        return (await client.get(f"{other}/b", OURS)).body

    assert run(visit(answering("429 Slow", "Retry-After: 3600\r\n"), ask))[0] == b"hello"
