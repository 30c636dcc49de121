"""Starts a run: opens what it needs, and closes all of it however the run ends."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flows.accounts import Accounts
from flows.knowledge import read_knowledge
from flows.run import Run, utc_now
from flows.settings import Settings
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.schema import Source
from tasks.tagging.tagger import load_tagger
from tasks.tagging.taxonomy import load_taxonomy
from tasks.web.client import Client
from tasks.workers.pool import WorkerPool
from warehouse import ledger
from warehouse.connection import writing
from warehouse.errors import WarehouseBusy
from warehouse.home import Home
from warehouse.taxonomy import load_topics


@asynccontextmanager
async def opened(
    settings: Settings, declared: Mapping[str, Source], chosen: Sequence[Source], run_id: UUID
) -> AsyncIterator[Run]:
    """Start a run: its row in the ledger, the newsroom if asked for, workers and connections.

    A run that fails is written down as failed, with what ended it.
    """
    load_tagger()  # a mistake in its data is told here, before anything is asked
    home, wait = Home(settings.home), timedelta(seconds=settings.lock_seconds)
    started_at = utc_now()
    names = [source.name for source in chosen]
    with writing(home, wait=wait) as connection:
        ledger.start_run(
            connection, run_id=run_id, flow="ingest", sources=names, started_at=started_at
        )
        load_topics(connection, _topic_rows())
        visits = {name: ledger.count_polls(connection, name) for name in names}
    async with AsyncExitStack() as stack:
        routes: dict[str, str] = {}
        for source in chosen:
            if source.bundled:
                newsroom = stack.enter_context(Newsroom(edition=visits[source.name] + 1))
                routes[urlsplit(source.home).hostname or ""] = newsroom.address
        client = Client(contact=settings.contact, routes=routes)
        pool = WorkerPool(settings.workers, settings.page_seconds, read_knowledge)
        run = Run(
            run_id=run_id,
            home=home,
            settings=settings,
            declared=declared,
            chosen=chosen,
            client=await stack.enter_async_context(client),
            pool=stack.enter_context(pool),
            accounts=Accounts(names),
            started_at=started_at,
        )
        try:
            yield run
        except BaseException as error:
            with suppress(WarehouseBusy), writing(home, wait=wait) as connection:
                ledger.finish_run(
                    connection, run_id=run_id, finished_at=utc_now(), error=repr(error)
                )
            raise


def _topic_rows() -> list[dict[str, object]]:
    return [
        {
            "topic": topic.slug,
            "topic_group": topic.group,
            "names": dict(topic.names),
            "iptc_media_topic": topic.iptc_media_topic,
            "means": topic.means,
        }
        for topic in load_taxonomy().topics.values()
    ]
