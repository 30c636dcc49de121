"""The topics part of `make eval`: precision, recall and F1 on labelled articles, per language.

The gold articles are ``tests/gold/articles/*/*.toml``; `python tests/eval_topics.py [FOLDER...]`
measures other folders and names each mistake. Intervals hold 95 % of what resampling the articles
gives. ``NEWSLEDGER_EVAL_DATA`` may name a folder with ``reuters/`` in it, Reuters-21578 as nltk
packs it (``cats.txt``, ``test/``, ``training/``): our twelve topics that it has are scored, too.
"""

import os
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.tagging.tagger import load_tagger
from tests.articles import article

GOLD = Path(__file__).parent / "gold" / "articles"
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
    language: str
    wanted: frozenset[str]
    found: frozenset[str]


def main(console: Console, folders: Sequence[Path] = ()) -> None:
    """Print the tables; with folders, each mistake too."""
    judged = [judge(path) for place in folders or [GOLD] for path in sorted(place.rglob("*.toml"))]
    if judged:
        print_tables(judged, console)
    else:
        console.print("No gold articles.")
    for one in judged if folders else ():
        if one.found != one.wanted:
            missed, extra = sorted(one.wanted - one.found), sorted(one.found - one.wanted)
            console.print(f"{one.name}: missed {missed}, extra {extra}", markup=False)
    reuters = Path(os.environ.get("NEWSLEDGER_EVAL_DATA", "")) / "reuters"
    if (reuters / "cats.txt").is_file():
        print_reuters(list(read_reuters(reuters)), console)
    else:
        console.print("Reuters-21578 is not at hand.")


def judge(path: Path) -> Judged:
    """Tag one gold article."""
    gold = tomllib.loads(path.read_text(encoding="utf-8"))
    given = article(
        gold["title"],
        gold["text"].strip(),
        language=gold["language"],
        topics=tuple(gold.get("publisher_topics", ())),
    )
    found = frozenset(tag.topic for tag in load_tagger().tag(given).topics)
    return Judged(path.stem, gold["language"], frozenset(gold["expect"]["topics"]), found)


def print_tables(judged: Sequence[Judged], console: Console) -> None:
    """Print a row a language, then the topics that are most often wrong."""
    by_language: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_language[one.language].append(one)
    rows = [row(name, some) for name, some in sorted(by_language.items())]
    console.print("\nTopics on gold articles")
    print_rows(
        ("language", "articles", "precision", "recall", "micro-F1", "macro-F1", "false on others"),
        [*rows, row("all", judged)],
        console,
    )
    extra = Counter(topic for one in judged for topic in one.found - one.wanted)
    missed = Counter(topic for one in judged for topic in one.wanted - one.found)
    worst = (extra + missed).most_common(10)
    print_rows(("topic", "extra", "missed"), [(t, extra[t], missed[t]) for t, _ in worst], console)


def row(name: str, judged: Sequence[Judged]) -> tuple[object, ...]:
    """Return a language's figures; the last one counts articles without a topic that got one."""
    right, extra, missed = counts(judged)
    others = [one for one in judged if not one.wanted]
    low, high = interval(judged)
    return (
        name,
        len(judged),
        f"{right / max(1, right + extra):.3f}",
        f"{right / max(1, right + missed):.3f}",
        f"{micro_f1(judged):.3f} ({low:.2f}-{high:.2f})",
        f"{macro_f1(judged):.3f}",
        f"{sum(bool(one.found) for one in others)}/{len(others)}",
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
    alone = (
        [Judged(o.name, o.language, o.wanted & {t}, o.found & {t}) for o in judged] for t in topics
    )
    return mean(map(micro_f1, alone)) if topics else 0.0


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
            yield Judged(place, "en", wanted, found)


def print_reuters(judged: Sequence[Judged], console: Console) -> None:
    """Print one row a topic."""
    console.print("\nReuters-21578, test articles, without training")
    topics = sorted(set(REUTERS.values()))
    rows = [
        (t, f"{micro_f1(Judged(o.name, 'en', o.wanted & {t}, o.found & {t}) for o in judged):.3f}")
        for t in topics
    ]
    print_rows(("topic", "F1"), [*rows, ("all, micro", f"{micro_f1(judged):.3f}")], console)


if __name__ == "__main__":
    main(Console(highlight=False, width=120), [Path(folder) for folder in sys.argv[1:]])
