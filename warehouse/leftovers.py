"""Who takes up what the ended runs of a source left without an outcome: one living run at a time.

It holds a lock for the source. The lock goes with its process, however that ends, so the next run
takes up at once what a killed one left, and never what a living one is still working on.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from filelock import FileLock, Timeout

from warehouse.home import Home


@contextmanager
def inherited(home: Home, sources: Iterable[str]) -> Iterator[frozenset[str]]:
    """Give those of these sources whose leftovers are the caller's, until the end.

    Those of the others belong to another run that is at work on the same source.
    """
    home.runs.mkdir(parents=True, exist_ok=True)
    taken = set()
    with ExitStack() as stack:
        for source in sources:
            lock = FileLock(home.runs / f"{source}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            stack.callback(lock.release)
            taken.add(source)
        yield frozenset(taken)
