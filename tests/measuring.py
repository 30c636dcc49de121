"""What the parts of `make eval` share: labelled articles, shares with their bounds, the command.

The labelled articles lie in halves: ``dev`` is for work on the rules, ``blind`` for measuring only,
so a mistake in it is counted and never shown.
"""

import math
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rich.console import Console

from tasks.articles.records import Article, TaggedArticle
from tasks.tagging.tagger import load_tagger
from tests.articles import article

ARTICLES = Path(__file__).parent / "gold" / "articles"
DEV, BLIND = "dev", "blind"
Z = 1.96  # standard deviations to either side that hold 95 %


class Part(Protocol):
    """A part of `make eval`: ``main(console)`` prints its tables, with folders those of others."""

    def __call__(
        self, console: Console, folders: Sequence[Path] = (), *, with_mistakes: bool = True
    ) -> None: ...


class Labelled(Protocol):
    """Anything judged that says where it comes from."""

    @property
    def half(self) -> str: ...

    @property
    def language(self) -> str: ...


Judged = TypeVar("Judged", bound=Labelled)


@dataclass(frozen=True, slots=True)
class GoldArticle:
    """An article, as extraction would leave it, and the labels that an editor gave it."""

    name: str
    half: str  # "dev", "blind", or the name of another folder
    article: Article
    expect: Mapping[str, Any]

    @property
    def language(self) -> str:
        """The language that the text is in."""
        return self.article.language

    def tagged(self) -> TaggedArticle:
        """Return what the tagger makes of it."""
        return load_tagger().tag(self.article)


@dataclass(slots=True)
class Share:
    """How many of all, with Wilson's interval: 19 of 20 such samples lie within its bounds."""

    hits: int = 0
    all: int = 0

    def add(self, hits: Iterable[bool]) -> None:
        """Count some more."""
        for hit in hits:
            self.hits += hit
            self.all += 1

    @property
    def value(self) -> float:
        """The share; 1 of nothing."""
        return self.hits / self.all if self.all else 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """The lower and the upper bound, both between 0 and 1."""
        n, share = self.all, self.value
        middle = share + Z * Z / (2 * n)
        reach = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)

    def __str__(self) -> str:
        if not self.all:
            return "-"
        low, high = self.bounds
        return f"{self.value:.3f} ({low:.2f}-{high:.2f}) {self.hits}/{self.all}"


@dataclass(slots=True)
class Scores:
    """Named shares; ``scores["recall"].add(...)`` makes one."""

    shares: dict[str, Share] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Share:
        return self.shares.setdefault(name, Share())


def gold_articles(folders: Sequence[Path] = ()) -> list[GoldArticle]:
    """Return the labelled articles below these folders, or the project's own."""
    paths = {path for folder in folders or [ARTICLES] for path in folder.rglob("*.toml")}
    return [_gold(path) for path in sorted(paths)]


def _gold(path: Path) -> GoldArticle:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    made = article(
        said["title"],
        said["text"].strip(),
        language=said["language"],
        tickers=tuple(said.get("publisher_tickers", ())),
        topics=tuple(said.get("publisher_topics", ())),
    )
    published_at = said.get("published_at", made.published_at)
    if isinstance(published_at, datetime) and published_at.tzinfo is None:
        published_at = published_at.replace(tzinfo=UTC)
    made = replace(made, published_at=published_at)
    return GoldArticle(path.stem, path.parent.name, made, said["expect"])


def by_half(judged: Sequence[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    """Yield ("dev", ...), then ("blind", ...), then other folders'."""
    halves = {one.half for one in judged}
    for half in sorted(halves, key=lambda half: (half != DEV, half != BLIND, half)):
        yield half, [one for one in judged if one.half == half]


def by_language(judged: Sequence[Judged]) -> Iterator[tuple[str, str, list[Judged]]]:
    """Yield (half, language, ...) for each language of each half, and then its "all"."""
    for half, some in by_half(judged):
        for language in sorted({one.language for one in some}):
            yield half, language, [one for one in some if one.language == language]
        yield half, "all", some


def shown(judged: Iterable[Judged]) -> Iterator[Judged]:
    """Yield those whose mistakes may be shown: never the blind ones."""
    return (one for one in judged if one.half != BLIND)


def run(part: Part) -> None:
    """Run a part as a command: the arguments are folders; without any, the project's own labels."""
    part(Console(highlight=False), [Path(folder) for folder in sys.argv[1:]])
