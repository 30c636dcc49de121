"""Labelled articles in a warehouse: a desk's own, or the gold articles, with a file of labels."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from tasks.articles.identity import article_key, content_hash
from tasks.articles.records import TaggedArticle
from tasks.articles.rows import article_row, tag_rows
from tasks.tagging.tagger import load_tagger
from tests.articles import article
from tests.warehouse_rows import RUN, START, Look, listing_row, uid
from warehouse.append import append
from warehouse.batch import Batch
from warehouse.connection import writing
from warehouse.home import Home
from warehouse.snapshot import publish

ANYTHING = {
    "en": """the of and to in that was for on with as it by at from people week town local plan
        said new old long small group several third early late morning garden window paper table
        river street music school teacher kitchen bridge letter summer winter""",
    "it": """il la di e che in un per con da alla nel dopo prima molti paese piano detto nuovo lungo
        gruppo terzo presto mattina giardino finestra carta tavolo fiume strada musica scuola
        maestra cucina ponte lettera estate inverno sempre ancora altri anni""",
}
QUAYS = {
    "en": "drayage berths reefers quayside stevedores lashing bollards dredging",
    "it": "banchine ormeggi rizzaggio bitte dragaggio camalli attracco fondali",
}
GOLD = Path(__file__).parent / "gold" / "articles"


@dataclass(frozen=True)
class Labelled:
    """An article with the topics that somebody gave it."""

    name: str
    title: str
    text: str
    language: str
    topics: tuple[str, ...]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://newsroom.example/{self.name}"

    def tagged(self) -> TaggedArticle:
        """Return it as the tag step does."""
        look = uid(self.name)
        said = replace(
            article(self.title, self.text, language=self.language),
            article_key=article_key("", url=self.url),
            listing_id=look,
            page_id=look,
            url=self.url,
            published_at=START,
            first_seen_at=START + timedelta(minutes=1),
            content_hash=content_hash(self.title, self.text),
        )
        return load_tagger().tag(said)


def gold(part: str = "*") -> list[Labelled]:
    """Return the gold articles of a part: dev or blind."""
    found = []
    for path in sorted(GOLD.glob(f"{part}/*.toml")):
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        topics = tuple(said["expect"]["topics"])
        text = said["text"].strip()
        found.append(Labelled(path.stem, said["title"], text, said["language"], topics))
    return found


def desk(number: int = 60) -> list[Labelled]:
    """Return articles of a desk that files talk of quays under transport, which the rules do not.

    Every other one is about quays, in English or Italian; the others are about anything else.
    """
    draw = Random(7)
    return [_of_the_desk(place, draw) for place in range(number)]


def _of_the_desk(place: int, draw: Random) -> Labelled:
    language = ("en", "it")[place // 2 % 2]
    is_theirs = place % 2 == 0
    anything, quays = ANYTHING[language].split(), QUAYS[language].split()
    words = draw.sample(anything, 24) + draw.sample(quays if is_theirs else anything, 6)
    draw.shuffle(words)
    text = ". ".join(" ".join(words[start : start + 6]) for start in range(0, 30, 6))
    topics = ("transport-travel",) if is_theirs else ()
    return Labelled(f"desk-{place}", f"{words[0]} {words[1]}", text + ".", language, topics)


def stored(folder: Path, articles: Iterable[Labelled]) -> None:
    """Load articles into the warehouse of a folder and publish it."""
    every = [one.tagged() for one in articles]
    tags = [tag_rows(one) for one in every]
    listings = [
        listing_row(Look(one.article.url, "", 0), listing_id=one.article.listing_id)
        for one in every
    ]
    batch = Batch(
        batch_id=uid("labelled"),
        run_id=RUN,
        available_at=START + timedelta(hours=1),
        listings=listings,
        articles=[article_row(one) for one in every],
        **{table: [row for rows in tags for row in rows[table]] for table in tags[0]},
    )
    home = Home(folder)
    with writing(home) as connection:
        append(connection, batch)
    publish(home)


def label_file(path: Path, articles: Sequence[Labelled]) -> Path:
    """Write a file of labels without the column label: the topics of each are all it has."""
    lines = ["url,topic"]
    lines += [f"{one.url},{topic}" for one in articles for topic in one.topics or ("",)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
