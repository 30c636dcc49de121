"""The topics part of `make eval`: precision, recall and F1 on labelled articles, per language.

`python tests/eval_topics.py [FOLDER...]` measures other articles. Intervals hold 95 % of what
resampling the articles gives. ``NEWSLEDGER_EVAL_DATA`` may name a folder with ``reuters/`` in it,
Reuters-21578 as nltk packs it (``cats.txt``, ``test/``, ``training/``): our twelve topics that it
has are scored, too.

Two editors labelled each article, and neither saw the other's labels: how far they agree is printed
beside how far the tagger does. What only one of them files is open to doubt, and no mistake.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.tagging.tagger import load_tagger
from tests.articles import article
from tests.measuring import GoldArticle, by_half, by_language, gold_articles, run, shown

SUPPORT = 3  # labels: with fewer, a topic's own F1 says nothing
RESAMPLED = 500
# Reuters' category -> our topic.
REUTERS = {
    "earn": "earnings",
    "acq": "mergers-acquisitions",
    "money-fx": "forex",
    "interest": "central-banks",
    "crude": "oil-gas",
    "nat-gas": "oil-gas",
    "trade": "trade-tariffs",
    "grain": "agri-commodities",
    "coffee": "agri-commodities",
    "sugar": "agri-commodities",
    "gold": "metals-mining",
    "cpi": "inflation",
    "gnp": "growth-gdp",
    "jobs": "employment",
    "ship": "transport-travel",
    "reserves": "central-banks",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled article: its topics as labelled and as found."""

    name: str
    half: str
    language: str
    wanted: frozenset[str]
    found: frozenset[str]
    second: frozenset[str] | None = None  # as another editor labelled it, who saw no other labels
    maybe: frozenset[str] = frozenset()  # what that editor would not have minded

    @property
    def doubtful(self) -> frozenset[str]:
        """What only one editor files, or would not have minded; without a second one nothing."""
        second = self.wanted if self.second is None else self.second
        return (self.wanted ^ second) | (self.maybe - self.wanted)


def main(console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True) -> None:
    """Print the tables, and the mistakes that may be shown."""
    judged = [judge(gold) for gold in gold_articles(folders)]
    print_tables(judged, console)
    print_editors(judged, console)
    for one in map(settled, shown(judged if with_mistakes else ())):
        if one.found != one.wanted:
            missed, extra = sorted(one.wanted - one.found), sorted(one.found - one.wanted)
            console.print(f"  {one.name}: missed {missed}, extra {extra}", markup=False)
    reuters = Path(os.environ.get("NEWSLEDGER_EVAL_DATA", "")) / "reuters"
    if (reuters / "cats.txt").is_file():
        print_reuters(list(read_reuters(reuters)), console)


def judge(gold: GoldArticle) -> Judged:
    """Tag one gold article."""
    found = frozenset(tag.topic for tag in gold.tagged().topics)
    second = gold.expect.get("second", {"topics": None, "maybe": ()})
    return Judged(
        name=gold.name,
        half=gold.half,
        language=gold.language,
        wanted=frozenset(gold.expect["topics"]),
        found=found,
        second=None if second["topics"] is None else frozenset(second["topics"]),
        maybe=frozenset(second["maybe"]),
    )


def print_tables(judged: Sequence[Judged], console: Console) -> None:
    """Print a row a language, then a row a topic with the worst first."""
    print_rows(
        (
            "articles",
            "language",
            "count",
            "precision",
            "recall",
            "micro-F1",
            "macro-F1",
            "false on others",
        ),
        [row(*group) for group in by_language(judged)],
        console,
        title="Topics",
    )
    for half, some in by_half(judged):
        print_rows(
            ("topic", "labels", "F1", "extra", "missed"),
            sorted(topic_rows(some), key=lambda row: row[2]),
            console,
            title=f"Topics with at least {SUPPORT} labels in {half}",
        )


def print_editors(judged: Iterable[Judged], console: Console) -> None:
    """Print how far two editors agree, and the rules with each and with what both file."""
    rows = []
    for half, some in by_half([one for one in judged if one.second is not None]):
        second = [replace(one, found=one.second or frozenset()) for one in some]
        turned = [replace(one, wanted=one.second or frozenset()) for one in some]
        compared = {
            "second editor with the first": second,
            "tagger with the first": some,
            "tagger with the second": turned,
            "tagger with both, doubtful ones left out": [settled(one) for one in some],
        }
        for name, pairs in compared.items():
            rows.append((half, name, len(pairs), *figures(pairs)))
    if rows:
        columns = ("articles", "who with whom", "count", "precision", "recall", "micro-F1")
        print_rows(columns, rows, console, title="Topics, by two editors")


