"""Starts a run: opens what it needs, and closes all of it however the run ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cache, partial
from urllib.parse import urlsplit
from uuid import UUID

from flows.accounts import Accounts
from flows.clock import utc_now
from flows.cluster import workers_for
from flows.knowledge import read_all_rules, read_knowledge
from flows.notebook import Notebook
from flows.run import Run
from flows.settings import Settings
from flows.stopping import failing_told
from flows.tokens import tokens_for
from tasks.sources.registry import Sources
from tasks.sources.sample.newsroom import Newsroom
from tasks.sources.schema import Source
from tasks.tagging.learning.model_file import ModelFile, find_model
from tasks.tagging.tagger import knowledge_version
from tasks.tagging.taxonomy import load_taxonomy
from tasks.web.client import Client
from tasks.web.kept_robots import KeptRobots
from tasks.workers.pool import Workers, apart
from warehouse.archive import place_archive
from warehouse.files import replace_text
from warehouse.home import Home
from warehouse.leftovers import inherited


@asynccontextmanager
async def opened(
    settings: Settings,
    declared: Sources,
    chosen: Sequence[Source],
    run_id: UUID,
    *,
    due_only: bool = False,
    flow: str = "ingest",
    clock: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Run]:
    """Start a run of a flow: its row in the ledger, the newsroom, workers and connections.

    All steps read the time (UTC) from ``clock``. A run that fails is written down as failed, with
    what ended it.
    """
    home = Home(settings.home)
    place_archive(home, settings.archive)
    model = find_model(home.topic_model)
    check_knowledge(home)
    workers = _workers(settings, chosen, model)
    names = [source.name for source in chosen]
    notebook = Notebook(
        run_id=run_id,
        flow=flow,
        sources=names,
        home=home,
        patience=timedelta(seconds=settings.lock_seconds),
        clock=clock,
        started_at=clock(),
    )
    visits = await asyncio.to_thread(notebook.start, _topic_rows())
    robots = KeptRobots(home.robots, clock)
    async with AsyncExitStack() as stack:
        routes = bundled(stack, chosen, visits)
        if flow == "ingest":
            notebook.inherited = stack.enter_context(inherited(home, names))
        client = Client(contact=settings.contact, routes=routes, robots=robots)
        run = Run(
            run_id=run_id,
            home=notebook.home,
            settings=settings,
            declared=declared,
            chosen=chosen,
            client=await stack.enter_async_context(client),
            pool=stack.enter_context(workers),
            model=model,
            accounts=Accounts(names),
            notebook=notebook,
            due_only=due_only,
            watches=flow == "ingest",
            tokens=await tokens_for(chosen, settings),
            clock=clock,
        )
        for sentence in declared.left_out:
            run.warn(sentence)
        with failing_told(partial(notebook.finish, [], [])):
            yield run


def _workers(
    settings: Settings, chosen: Sequence[Source], model: ModelFile | None
) -> AbstractContextManager[Workers]:
    """Return the workers, which first read what the sources' languages need."""
    languages = {language for source in chosen for language in source.languages}
    warm_up = partial(read_knowledge, model, frozenset(languages))
    return workers_for(settings, settings.page_seconds, warm_up)


def check_knowledge(home: Home) -> None:
    """Read all that tagging knows, once after each change: a mistake is told before any request.

    Raises KnowledgeError for a data file that cannot be used.
    """
    version = knowledge_version()
    with suppress(OSError):
        if home.checked_knowledge.read_bytes() == version.encode():
            return
    _read_once(version)
    with suppress(OSError):  # it only saves the next run two seconds
        replace_text(home.checked_knowledge, version)


@cache
def _read_once(_: str) -> None:
    apart(read_all_rules)  # it is the worker processes that tag: this one need not hold 200 MB


def bundled(
    stack: AsyncExitStack, chosen: Sequence[Source], visits: Mapping[str, int]
) -> dict[str, str]:
    """Start the bundled newsroom where it is asked for; return its address by host name.

    It stands as it does at the visit after those that the ledger knows.
    """
    routes = {}
    for source in chosen:
        if source.bundled:
            newsroom = stack.enter_context(Newsroom(edition=visits[source.name] + 1))
            routes[urlsplit(source.home).hostname or ""] = newsroom.address
    return routes


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
