"""Clusters on this machine, started by the commands with which their users start them."""

import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Running:
    """A cluster: its address, the settings that send work there, and the scheduler's process."""

    address: str
    settings: Mapping[str, str]
    scheduler: "subprocess.Popen[str]"


@contextmanager
def dask_cluster(workers: int) -> Iterator[Running]:
    """Run a scheduler and worker processes with one slot each; all end with the block."""
    here = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:
        scheduler = _started(stack, "distributed.cli.dask_scheduler", "--port", "0", *here)
        address = _said(scheduler, "Scheduler at:").split()[-1]
        slots = ("--nworkers", str(workers), "--nthreads", "1")
        crew = _started(stack, "distributed.cli.dask_worker", address, *slots, *here)
        for _ in range(workers):
            _said(crew, "Registered to:")
        _let_talk(scheduler)
        _let_talk(crew)
        yield Running(address, _settings("dask", address), scheduler)


@contextmanager
def ray_cluster(workers: int) -> Iterator[Running]:
    """Run a Ray head with so many slots."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with ExitStack() as stack:
        # Not pytest's folder: Ray's sockets lie there, and their paths may have 107 characters.
        folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        head = _started(
            stack,
            "ray.scripts.scripts",
            "start",
            "--head",
            "--block",
            "--node-ip-address=127.0.0.1",
            f"--port={address.rpartition(':')[2]}",
            f"--num-cpus={workers}",
            "--include-dashboard=false",
            "--disable-usage-stats",
            "--object-store-memory=100000000",
            f"--temp-dir={folder}",
        )
        _said(head, "--block")
        _let_talk(head)
        yield Running(address, _settings("ray", address), head)


def _settings(runner: str, address: str) -> dict[str, str]:
    return {"NEWSLEDGER_RUNNER": runner, "NEWSLEDGER_RUNNER_ADDRESS": address}


def _started(stack: ExitStack, module: str, *arguments: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    stack.callback(_end, process)
    return process


def _said(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stdout
    told = []
    for line in process.stdout:
        told.append(line)
        if words in line:
            return line.strip()
    raise AssertionError(f"It ended without saying {words!r}:\n{''.join(told)}")


def _let_talk(process: "subprocess.Popen[str]") -> None:
    """Read what it says later, or it would wait for that when the pipe is full."""

    def listen() -> None:
        assert process.stdout
        with process.stdout as talk:
            deque(talk, 0)

    threading.Thread(target=listen, daemon=True).start()


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    process.wait(timeout=60)
