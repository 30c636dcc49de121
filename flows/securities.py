"""The reference of securities in the warehouse: the project's snapshot, and a fresh one."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from flows.clock import utc_now
from flows.settings import Settings
from tasks.articles.errors import ItemError, NewsLedgerError
from tasks.sources.schema import Politeness
from tasks.tagging.securities.lists import (
    NASDAQ,
    OTHERS,
    SEC,
    Listed,
    read_nasdaq,
    read_others,
    read_sec,
)
from tasks.tagging.securities.reference import Reference, load_reference
from tasks.tagging.securities.renewal import renewed
from tasks.tagging.securities.rows import security_rows
from tasks.web.client import Client
from warehouse.connection import Connection, writing
from warehouse.home import Home
from warehouse.securities import load_securities

LISTS: Mapping[str, Callable[[bytes], list[Listed]]] = {
    SEC: read_sec,
    NASDAQ: read_nasdaq,
    OTHERS: read_others,
}
FEWEST = 1_000  # securities of each list: one with fewer was cut off
_GENTLY = Politeness(concurrency=1, timeout=120, max_bytes=50_000_000)
_OK = 200


def load_snapshot(connection: Connection) -> bool:
    """Load the project's own reference, unless the table holds it or a newer one."""
    return _load(connection, load_reference())


async def refresh_now(settings: Settings) -> str:
    """Take the lists of today, as the settings say, and return what came of it."""
    wait = timedelta(seconds=settings.lock_seconds)
    async with Client(contact=settings.contact) as client:
        return await refresh(Home(settings.home), client, utc_now().date(), wait=wait)


async def refresh(home: Home, client: Client, today: date, *, wait: timedelta) -> str:
    """Take the lists of today, load the table and return what came of it, for a person.

    Raises NewsLedgerError for a list that cannot be had or read: then nothing is changed.
    """
    listed = [one for url, read in LISTS.items() for one in await _listed(client, url, read)]
    known = load_reference()
    reference = renewed(known, listed, today)
    with writing(home, wait=wait) as connection:
        _load(connection, reference)
    added = len(reference.companies) - len(known.companies)
    return (
        f"{len(listed):,} listed securities read, {added:,} of companies that the project's own"
        f" reference {known.version} has not; the table securities is {reference.version}."
    )


def _load(connection: Connection, reference: Reference) -> bool:
    return load_securities(connection, reference.version, lambda: security_rows(reference))


async def _listed(client: Client, url: str, read: Callable[[bytes], list[Listed]]) -> list[Listed]:
    try:
        response = await client.get(url, _GENTLY)
        if response.status != _OK:
            raise NewsLedgerError(f"{url} answered {response.status}; try again later.")
        listed = read(response.body)
    except ItemError as error:
        raise NewsLedgerError(f"{url} cannot be had: {error.detail}; try again later.") from error
    except ValueError as error:
        raise NewsLedgerError(f"{url} is not the list it used to be: {error}.") from error
    if len(listed) < FEWEST:
        raise NewsLedgerError(
            f"{url} has only {len(listed)} securities: it was cut off; try again."
        )
    return listed
