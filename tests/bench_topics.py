"""`make bench`, topics: articles a second and core at 4 kB, and growth with the text's length.

CPU time of one process, so that a busy machine changes little; the median of several rounds.
"""

import sys
import time
from pathlib import Path
from statistics import median

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.sources.sample.story import stories
from tasks.tagging.topics import TopicTagger
from tests.articles import article

LENGTHS = (1_000, 4_000, 16_000, 64_000, 100_000, 1_000_000)  # characters
LONG = 500  # characters: shorter bodies repeat too often
ROUNDS = 5
LEAST_SECONDS = 0.2  # of a round


def rate(tagger: TopicTagger, texts: list[tuple[str, str, str]]) -> float:
    """Return articles a second of CPU time; a text is (title, text, language)."""
    rates = []
    for _ in range(ROUNDS):
        count, start = 0, time.process_time()
        while time.process_time() - start < LEAST_SECONDS:
            for title, text, language in texts:
                tagger.weigh(article(title, text, language=language), title, text)
            count += len(texts)
        rates.append(count / (time.process_time() - start))
    return median(rates)


def main() -> None:
    """Print a row for each length; beyond 100,000 characters the rest is not read."""
    console = Console(highlight=False)
    start = time.process_time()
    tagger = TopicTagger()
    tagger.books()
    console.print(f"Topics: knowledge read in {time.process_time() - start:.2f} s of CPU")
    told = [story for story in stories() if story.from_edition == 1 and len(story.body) > LONG]
    rows = []
    for length in LENGTHS:
        texts = [
            (s.title, (s.body * (length // len(s.body) + 1))[:length], s.expect.language)
            for s in told
        ]
        per_second = rate(tagger, texts)
        rows.append((f"{length:,}", f"{per_second:,.0f}", f"{1e9 / per_second / length:,.0f}"))
    print_rows(("characters", "articles/s", "ns/character"), rows, console)


if __name__ == "__main__":
    main()
