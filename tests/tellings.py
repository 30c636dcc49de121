"""Tellings of stories for tests: articles, tagged as the pipeline tags them, and loaded."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection

from tasks.articles.identity import content_hash
from tasks.articles.records import TaggedArticle
from tasks.articles.rows import article_row, tag_rows
from tasks.tagging.tagger import load_tagger
from tests.articles import article
from tests.warehouse_rows import RUN, START, Look, listing_row, uid
from warehouse.append import append
from warehouse.batch import Batch

TEXTS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("stories.toml").read_text(encoding="utf-8")
)
RESULTS, ITALIAN = TEXTS["results"], TEXTS["italian"]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One article: where it stands, what it says, and how many minutes after START."""

    name: str  # of the article: the same for its versions
    title: str
    text: str
    language: str = "en"
    minute: float = 0.0
    tickers: tuple[str, ...] = ()
    seen: float = 0.0  # minutes from publication to fetch, or from START without a time
    is_timed: bool = True

    @cache  # noqa: B019 - a telling is a value, and there are few
    def tagged(self) -> TaggedArticle:
        """Return it as the tag step does."""
        told = START + timedelta(minutes=self.minute)
        fetched = told + timedelta(minutes=self.seen + 1)
        said = article(self.title, self.text, language=self.language, tickers=self.tickers)
        look = uid(self.name, self.title, self.text, self.minute, self.seen)
        said = replace(
            said,
            article_key=uid("article", self.name),
            listing_id=look,
            page_id=look,
            url=f"http://newsroom.example/{self.name}",
            published_at=told if self.is_timed else None,
            first_seen_at=fetched,
            content_hash=content_hash(self.title, self.text),
        )
        return load_tagger().tag(said)


def batch(tellings: Iterable[Telling], available_at: datetime | None = None) -> Batch:
    """Return the batch of these tellings."""
    tagged = [telling.tagged() for telling in tellings]
    rows = [tag_rows(one) for one in tagged]
    listings = [
        listing_row(Look("", "", 0), listing_id=one.article.listing_id, url=one.article.url)
        for one in tagged
    ]
    return Batch(
        batch_id=uid("batch", *(one.article.page_id for one in tagged)),
        run_id=RUN,
        available_at=available_at or START + timedelta(days=9),
        listings=listings,
        articles=[article_row(one) for one in tagged],
        article_tickers=[row for tags in rows for row in tags["article_tickers"]],
        article_fingerprints=[row for tags in rows for row in tags["article_fingerprints"]],
    )


def load(connection: DuckDBPyConnection, *batches: Sequence[Telling]) -> None:
    """Load each batch of tellings after the other, a minute apart."""
    for number, tellings in enumerate(batches):
        append(connection, batch(tellings, START + timedelta(days=9, minutes=number)))


def stories(connection: DuckDBPyConnection) -> dict[str, set[str]]:
    """Return the articles of each story, by the name of its first."""
    rows = connection.execute(
        "SELECT story_id, arg_min(url, told_at), list(url) FROM story_articles GROUP BY story_id"
    ).fetchall()
    return {_name(first): {_name(url) for url in urls} for _, first, urls in rows}


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def key(name: str) -> UUID:
    """Return the article_key of an article by its name."""
    return uid("article", name)


def results(name: str = "first", text: str = RESULTS, minute: float = 0, **more: Any) -> Telling:
    """Return an article about one company's results."""
    return Telling(
        name=name, title="Meridian Foods tops estimates", text=text, minute=minute, **more
    )


def filled(name: str, *words: str) -> str:
    """Return one of the texts that are written again and again, with these words."""
    return str(TEXTS[name]).format(*words)


NOTE = filled("note", "Barclays", "Rita Gomez", "95", "86")


def lines(connection: DuckDBPyConnection, columns: str, name: str) -> list[tuple[Any, ...]]:
    """Return columns of ``article_stories`` for an article, the oldest row first."""
    return connection.execute(
        f"SELECT {columns} FROM article_stories WHERE article_key = $1 ORDER BY available_at",
        [key(name)],
    ).fetchall()


def reworded(text: str) -> str:
    """Return a text with every fifteenth word replaced."""
    words = text.split(" ")
    return " ".join(w if n % 15 or any(map(str.isdigit, w)) else "so" for n, w in enumerate(words))
