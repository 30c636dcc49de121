"""Step 1, discover: ask a source what it lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from tasks.articles.errors import Deferred, Reason, Rejected
from tasks.articles.records import Document, Listing, Span
from tasks.discovery.benzinga import Benzinga
from tasks.discovery.files import Files, matching
from tasks.discovery.folder import Folder
from tasks.discovery.listings import merged
from tasks.discovery.lists import kind_of
from tasks.discovery.reading import Answer, Asker, Gathered, Reading
from tasks.discovery.shared_ids import complaint, shared_ids
from tasks.discovery.spool import copied, sweep
from tasks.discovery.warc import Warc
from tasks.sources.schema import ArticleList, FolderList, Source, WarcList
from tasks.web.client import Client

MAX_LIST_BYTES = 50_000_000
API = "benzinga"  # the name of its token
_ON_THE_WEB = ("http://", "https://")
_ALL_TIME = Span()
_NONE_KNOWN: Mapping[str, Document] = MappingProxyType({})


class Secret(Protocol):
    """A token that does not show itself, such as pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        """Return the token."""
        ...


_NO_TOKENS: Mapping[str, Secret] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a source lists, each article once, and what was read to know it."""

    listings: list[Listing]
    problems: list[str]  # lists that could not be read, in sentences
    documents: list[Document]  # that were read or are unchanged: for the ledger, with the listings
    is_whole: bool  # every list was read to its true end
    retry_after: timedelta = timedelta()  # how long a server that was asked too often wants to rest
    whole_until: datetime | None = None  # else: all that changed before this was listed, if known
    whole_from: datetime | None = None  # its sitemaps leave nothing out since then; None: unknown
    has_more: bool = False  # files are left: asking again with the documents so far goes on


def _may_pass_soon(_task: object, _run: object, state: State[Any]) -> bool:
    error = state.data
    return isinstance(error, Deferred) and error.reason in {Reason.UNREACHABLE, Reason.SERVER_ERROR}


@task(
    task_run_name="discover {source.name}",
    cache_policy=NO_CACHE,
    retries=1,
    retry_delay_seconds=5,
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass_soon,
)
async def discover(
    source: Source,
    client: Client,
    clock: Callable[[], datetime],
    *,
    span: Span = _ALL_TIME,
    known: Mapping[str, Document] = _NONE_KNOWN,
    tokens: Mapping[str, Secret] = _NO_TOKENS,
    spool: Path | None = None,
    lists: Sequence[ArticleList] | None = None,
    remembers: bool | None = None,
) -> Discovery:
    """Read all lists of a source: what is new since ``span.since``, or one past stretch of time.

    ``clock`` gives UTC. ``known`` holds the source's documents by URL as they were read last: one
    that has not changed since lists nothing again. With ``span.until`` set, all is read anew, what
    is outside the span is left out, and no document is returned, unless ``remembers`` says
    otherwise. ``lists`` are those of the source to read; default: all. ``tokens`` are those of APIs
    by name ("benzinga"). ``spool`` is the folder for copies of WARC files that lie on the web.

    Raises Deferred or Rejected when not one list could be read, so that a dead feed is never taken
    for one with nothing new.
    """

    async def ask(url: str, headers: Mapping[str, str]) -> Answer:
        politeness = source.politeness_at(url).model_copy(update={"max_bytes": MAX_LIST_BYTES})
        return await client.get(url, politeness, headers)

    now, gathered = clock(), Gathered()
    remembers = span.until is None if remembers is None else remembers
    read = source.lists if lists is None else lists
    token = tokens[API].get_secret_value() if API in tokens else ""
    on_web = [kind_of(declared, source, span, now, token) for declared in read]
    kinds = [kind for kind in on_web if kind]
    await Reading(source, ask, clock, known, gathered, remembers).read(kinds)
    if spool:
        sweep(spool, now)
    files = Files(source.name, gathered, clock, known, remembers)
    for declared in read:
        if isinstance(declared, FolderList):
            await files.read(Folder(declared, source, span, now), _on_disk(declared, gathered))
        elif isinstance(declared, WarcList):
            paths = _on_disk(declared, gathered) | await _copies(declared, files, spool, ask)
            await files.read(Warc(declared, source, span), paths)
    reached = [kind.reached for kind in kinds if isinstance(kind, Benzinga)]
    whole_until = reached[0] if len(read) == len(reached) == 1 else None
    return _discovery(gathered, source, whole_until)


def _on_disk(declared: WarcList | FolderList, gathered: Gathered) -> dict[str, Path]:
    """Return the files on this machine that a list names."""
    paths: dict[str, Path] = {}
    for pattern in declared.files:
        if not pattern.startswith(_ON_THE_WEB):
            with gathered.keeping_errors():
                found = matching(pattern)
                gathered.is_alive |= not found  # its folder is there: nothing has come yet
                paths |= found
    return paths


async def _copies(
    declared: WarcList, files: Files, spool: Path | None, ask: Asker
) -> dict[str, Path]:
    """Return copies of the files on the web that a list names; of those only that are not done."""
    paths: dict[str, Path] = {}
    for url in declared.files:
        if not url.startswith(_ON_THE_WEB):
            continue
        if files.is_done(url):
            files.gathered.is_alive = True
            continue
        with files.gathered.keeping_errors():
            if spool is None:
                raise Deferred(Reason.INTERNAL, f"no folder was given for a copy of {url}")
            paths[url] = await copied(url, spool, ask)
    return paths


def _discovery(gathered: Gathered, source: Source, whole_until: datetime | None) -> Discovery:
    errors = gathered.errors
    if errors and not gathered.is_alive:
        details = "; ".join(error.detail for error in errors)
        waits = [error.retry_after for error in errors if isinstance(error, Deferred)]
        if waits:
            raise Deferred(errors[0].reason, details, max(waits))
        raise Rejected(errors[0].reason, details)
    pauses = [
        x.retry_after for x in errors if isinstance(x, Deferred) and x.reason == Reason.THROTTLED
    ]
    found = [one for lines in gathered.by_list.values() for one in shared_ids(lines, source)]
    apart = {address for shared in found for address in shared.identities}
    return Discovery(
        listings=merged(gathered.listings, source, apart),
        problems=[*map(str, errors), *gathered.problems, *complaint(found, source)],
        documents=gathered.documents,
        is_whole=gathered.is_whole,
        retry_after=max(pauses, default=timedelta()),
        whole_until=None if gathered.is_whole else whole_until,
        whole_from=gathered.whole_from,
        has_more=gathered.has_more,
    )
