"""`make eval`: how good text, tags, facts and stories are, on labelled examples, part by part.

Each part is a module with a ``main`` as ``tests.measuring.Part`` says. Without folders it prints
its tables for the project's own labels; with folders, for those in them. ``dev`` and ``blind``
stand apart. `python tests/eval_NAME.py [FOLDER...]` runs one part and names what is wrong, in
``dev`` alone.
"""

import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from tasks.tagging.securities.reference import load_reference
from tasks.tagging.tagger import load_tagger
from tasks.tagging.taxonomy import load_taxonomy
from tests.measuring import Part

PARTS = ("eval_text", "eval_tags", "eval_topics", "eval_facts", "eval_stories")
PACKAGES = ("trafilatura", "lxml", "htmldate", "ahocorasick-rs")


def main(console: Console, parts: tuple[str, ...] = PARTS) -> None:
    """Print the tables of the parts, and what they were measured with."""
    for name in parts:
        part: Part = import_module(f"tests.{name}").main
        part(console, with_mistakes=False)
    console.print(f"\n{measured_with()}", soft_wrap=True)


def measured_with() -> str:
    """Return the date (UTC) and the versions of all that the figures depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {packages}, "
        f"tagger {load_tagger().version}, taxonomy {load_taxonomy().version}, "
        f"securities {load_reference().version}"
    )


if __name__ == "__main__":
    main(Console(highlight=False))
