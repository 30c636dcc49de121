"""A real Prefect server on loopback, with all that prefect.yaml declares deployed on it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

PROJECT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@contextmanager
def running(*command: str, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in the background, and stop it by its process id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]],
            env=env,
            cwd=PROJECT,
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):  # Prefect's worker at times goes on
                process.wait(30)
            process.kill()
            process.wait()


def prefect_command(*arguments: str, env: dict[str, str]) -> str:
    """Run a prefect command to its end and return what it printed."""
    done = subprocess.run(
        [str(BIN / "prefect"), "--no-prompt", *arguments],
        env=env,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment_of(folder: Path) -> dict[str, str]:
    """Give Prefect a home in this folder and a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return os.environ | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
    }


def wait_until_healthy(api: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ask the server until it answers."""
    transport = httpx.HTTPTransport(retries=0)
    with httpx.Client(transport=transport, timeout=5) as client:
        for _ in range(600):
            assert server.poll() is None, log.read_text()
            try:
                if client.get(f"{api}/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            try:
                server.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"The Prefect server did not answer within two minutes: {log.read_text()}")


@contextmanager
def server(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and wait until it answers."""
    with running("prefect", "server", "start", env=env, log=log) as process:
        wait_until_healthy(env["PREFECT_API_URL"], process, log)
        yield process


def deploy_all(env: dict[str, str]) -> str:
    """Make the work pool and deploy all; return what Prefect printed."""
    prefect_command("work-pool", "create", "newsledger", "--type", "process", env=env)
    return prefect_command("deploy", "--all", env=env)
