"""A run that a person watches: Ctrl-C ends it at once, and Prefect does not speak over it."""

import logging
import os
import sys
from types import FrameType

from prefect.server.api.server import SubprocessASGIServer

STOPPED = 130  # exit code after Ctrl-C, as shells have it


def quiet_prefect() -> None:
    """Keep Prefect's own account of a failure off the screen: the command says it in a sentence."""
    logging.getLogger("prefect").setLevel(logging.CRITICAL)


def stop_at_once(_signal: int, _frame: FrameType | None) -> None:
    """End the process, and the temporary Prefect server that it may have started.

    Ending in good order would have Prefect retry its calls for a minute, to a server that the same
    Ctrl-C has stopped. There is nothing to lose: what is archived or loaded stays, and the worker
    processes end with this one.
    """
    sys.stderr.write("\nStopped. What was loaded stays; the next run goes on from there.\n")
    for server in list(SubprocessASGIServer._instances.values()):  # noqa: SLF001  it has no list
        server.stop()
    os._exit(STOPPED)
