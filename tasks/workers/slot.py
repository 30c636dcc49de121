"""What a worker on another machine does with a batch: the same, under the same limits.

Each thread in which the cluster runs tasks (a slot) has one process that does the work, for only a
process can be stopped when a page hangs. It is started with the slot's first batch and stays.
"""

import asyncio
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Sequence
from typing import Any

from tasks.workers.pool import WorkerPool


class _Slot(threading.local):
    """What a thread keeps from batch to batch: its process, for each time limit there was."""

    def __init__(self) -> None:
        self.pools: dict[float, WorkerPool] = {}


_slot = _Slot()


def pack(function: Callable[..., object], arguments: Sequence[Sequence[object]]) -> bytes:
    """Return a batch of work as bytes: Prefect would walk through all records of anything else."""
    return pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL)


def work_through(batch: bytes, time_limit: float, warm_up: Callable[[], object] | None) -> bytes:
    """Work through what ``pack`` made, each item in at most ``time_limit`` seconds.

    Returns the pickled results, in order: for each item what the function makes of it, or the
    ItemError that it ended in.
    """
    function, arguments = pickle.loads(batch)  # noqa: S301 - from our own flow, as all of Dask's
    results: list[Any] = asyncio.run(_pool(time_limit, warm_up).map(function, *arguments))
    return pickle.dumps(results, pickle.HIGHEST_PROTOCOL)


def _pool(time_limit: float, warm_up: Callable[[], object] | None) -> WorkerPool:
    if time_limit not in _slot.pools:
        # Dask marks its workers as daemons, which may have no children. Ours end with their parent.
        multiprocessing.current_process().daemon = False
        _slot.pools[time_limit] = WorkerPool(1, time_limit, warm_up)
    return _slot.pools[time_limit]