def settled(one: Judged) -> Judged:
    """Return it without what is open to doubt."""
    return replace(one, wanted=one.wanted - one.doubtful, found=one.found - one.doubtful)


def topic_rows(judged: Sequence[Judged]) -> Iterator[tuple[str, int, str, int, int]]:
    """Yield (topic, labels, F1, extra, missed) for the topics that are labelled often enough."""
    for topic, labels in Counter(topic for one in judged for topic in one.wanted).items():
        if labels >= SUPPORT:
            alone = only(topic, judged)
            _, extra, missed = counts(alone)
            yield topic, labels, f"{micro_f1(alone):.3f}", extra, missed


def only(topic: str, judged: Iterable[Judged]) -> list[Judged]:
    """Return the same with no other topic in it."""
    return [replace(o, wanted=o.wanted & {topic}, found=o.found & {topic}) for o in judged]


def row(half: str, language: str, judged: Sequence[Judged]) -> tuple[object, ...]:
    """Return a language's figures; the last one counts articles without a topic that got one."""
    others = [one for one in judged if not one.wanted]
    return (
        half,
        language,
        len(judged),
        *figures(judged),
        f"{macro_f1(judged):.3f}",
        f"{sum(bool(one.found) for one in others)}/{len(others)}",
    )


def figures(judged: Sequence[Judged]) -> tuple[str, str, str]:
    """Return precision, recall and micro-F1 with its interval."""
    right, extra, missed = counts(judged)
    low, high = interval(judged)
    return (
        f"{right / max(1, right + extra):.3f}",
        f"{right / max(1, right + missed):.3f}",
        f"{micro_f1(judged):.3f} ({low:.2f}-{high:.2f})",
    )


def counts(judged: Iterable[Judged]) -> tuple[int, int, int]:
    """Return how many topics are right, extra and missed."""
    pairs = [(one.found, one.wanted) for one in judged]
    return (
        sum(len(found & wanted) for found, wanted in pairs),
        sum(len(found - wanted) for found, wanted in pairs),
        sum(len(wanted - found) for found, wanted in pairs),
    )


def micro_f1(judged: Iterable[Judged]) -> float:
    """Return F1 over all labels."""
    right, extra, missed = counts(judged)
    return 2 * right / max(1, 2 * right + extra + missed)


def macro_f1(judged: Sequence[Judged]) -> float:
    """Return the mean of the topics' own F1, over the topics that are labelled at least once."""
    topics = {topic for one in judged for topic in one.wanted}
    return mean(micro_f1(only(topic, judged)) for topic in topics) if topics else 0.0


def interval(judged: Sequence[Judged]) -> tuple[float, float]:
    """Return the bounds of 95 % of the micro-F1 of samples drawn from the articles."""
    draw = Random(0)
    scores = sorted(micro_f1(draw.choices(judged, k=len(judged))) for _ in range(RESAMPLED))
    return scores[RESAMPLED // 40], scores[-RESAMPLED // 40]


def read_reuters(folder: Path) -> Iterator[Judged]:
    """Yield the test articles of Reuters-21578 that have a category which our topics cover."""
    for line in (folder / "cats.txt").read_text(encoding="utf-8").splitlines():
        place, *categories = line.split()
        wanted = frozenset(REUTERS[name] for name in categories if name in REUTERS)
        if wanted and place.startswith("test/"):
            title, _, text = (folder / place).read_text(encoding="latin-1").partition("\n")
            tags = load_tagger().tag(article(title.capitalize(), text)).topics
            found = frozenset(tag.topic for tag in tags) & frozenset(REUTERS.values())
            yield Judged(place, "reuters", "en", wanted, found)


def print_reuters(judged: Sequence[Judged], console: Console) -> None:
    """Print one row a topic."""
    topics = sorted(set(REUTERS.values()))
    rows = [(topic, f"{micro_f1(only(topic, judged)):.3f}") for topic in topics]
    print_rows(
        ("topic", "F1"),
        [*rows, ("all, micro", f"{micro_f1(judged):.3f}")],
        console,
        "Reuters-21578, test articles, without training",
    )


if __name__ == "__main__":
    run(main)
