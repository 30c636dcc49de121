"""Where extracting and tagging run: on this machine's cores, or on a cluster of other machines.

A cluster is reached through Prefect's own task runners for Dask and Ray. Only batches of pages and
articles go there and come back: who fetches, archives and loads is always the process of the flow.
So a host's pace holds whatever the number of machines, a page is in the archive before a worker
sees it, and there is one writer.
"""

import asyncio
import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from contextvars import Context, copy_context
from importlib import import_module
from typing import Any, Self

from prefect.settings import get_current_settings
from prefect.task_runners import TaskRunner

from flows.settings import Settings
from tasks.articles.errors import Deferred, ItemError, Reason, SettingsError
from tasks.work_off import work_off
from tasks.workers.pool import LATER, Result, WorkerPool, Workers
from tasks.workers.slot import pack

# Prefect's task runners by setting; each comes with the extra of that name.
_RUNNERS = {"dask": ("prefect_dask", "DaskTaskRunner"), "ray": ("prefect_ray", "RayTaskRunner")}
PATIENCE = 900  # seconds without an answer after which a cluster is taken to have no workers


def workers_for(
    settings: Settings, time_limit: float, warm_up: Callable[[], object]
) -> AbstractContextManager[Workers]:
    """Return the workers that the settings choose; ``time_limit`` is in seconds an item.

    Raises SettingsError when something that a cluster needs is not set or not installed; entering
    it, when nobody answers at its address.
    """
    if settings.runner == "local":
        return WorkerPool(settings.workers, time_limit, warm_up)
    return Cluster(_runner(settings), settings.workers, time_limit, warm_up)


class Cluster:
    """The workers of a cluster: a context manager with the ``map`` of a WorkerPool.

    As many batches as ``slots`` are at work at once, each on one slot of the cluster. A batch whose
    worker dies is begun again on another one, by Dask or Ray; it was archived and nothing of it was
    loaded, so it cannot double.
    """

    def __init__(
        self, runner: TaskRunner[Any], slots: int, time_limit: float, warm_up: Callable[[], object]
    ) -> None:
        self._runner = runner
        self._time_limit = time_limit
        self._warm_up = warm_up
        self._open = ExitStack()
        self._flow: Context  # Prefect's, of the flow: from within a task its arguments would go too
        self.batches = slots + WorkerPool.batches  # some are on their way while all slots work
        self._waiting = ThreadPoolExecutor(self.batches, "waits-for-cluster")

    def __enter__(self) -> Self:
        try:
            self._open.enter_context(self._runner)
            getattr(self._runner, "client", None)  # Dask's connects when it is first asked for
            self._flow = copy_context()
        except (OSError, ValueError, RuntimeError) as error:
            self._open.close()
            address = getattr(self._runner, "address", "")
            raise SettingsError(
                f"No scheduler answers at {address} (NEWSLEDGER_RUNNER_ADDRESS): {error}"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.shutdown(wait=False, cancel_futures=True)
        self._open.close()

    def get_ready(self) -> None:
        """Do nothing: each slot of a cluster gets ready with the first batch that it has."""

    async def map(
        self, function: Callable[..., Result], *arguments: Iterable[object]
    ) -> list[Result | ItemError]:
        """Return, in order, what the function makes of each item, or the error it ended in.

        Where the cluster itself fails, all items are Deferred: none of them is at fault.
        """
        columns = [list(argument) for argument in arguments]
        if not columns[0]:
            return []
        try:
            return await self._work_off(pack(function, columns))
        except Exception as error:  # noqa: BLE001  whatever Dask or Ray call a cluster that is gone
            why = f"the cluster gave the batch up: {type(error).__name__}: {error}"
            return [Deferred(Reason.WORKER_DIED, why, LATER) for _ in columns[0]]

    async def _work_off(self, batch: bytes) -> list[Any]:
        limits = {"time_limit": self._time_limit, "warm_up": self._warm_up}
        future = self._flow.run(self._runner.submit, work_off, {"batch": batch, **limits})
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._waiting, future.result, PATIENCE)
        results: list[Any] = pickle.loads(answer)  # noqa: S301 - from our own workers
        return results


def _runner(settings: Settings) -> TaskRunner[Any]:
    """Return Prefect's task runner for the cluster; its package is imported only when chosen."""
    address = settings.runner_address
    if not address:
        raise SettingsError(
            f"NEWSLEDGER_RUNNER={settings.runner} needs NEWSLEDGER_RUNNER_ADDRESS,"
            " the address of the cluster's scheduler."
        )
    if not get_current_settings().api.url:  # each of its processes would start a server of its own
        raise SettingsError(
            f"NEWSLEDGER_RUNNER={settings.runner} needs PREFECT_API_URL, the address of a Prefect"
            " server that the cluster's workers reach too: they report to it."
        )
    module, name = _RUNNERS[settings.runner]
    try:
        runner: TaskRunner[Any] = getattr(import_module(module), name)(address=address)
    except ImportError as error:
        raise SettingsError(
            f"NEWSLEDGER_RUNNER={settings.runner} needs the extra '{settings.runner}':"
            f" pip install 'newsledger[{settings.runner}]' ({error})"
        ) from error
    return runner
