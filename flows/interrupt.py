"""A run that a person watches: Ctrl-C ends it at once, and Prefect does not speak over it."""

import logging
import os
import signal
import sys
from types import FrameType

from rich.console import Console

from flows.settings import prepare_prefect

STOPPED = 130  # exit code after Ctrl-C, as shells have it
LOGGERS = ("prefect", "EventsWorker", "APILogWorker")  # its services have loggers of their own


def get_ready(console: Console) -> None:
    """Do what comes before Prefect is imported: say so, set it up, let Ctrl-C end the process."""
    console.print("Starting Prefect; this takes 10 to 30 seconds ...")
    prepare_prefect()
    signal.signal(signal.SIGINT, stop_at_once)


def quiet_prefect() -> None:
    """Keep Prefect's own account of a failure off the screen: the command says it in a sentence."""
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def stop_at_once(_signal: int, _frame: FrameType | None) -> None:
    """End the process, and the temporary Prefect server that it may have started.

    Ending in good order would have Prefect retry its calls for a minute, to a server that the same
    Ctrl-C has stopped. There is nothing to lose: what is archived or loaded stays, and the worker
    processes end with this one.
    """
    sys.stderr.write("\nStopped. What was loaded stays; the next run goes on from there.\n")
    prefect = sys.modules.get("prefect.server.api.server")  # it may not be imported yet
    servers = getattr(prefect, "SubprocessASGIServer", None)
    for server in list(servers._instances.values()) if servers else ():  # noqa: SLF001  no list
        server.stop()
    os._exit(STOPPED)
