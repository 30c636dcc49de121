"""How a command ends that cannot do what it was asked for."""

import sys
from typing import NoReturn

from rich.console import Console


def fail(sentence: str, code: int = 1) -> NoReturn:
    """Say why on the error stream and end: 1 for what went wrong, 2 for a wrong question."""
    console = Console(stderr=True, highlight=False)
    console.print(sentence, style="red", soft_wrap=True, markup=False)
    sys.exit(code)
