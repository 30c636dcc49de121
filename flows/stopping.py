"""How a program is stopped by a signal: at a place where it can be, not wherever it stands."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType

from prefect.exceptions import TerminationSignal

from tasks.articles.errors import NewsLedgerError
from warehouse.errors import WarehouseError

OURS = (NewsLedgerError, WarehouseError)  # say what happened in a sentence


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


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM, which Prefect's Cancel sends, end the running task where it awaits something.

    Raises TerminationSignal there, as Prefect expects it. Prefect's own handler raises it wherever
    the program stands; within a callback of the event loop it would be logged, and the run go on.
    A second signal is Prefect's.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_stopped = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal is_stopped
        is_stopped = True
        signal.signal(number, before)
        if task:
            loop.call_soon_threadsafe(task.cancel)

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # only the main thread hears signals
        yield
        return
    try:
        yield
    except asyncio.CancelledError as cancelled:
        if not is_stopped or not task:
            raise
        task.uncancel()
        raise TerminationSignal(signal.SIGTERM) from cancelled
    finally:
        if signal.getsignal(signal.SIGTERM) is stop:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def failing_told(tell: Callable[[str], object]) -> Iterator[None]:
    """Tell the ledger what ended a run that fails; SIGTERM ends it as in ``ended_by_sigterm``."""
    try:
        with ended_by_sigterm():
            yield
    except BaseException as error:
        with suppress(WarehouseError):  # what ended the run is what must be told
            tell(str(error) if isinstance(error, OURS) else repr(error))
        raise
