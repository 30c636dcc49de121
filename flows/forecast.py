"""What a backfill would bring: its lists are read and counted, nothing is fetched or written."""

from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from prefect import flow

from flows.clock import utc_now
from flows.days import Asked, days_to_fill
from flows.progress import progress
from flows.settings import load_settings
from flows.start import bundled
from flows.stretches import Reader, readouts
from flows.tokens import tokens_for
from tasks.articles.records import Listing
from tasks.discovery.lists import reaching_lists
from tasks.sources.registry import choose, load_sources
from tasks.web.client import Client
from warehouse.connection import reading
from warehouse.errors import WarehouseMissing
from warehouse.home import Home
from warehouse.ledger import known_listings
from warehouse.slices import Closing, slice_states


@dataclass(frozen=True, slots=True)
class Expected:
    """What the lists give for one day."""

    day: date
    listed: int
    known: int  # of them, have their outcome for good
    error: str  # why its lists could not be read whole


@flow(name="backfill-forecast")
async def forecast(
    source: str,
    since: date | None = None,
    until: date | None = None,
    *,
    only_gaps: bool = False,
    force: bool = False,
    oldest_first: bool = False,
) -> list[Expected]:
    """Return what `backfill` with the same arguments would find, a row a day, in its order."""
    settings = load_settings()
    declared = load_sources(settings.sources)
    (chosen,) = choose(declared, [source])
    reaching_lists(chosen)
    home = Home(settings.home)
    asked = Asked(
        since=since, until=until, only_gaps=only_gaps, force=force, oldest_first=oldest_first
    )
    days = days_to_fill(_states(home, source), asked, utc_now().date()).days
    async with AsyncExitStack() as stack:
        client = Client(contact=settings.contact, routes=bundled(stack, [chosen], {chosen.name: 0}))
        reader = Reader(
            source=chosen,
            client=await stack.enter_async_context(client),
            clock=utc_now,
            tokens=await tokens_for([chosen], settings),
            spool=home.spool,
        )
        return await _count(reader, home, days)


async def _count(reader: Reader, home: Home, days: Sequence[date]) -> list[Expected]:
    listed, known = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    errors: dict[date, str] = {}
    async for readout in readouts(reader, days):
        for day, listings in readout.listings.items():
            listed[day] += len(listings)
            known[day] += len(_decided(home, listings))
        errors |= {closing.day: _error(closing) for closing in readout.closings}
        progress().say(f"{len(errors):,} of {len(days):,} days are read")
    unread = "not read: its source could not be reached"
    return [Expected(day, listed[day], known[day], errors.get(day, unread)) for day in days]


def _error(closing: Closing) -> str:
    lines = f"{len(closing.undated):,} lines say no day, their articles may"
    return "; ".join(why for why in (closing.error, lines if closing.undated else "") if why)


def _states(home: Home, source: str) -> dict[date, str]:
    with suppress(WarehouseMissing), reading(home.news) as connection:
        return slice_states(connection, source)
    return {}


def _decided(home: Home, listings: Sequence[Listing]) -> frozenset[UUID]:
    with suppress(WarehouseMissing), reading(home.news) as connection:
        return known_listings(connection, [x.listing_id for x in listings]).decided
    return frozenset()
