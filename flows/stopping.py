"""How a program that serves is stopped: by a flag, which it looks at when it suits it."""

import signal
from threading import Event
from types import FrameType


def stopped_by_signals() -> Event:
    """Return an event that SIGTERM or Ctrl-C sets. A second one ends the process at once.

    A signal that raised an exception wherever the program stands could raise it between opening
    something and noting that it is open, which would then keep the process for ever.
    """
    stopped = Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped
