"""The text part of `make eval`: what extraction makes of labelled pages, per language.

A figure is a share with the bounds within which it lies in 19 of 20 such samples (Wilson's score
interval). Shares are of sentences and table rows that must be kept, of promotion that must go
(here few are good), of titles and authors that are exact, of instants that are within a minute.
With ``NEWSLEDGER_EVAL_DATA``, a folder, the public sets in it are scored too (``eval_public.py``).
"""

import math
import os
import platform
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from flows.display import print_rows
from tasks.articles.errors import ItemError
from tasks.articles.records import Article
from tasks.extraction.extract import extract
from tests.gold_pages import GOLD, GoldPage, gold_pages, is_kept, newsroom_pages, saved_pages

Z = 1.96  # standard deviations to either side that hold 95 %
MINUTE = timedelta(minutes=1)
BLIND = "blind, by other hands"  # measured only: what is wrong on these pages is not printed
TOO_SHORT = 25  # characters: a promo that is shorter may well stand in a newsroom story, too
COLUMNS = ("set", "pages", "kept", "promo left", "titles", "authors", "instants")
FIGURES = ("kept", "promo left", "titles", "authors", "instants")


@dataclass(slots=True)
class Share:
    """How many of all."""

    hits: int = 0
    all: int = 0

    def add(self, hits: Iterable[bool]) -> None:
        """Count some more."""
        for hit in hits:
            self.hits += hit
            self.all += 1

    def __str__(self) -> str:
        if not self.all:
            return "-"
        low, high = wilson(self.hits, self.all)
        share = self.hits / self.all
        return f"{share:.1%} [{low:.1%}, {high:.1%}] {self.hits}/{self.all}"


@dataclass(slots=True)
class Score:
    """The figures of one set or language."""

    pages: int = 0
    shares: dict[str, Share] = field(default_factory=lambda: {name: Share() for name in FIGURES})

    def add(self, gold: GoldPage, article: Article | None) -> None:
        """Count one page; one without an article keeps nothing and leaves nothing."""
        self.pages += 1
        for name, hits in outcomes(gold, article).items():
            self.shares[name].add(hits)

    def row(self, name: str) -> tuple[object, ...]:
        """Return the row that is printed."""
        return (name, self.pages, *(str(self.shares[figure]) for figure in FIGURES))


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the bounds of Wilson's 95 % interval for a share, both between 0 and 1."""
    share = hits / total
    middle = share + Z * Z / (2 * total)
    reach = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def outcomes(gold: GoldPage, article: Article | None) -> dict[str, list[bool]]:
    """Return, per figure, what is right of this page (for promos: what is left of them)."""
    text = f"{article.text}\n" if article else ""
    instant = article.published_at if article else None
    return {
        "kept": [is_kept(kept, text) for kept in gold.keep],
        "promo left": [drop in text for drop in gold.drop],
        "titles": [article is not None and article.title == gold.title] if gold.title else [],
        "authors": []
        if gold.authors is None
        else [article is not None and article.authors == gold.authors],
        "instants": []
        if gold.published_at is None
        else [instant is not None and abs(instant - gold.published_at) < MINUTE],
    }


def extracted(gold: GoldPage) -> Article | None:
    """Return the article of a page, or None where it was rejected."""
    try:
        return extract(gold.page, gold.source)
    except ItemError:
        return None


def scored(sets: dict[str, list[GoldPage]]) -> tuple[list[tuple[object, ...]], list[str]]:
    """Return a row for each set and language, and a line for each thing that is wrong."""
    by_set: dict[str, Score] = defaultdict(Score)
    by_language: dict[str, Score] = defaultdict(Score)
    wrong = []
    for name, pages in sets.items():
        for gold in pages:
            article = extracted(gold)
            for score in (by_set[name], by_language[gold.language], by_language["all"]):
                score.add(gold, article)
            if name != BLIND:
                wrong += [f"{name}/{gold.name}: {what}" for what in mistakes(gold, article)]
    rows = [score.row(name) for name, score in (*by_set.items(), *sorted(by_language.items()))]
    return rows, wrong


def mistakes(gold: GoldPage, article: Article | None) -> list[str]:
    """Say what is wrong with an article, a line each."""
    found = outcomes(gold, article)
    kept, left = (
        zip(gold.keep, found["kept"], strict=True),
        zip(gold.drop, found["promo left"], strict=True),
    )
    lines = [f"lost {line!r}" for line, is_kept in kept if not is_kept]
    lines += [f"left {line!r}" for line, is_left in left if is_left]
    for figure, name in (("titles", "title"), ("authors", "authors"), ("instants", "published_at")):
        if not all(found[figure]):
            got, wanted = getattr(article, name, None), getattr(gold, name)
            lines.append(f"{name} is {got!s}, not {wanted!s}")
    return lines


def long_enough(pages: Iterable[GoldPage]) -> list[GoldPage]:
    """Return the pages without the promos that are too short to mean anything."""
    return [
        replace(page, drop=tuple(line for line in page.drop if len(line) > TOO_SHORT))
        for page in pages
    ]


def main(console: Console) -> None:
    """Measure and print."""
    sets = {
        "newsroom": long_enough(newsroom_pages()),
        "tests/pages": saved_pages(),
        "tests/gold/pages": gold_pages(),
        "dev, by other hands": gold_pages(GOLD / "dev"),
        BLIND: gold_pages(GOLD / "blind"),
    }
    rows, wrong = scored(sets)
    print_rows(COLUMNS, rows, console, title="Text: share [95 % interval] count")
    for line in wrong:
        console.print(f"  {line}", soft_wrap=True)
    versions = ", ".join(f"{name} {version(name)}" for name in ("trafilatura", "lxml", "htmldate"))
    console.print(
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}",
        soft_wrap=True,
    )
    folder = os.environ.get("NEWSLEDGER_EVAL_DATA", "")
    if folder and Path(folder).is_dir():
        from tests.eval_public import print_public  # noqa: PLC0415  it imports this module

        print_public(Path(folder), console)
    else:
        console.print("Public sets: absent; name their folder in NEWSLEDGER_EVAL_DATA.")
