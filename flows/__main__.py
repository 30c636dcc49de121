"""The program `newsledger`, also `python -m flows`: loads the command, which takes a moment."""

import os
import signal
import sys
from types import FrameType

STOPPED = 130  # as in flows/interrupt.py, which loads more than there may be time for


def main() -> None:
    """Load the command and run it; Ctrl-C ends it with a sentence even while it loads."""
    before = signal.signal(signal.SIGINT, _stop)
    from flows.cli import main as run  # noqa: PLC0415  only now may Ctrl-C come

    signal.signal(signal.SIGINT, before)
    run()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End the process at once: compiled modules make other errors of one raised in their import."""
    sys.stderr.write("\nStopped.\n")
    os._exit(STOPPED)


if __name__ == "__main__":
    main()
