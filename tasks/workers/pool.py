"""A pool of processes with a time limit on every item: one bad page costs its limit, not the batch.

Pebble kills a worker that is over its limit and starts another. Its processes are started by loky,
which, unlike multiprocessing, does not import the parent's main module again: in a Prefect worker
that module is Prefect, and would cost each process seconds.
"""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol, Self, TypeVar

from loky.backend import get_context
from pebble import ProcessExpired, ProcessPool

from tasks.articles.errors import Deferred, ItemError, Reason

Result = TypeVar("Result")
LATER = timedelta(hours=1)
_GARBAGE = 10_000  # objects between two looks for garbage; a page makes thousands


def apart(function: Callable[[], Result]) -> Result:
    """Call a function in a process of its own, whose memory ends with it; raise what it raises."""
    with ProcessPool(max_workers=1, context=get_context("loky")) as pool:
        with _without_ctrl_c():
            future = pool.schedule(function)
        result: Result = future.result()
        return result


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keep Ctrl-C from the threads and processes that are started inside: the run ends them.

    A process that is interrupted while it starts would print where it stood.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settle_in(warm_up: Callable[[], object]) -> None:
    """Read what the process needs, and leave it out when garbage is looked for: 4 % of the time."""
    warm_up()
    gc.freeze()
    gc.set_threshold(_GARBAGE)


class Workers(Protocol):
    """What extracts and tags: this machine's processes, or a cluster (``flows/cluster.py``)."""

    batches: int  # that are worth having under way at once

    def get_ready(self) -> None:
        """Begin to start, if that has not begun: there will be something to work on."""
        ...

    async def map(
        self, function: Callable[..., Result], *arguments: Iterable[object]
    ) -> list[Result | ItemError]:
        """Return, in order, what the function makes of each item, or the error it ended in."""
        ...


class WorkerPool:
    """A context manager; ``time_limit`` is in seconds an item.

    Its processes start when they are first told to get ready, or given work: a run that finds
    nothing new needs none. Each then imports and reads what it will need: ``warm_up`` does so.
    """

    batches = 3  # are extracted and loaded while others are fetched

    def __init__(
        self, processes: int, time_limit: float, warm_up: Callable[[], object] | None = None
    ) -> None:
        self._time_limit = time_limit
        self._pool = ProcessPool(max_workers=processes, context=get_context("loky"))
        self._to_warm_up = [warm_up] * processes if warm_up else []

    def get_ready(self) -> None:
        """Begin to start the processes, once."""
        # Not as pebble's initializer: when that raises, what is pending may wait for ever.
        while self._to_warm_up:
            with _without_ctrl_c():
                self._pool.schedule(_settle_in, args=[self._to_warm_up.pop()])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    async def map(
        self, function: Callable[..., Result], *arguments: Iterable[object]
    ) -> list[Result | ItemError]:
        """Return, in order, what the function makes of each item, or the error it ended in.

        As the builtin ``map``, with one iterable for each argument; all is pickled. What is not
        an ItemError already becomes one, Deferred: the machine may have been busy, or the fault
        is ours and mended by then; a listing that keeps failing is given up in the end.
        """
        self.get_ready()
        with _without_ctrl_c():
            futures = [
                self._pool.schedule(function, args=args, timeout=self._time_limit)
                for args in zip(*arguments, strict=True)
            ]
        return [await self._settled(future) for future in futures]

    async def _settled(self, future: "Future[Any]") -> Any:
        result: Any
        (result,) = await asyncio.gather(asyncio.wrap_future(future), return_exceptions=True)
        match result:
            case ItemError():
                return result
            case TimeoutError():
                detail = f"it took more than {self._time_limit:g} s of work and was stopped"
                return Deferred(Reason.TIME_LIMIT, detail, LATER)
            case ProcessExpired():
                return Deferred(Reason.WORKER_DIED, f"its worker process ended: {result}", LATER)
            case Exception():
                return Deferred(Reason.INTERNAL, f"{type(result).__name__}: {result}", LATER)
            case BaseException():
                raise result
        return result
