"""How much memory a piece of work takes, its processes together (Linux)."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_watched() -> Iterator[list[int]]:
    """Give the bytes that this process and those it starts from now on hold, once a second.

    What processes share, such as the code of libraries, counts once. The kernel takes up to 20 ms
    to add that up, so it is not asked more often.
    """
    others, sizes, ended = children(), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            sizes.append(sum(map(held, {os.getpid()} | children() - others)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        ended.set()
        watcher.join()


def children() -> set[int]:
    """Return the processes that this one has started, and that still run."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()}


def held(pid: int) -> int:
    """Return the bytes of memory that a process holds, its part of what is shared; 0 once ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return 1024 * sum(int(row.split()[1]) for row in rollup.splitlines() if row.startswith("Pss:"))
