"""How fast articles are tagged, how that grows with their length, and what loading costs.

A part of `make bench`. Texts are made of the newsroom's own stories, one process, one core.
"""

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

from rich.console import Console

from flows.display import print_rows
from tasks.articles.records import Article
from tasks.sources.sample.story import stories
from tasks.tagging.tagger import load_tagger
from tests.articles import article

ROUNDS = 5
_MARKED = re.compile(r"\{\{([^{}]*)\}\}")  # a ticker, as the newsroom's files write it
LENGTHS = (1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000)
LOADING = """
import time
import tasks.tagging.tickers.tags, tasks.tagging.securities.names
from tasks.tagging.securities.reference import load_reference
from tasks.tagging.securities.names import load_name_index
def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
before, started = megabytes(), time.perf_counter()
load_reference()
load_name_index()
print(time.perf_counter() - started, megabytes() - before)
"""


def main() -> None:
    """Print articles a second at 4 kB, milliseconds by length, and the cost of loading."""
    console = Console(highlight=False, width=110)
    load_tagger().read_all()
    typical = [_article(story.language, 4_000, place) for place, story in enumerate(stories())]
    tickers = median(_seconds(lambda: _tag_tickers(typical)) for _ in range(ROUNDS))
    whole = median(_seconds(lambda: _tag(typical)) for _ in range(ROUNDS))
    rates = [
        ("securities", f"{len(typical) / tickers:,.0f}"),
        ("securities, topics and facts", f"{len(typical) / whole:,.0f}"),
    ]
    console.print(f"\nArticles of 4 kB a second and core ({len(typical)} texts in en, it and es)")
    print_rows(("what", "articles a second"), rates, console)
    console.print("\nSecurities of one text by its length: the last column stays level")
    print_rows(("characters", "ms", "ms for 4 kB"), [_growth(n) for n in LENGTHS], console)
    loads = [_loading() for _ in range(ROUNDS)]
    console.print(
        f"\nThe reference and its names load in {median(s for s, _ in loads):.2f} s"
        f" and {median(mb for _, mb in loads):.0f} MB, once a process; this one has"
        f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at its largest."
    )


def _article(language: str, length: int, place: int = 0) -> Article:
    """Return an article of this length from the newsroom's stories in a language."""
    bodies = [_MARKED.sub(r"(\1)", story.body) for story in stories() if story.language == language]
    text = "\n".join(bodies[place % len(bodies) :] + bodies)
    whole = (text + "\n") * (1 + length // len(text))
    title = next(story.title for story in stories() if story.language == language)
    return replace(article(title, whole[:length]), language=language)


def _tag_tickers(articles: list[Article]) -> None:
    tagger = load_tagger()._tickers
    for one in articles:
        tagger.tag(tagger.read(one))


def _tag(articles: list[Article]) -> None:
    tagger = load_tagger()
    for one in articles:
        tagger.tag(one)


def _growth(length: int) -> tuple[str, str, str]:
    one = [_article("en", length)]
    seconds = min(_seconds(lambda: _tag_tickers(one)) for _ in range(3))
    return f"{length:,}", f"{seconds * 1e3:.1f}", f"{seconds * 1e3 * 4_000 / length:.2f}"


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _loading() -> tuple[float, float]:
    """Return the seconds and megabytes of loading in a process of its own."""
    printed = subprocess.run(
        [sys.executable, "-c", LOADING], capture_output=True, text=True, check=True
    ).stdout
    seconds, megabytes = map(float, printed.split())
    return seconds, megabytes


if __name__ == "__main__":
    main()
