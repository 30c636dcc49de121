"""Steps 4 and 5 on other machines: a worker of a cluster works off a batch."""

from collections.abc import Callable

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.workers.slot import work_through


@task(cache_policy=NO_CACHE, persist_result=False)
def work_off(batch: bytes, time_limit: float, warm_up: Callable[[], object] | None) -> bytes:
    """Return the packed results of a packed batch; ``tasks/workers/slot.py`` says of what kind."""
    return work_through(batch, time_limit, warm_up)
