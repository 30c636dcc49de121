"""The checks in a run: found, stored, shown, and told as Prefect events."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client

from flows.ingest import ingest
from flows.summary import as_markdown
from tasks.check import FAILED
from tests import command
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.query import query

pytestmark = pytest.mark.usefixtures("prefect", "one_worker")


def newsledger(*arguments: str, code: int = 0) -> str:
    """Return what the command prints; it must end with this code."""
    done = command.newsledger(*arguments)
    assert done.returncode == code, done.stderr
    return done.stdout


def events() -> list[dict[str, Any]]:
    """Return the events of failing checks that have reached Prefect's server, the oldest first."""

    async def asked() -> list[dict[str, Any]]:
        wanted = {"filter": {"event": {"name": [FAILED]}, "order": "ASC"}, "limit": 50}
        async with get_client() as client:
            answer = await client.request("POST", "/events/filter", json=wanted)
            found: list[dict[str, Any]] = answer.json()["events"]
            return found

    return asyncio.run(asked())


def wait_for_events(count: int) -> list[dict[str, Any]]:
    """Return the events when there are so many; Prefect sends and stores them in the background."""
    deadline = time.monotonic() + 30
    while len(found := events()) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(found) == count
    return found


def test_a_failing_check_is_stored_shown_and_told(first: Path) -> None:
    """In the summary, in `status`, in the artifact; as an event that is new only once."""
    before = len(events())
    with writing(Home(first)) as connection:
        connection.execute("UPDATE polls SET stored = stored + 1")
    summary = asyncio.run(ingest(["sample"]))
    (failure,) = summary.failing
    assert failure.check_name == "books_balance"
    assert failure.detail in as_markdown(summary)
    shown = newsledger("status", code=1)
    assert "Failing checks" in shown
    assert failure.detail in shown
    asyncio.run(ingest(["sample"]))
    told = wait_for_events(before + 2)[before:]
    assert [event["resource"]["newsledger.is-new"] for event in told] == ["true", "false"]
    assert told[0]["resource"]["prefect.resource.id"] == "newsledger.check.books_balance"
    assert told[0]["payload"]["detail"] == failure.detail
    assert any(related["prefect.resource.role"] == "flow-run" for related in told[0]["related"])


def test_status_is_silent_while_all_checks_pass(first: Path) -> None:
    """The newsroom passes them all, and each of them ran."""
    shown = newsledger("status")
    assert "Failing checks" not in shown
    counted = query(Home(first), "SELECT count(*) > 10, bool_or(is_failure) FROM check_results")
    assert counted.rows == [(True, False)]


def test_the_command_searches(first: Path) -> None:
    """Title, where it is from, the stretch that has the words, and the address."""
    done = newsledger(*("search", "micron", "upgraded", "--ticker", "mu", "--since", "2026-01-01"))
    assert "Micron Upgraded As Memory Supply Stays Tight" in done
    assert "upgraded the stock from Hold to Buy" in done
    assert "2026-11-17  sample  MU, NVDA, AMD  analyst-ratings" in done
    assert done.endswith("\n1 article.\n")
    none = newsledger("search", "nowhere-to-be-found", "--lang", "it")
    assert none == "Nothing found in the last 90 days (--since).\n"
