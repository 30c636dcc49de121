"""The worker pool: one bad item costs its limit, never the batch."""

import asyncio
import math
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tasks.articles.errors import Deferred, ItemError, Reason, Rejected
from tasks.workers import slot
from tasks.workers.pool import WorkerPool, apart
from tasks.workers.slot import pack, work_through

# No __main__ guard: a child that imported this again would never end.
SCRIPT = """
import asyncio, xml.dom.minidom
from tasks.workers.pool import WorkerPool

async def main():
    with WorkerPool(1, 30) as pool:
        print(await pool.map(eval, ['"xml.dom.minidom" in __import__("sys").modules']))

asyncio.run(main())
"""


def test_a_function_runs_apart() -> None:
    """In a process of its own, from which its result and its errors come back."""
    assert apart(os.getpid) != os.getpid()
    with pytest.raises(ItemError, match="no page"):
        apart(partial(_fail, Rejected(Reason.EMPTY, "no page")))


def _fail(error: Exception) -> None:
    raise error


def test_each_item_has_its_own_end() -> None:
    """Results, exceptions, overruns and deaths come back in order, and the pool goes on."""

    async def work() -> None:
        with WorkerPool(2, time_limit=2.0) as pool:
            assert await pool.map(math.sqrt, [4.0] * 20) == [2.0] * 20
            good, bad = await pool.map(math.sqrt, [9.0, -1.0])
            assert good == 3.0
            assert isinstance(bad, Deferred)
            assert (bad.reason, bad.detail) == (Reason.INTERNAL, "ValueError: math domain error")
            late, dead = await pool.map(_do, [time.sleep, os._exit], [60, 3])
            assert isinstance(late, Deferred)
            assert late.reason is Reason.TIME_LIMIT
            assert isinstance(dead, Deferred)
            assert dead.reason is Reason.WORKER_DIED
            assert await pool.map(math.sqrt, [16.0]) == [4.0]

    asyncio.run(work())


@pytest.fixture
def _slot_ends() -> Iterator[None]:
    """End the process that this thread, as a slot, would keep."""
    yield
    while slot._slot.pools:
        slot._slot.pools.popitem()[1].__exit__(None)


@pytest.mark.usefixtures("_slot_ends")
def test_a_slot_of_a_cluster_keeps_the_same_limits() -> None:
    """Each item has its own end there, too; the second batch has the same process."""
    batch = pack(_do, [[time.sleep, os._exit, math.sqrt], [60, 3, 4.0]])
    late, dead, good = pickle.loads(work_through(batch, 2.0, None))
    assert (late.reason, dead.reason, good) == (Reason.TIME_LIMIT, Reason.WORKER_DIED, 2.0)
    first, second = (
        pickle.loads(work_through(pack(_process, [[0], [0]]), 2.0, None)) for _ in range(2)
    )
    assert first == second


def test_workers_do_not_import_the_main_module() -> None:
    """In a Prefect worker that module is Prefect: it would cost each child seconds."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[False]", done.stderr


def _do(function: Callable[[Any], object], argument: Any) -> object:
    return function(argument)


def _process(*_: object) -> int:
    return os.getpid()
