"""`make eval`: how good text and tags are, measured on labelled articles, part by part."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

PARTS = (
    "tests.eval_text",
    "tests.eval_tags",
    "tests.eval_topics",
    "tests.eval_facts",
    "tests.eval_stories",
)  # each has ``main(console)``


def main() -> None:
    """Print the tables of every part that exists."""
    console = Console(highlight=False)
    for name in PARTS:
        if find_spec(name):
            part: Callable[[Console], None] = import_module(name).main
            part(console)


if __name__ == "__main__":
    main()
