"""The text part of `make eval`: what extraction makes of labelled pages, per set and language.

Shares are of sentences and table rows that must be kept, of promotion that must go (here few are
good), of titles and authors that are exact, of instants that are within a minute. `python
tests/eval_text.py [FOLDER...]` measures other pages. With ``NEWSLEDGER_EVAL_DATA``, a folder, the
public sets in it are scored too (``eval_public.py``).
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a file, it knows its own folder

from flows.display import print_rows
from tasks.articles.errors import ItemError
from tasks.articles.records import Article
from tasks.extraction.extract import extract
from tests.gold_pages import GOLD, GoldPage, gold_pages, is_kept, newsroom_pages, saved_pages
from tests.measuring import BLIND, DEV, Scores, by_language, run, shown

MINUTE = timedelta(minutes=1)
TOO_SHORT = 25  # characters: a promo that is shorter may well stand in a newsroom story, too
FIGURES = ("kept", "promo left", "titles", "authors", "instants")


@dataclass(frozen=True, slots=True)
class Judged:
    """What extraction made of one page."""

    half: str  # "own": by who wrote the rules; "dev" and "blind" are by other hands
    gold: GoldPage
    article: Article | None

    @property
    def language(self) -> str:
        """The language that the page is in; unknown is "-"."""
        return self.gold.language or "-"


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


def scores(judged: Iterable[Judged]) -> Scores:
    """Return the figures of some pages; one without an article keeps nothing and leaves nothing."""
    of = Scores()
    for one in judged:
        for figure, hits in outcomes(one.gold, one.article).items():
            of[figure].add(hits)
    return of


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


def gold_sets(folders: Sequence[Path]) -> dict[str, list[GoldPage]]:
    """Return the pages of these folders by the folders' names, or the project's own."""
    return {folder.name: gold_pages(folder) for folder in folders} or {
        DEV: gold_pages(GOLD / DEV),
        BLIND: gold_pages(GOLD / BLIND),
        "own": [*long_enough(newsroom_pages()), *saved_pages(), *gold_pages()],
    }


def main(console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True) -> None:
    """Measure and print, with the mistakes that may be shown."""
    judged = [
        Judged(half, gold, extracted(gold))
        for half, pages in gold_sets(folders).items()
        for gold in pages
    ]
    rows = [
        (half, language, len(some), *(str(scores(some)[figure]) for figure in FIGURES))
        for half, language, some in by_language(judged)
    ]
    print_rows(("pages", "language", "count", *FIGURES), rows, console, title="Text")
    for one in shown(judged if with_mistakes else ()):
        for what in mistakes(one.gold, one.article):
            console.print(f"  {one.half}/{one.gold.name}: {what}", soft_wrap=True, markup=False)
    folder = os.environ.get("NEWSLEDGER_EVAL_DATA", "")
    if folder and Path(folder).is_dir():
        from tests.eval_public import print_public  # noqa: PLC0415  it imports this module

        print_public(Path(folder), console)
    else:
        console.print("Public sets: absent; name their folder in NEWSLEDGER_EVAL_DATA.")


if __name__ == "__main__":
    run(main)
