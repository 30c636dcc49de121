"""Reads all documents of a source's lists on the web, asking only for what may be new."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.articles.identity import body_hash
from tasks.articles.records import Document, Listing
from tasks.discovery.kinds import LATE, Ask, Found, Kind
from tasks.sources.schema import Source

MOST_DOCUMENTS = 100  # of one source in one run; the others go on at its next poll
MOST_DOCUMENTS_OF_THE_PAST = 2_000  # of one stretch of past time: no later poll goes on with it
# What a list of the wrong shape brings out of the parsers (lxml's own errors are SyntaxErrors).
_MALFORMED = (ValueError, TypeError, AttributeError, LookupError, RecursionError, SyntaxError)
_OK, _NOT_MODIFIED, _UNAUTHORIZED = 200, 304, 401


class Answer(Protocol):
    """What a server answered."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


Asker = Callable[[str, Mapping[str, str]], Awaitable[Answer]]


@dataclass(slots=True)
class Gathered:
    """What was found so far in the lists of a source."""

    listings: list[Listing] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)
    is_alive: bool = False  # something could be read
    is_whole: bool = True
    whole_from: datetime | None = None  # nothing since then is left out
    has_more: bool = False  # asking again with what is known now goes on
    by_list: dict[int, list[Listing]] = field(default_factory=dict)  # the same listings

    def add(self, found: Found, of: object) -> None:
        """Take up what one document holds; ``of`` is the list that it is of."""
        self.listings += found.listings
        self.by_list.setdefault(id(of), []).extend(found.listings)
        self.problems += found.problems
        self.is_whole &= found.is_whole
        said = [at for at in (self.whole_from, found.whole_from) if at]
        self.whole_from = min(said, default=None)
        self.is_alive = True

    @contextmanager
    def keeping_errors(self) -> Iterator[None]:
        """Keep what goes wrong with one document: the others are read nevertheless."""
        try:
            yield
        except ItemError as error:
            self.errors.append(error)
            self.is_whole = False


@dataclass(slots=True)
class Reading:
    """One reading of a source's lists.

    ``known`` holds its documents as they were read last; none of it counts in a reading that
    remembers nothing (``remembers``), as that of a past day.
    """

    source: Source
    ask: Asker
    clock: Callable[[], datetime]
    known: Mapping[str, Document]
    gathered: Gathered
    remembers: bool = True
    _seen: set[str] = field(default_factory=set)

    async def read(self, kinds: Sequence[Kind]) -> None:
        """Read these lists into ``gathered``; one that fails is kept as an error."""
        waiting: deque[tuple[Kind, Ask]] = deque()
        for kind in kinds:
            with self.gathered.keeping_errors():
                waiting += [(kind, ask) for ask in kind.first()]
        read = left = 0
        most = MOST_DOCUMENTS if self.remembers else MOST_DOCUMENTS_OF_THE_PAST
        while waiting:
            kind, ask = waiting.popleft()
            if ask.url in self._seen or self._was_read_since(ask):
                continue
            self._seen.add(ask.url)
            read += not ask.is_moment
            if read > most and not ask.is_moment:
                left += 1
                continue
            with self.gathered.keeping_errors():
                found = await self._read_one(kind, ask)
                self.gathered.add(found, kind)
                waiting += [(kind, new) for new in sorted(found.further, key=self._read_at)]
        if left:
            self.gathered.is_whole = False
            self.gathered.problems.append(
                f"{left} documents of {self.source.name} wait for its next poll: a run reads "
                f"{most}."
            )

    def _was_read_since(self, ask: Ask) -> bool:
        document = self.known.get(ask.url) if self.remembers else None
        return bool(document and ask.changed_at and document.read_at >= ask.changed_at + LATE)

    def _read_at(self, ask: Ask) -> float:
        """Order documents: those never read as they came, then those read longest ago."""
        document = self.known.get(ask.url) if self.remembers else None
        return document.read_at.timestamp() if document else 0

    async def _read_one(self, kind: Kind, ask: Ask) -> Found:
        before = None if ask.is_moment or not self.remembers else self.known.get(ask.url)
        is_full = (
            not before or before.polls_since_full_read + 1 >= self.source.polling.full_read_every
        )
        validators = {} if is_full or before is None else _validators(before)
        answer = await self.ask(ask.url, {**ask.headers, **validators})
        if answer.status == _NOT_MODIFIED and before and validators:
            self._remember(
                replace(
                    before,
                    read_at=self.clock(),
                    polls_since_full_read=before.polls_since_full_read + 1,
                )
            )
            return Found()
        if answer.status == _UNAUTHORIZED:
            detail = f"{ask.url} answered 401: it asks for a token, or refuses the one it was sent"
            raise Deferred(Reason.REFUSED, detail, timedelta(hours=1))
        if answer.status != _OK:
            raise Rejected(Reason.HTTP_STATUS, f"{ask.url} answered {answer.status}")
        document = self._document(ask, answer)
        if before and before.body_hash == document.body_hash:
            self._remember(document)
            return Found()
        try:
            found = await asyncio.to_thread(kind.read, ask, answer.body)
        except _MALFORMED as error:
            raise Rejected(Reason.NOT_A_LIST, f"{ask.url}: {error}") from error
        if found.is_whole and not ask.is_moment:  # one that broke off is read again in full
            # What names further documents is read in full each time: they may change without it.
            self._remember(_without_state(document) if found.further else document)
        return found

    def _document(self, ask: Ask, answer: Answer) -> Document:
        return Document(
            source=self.source.name,
            url=ask.url,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            body_hash=body_hash(answer.body),
            read_at=self.clock(),
        )

    def _remember(self, document: Document) -> None:
        if self.remembers:
            self.gathered.documents.append(document)


def _validators(document: Document) -> dict[str, str]:
    said = {
        "If-None-Match": document.etag,
        "If-Modified-Since": document.last_modified,
    }
    return {name: value for name, value in said.items() if value}


def _without_state(document: Document) -> Document:
    return replace(document, etag="", last_modified="", body_hash=None)
