"""One worker process for all runs of a test file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from flows.knowledge import read_knowledge
from tasks.workers.pool import WorkerPool


class WarmWorker:
    """Stands where a run makes its pool, and is left running when the run lets go of it."""

    def __init__(self, pool: WorkerPool) -> None:
        self.map = pool.map
        self.batches = pool.batches

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Start the process, and end it with the last test."""
        with WorkerPool(1, 60, read_knowledge) as pool:
            yield cls(pool)

    def get_ready(self) -> None:
        """Do nothing: it is warm."""

    def __call__(self, *_: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave it running."""
