"""A Dask cluster on this machine: a scheduler and workers, started as its users start them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

DASK = str(Path(sys.executable).parent / "dask")


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """What runs, and where."""

    address: str
    scheduler: "subprocess.Popen[str]"

    def environment(self) -> dict[str, str]:
        """Return the settings that send work there."""
        return {"NEWSLEDGER_RUNNER": "dask", "NEWSLEDGER_RUNNER_ADDRESS": self.address}


@contextmanager
def dask_cluster(workers: int) -> Iterator[DaskCluster]:
    """Run a scheduler and worker processes with one slot each; all end with the block."""
    with ExitStack() as stack:
        scheduler = _started(stack, "scheduler", "--port", "0")
        address = _said(scheduler, "Scheduler at:").split()[-1]
        crew = _started(stack, "worker", address, "--nworkers", str(workers), "--nthreads", "1")
        for _ in range(workers):
            _said(crew, "Registered to:")
        yield DaskCluster(address, scheduler)


def _started(stack: ExitStack, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [DASK, *arguments, "--host", "127.0.0.1", "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"DASK_DISTRIBUTED__ADMIN__LOG_FORMAT": "%(message)s"},
    )
    stack.callback(_end, process)
    return process


def _said(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stderr
    told = []
    for line in process.stderr:
        told.append(line)
        if words in line:
            return line.strip()
    raise AssertionError(f"Dask ended without saying {words!r}:\n{''.join(told)}")


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.communicate(timeout=60)
