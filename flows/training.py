"""Trains the topic model on a user's labels, and installs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from flows.takedown import article_keys
from tasks.articles.errors import KnowledgeError
from tasks.articles.records import Article
from tasks.articles.urls import clean_url
from tasks.sources.schema import Source
from tasks.tagging.learning.labels import Labels, read_labels
from tasks.tagging.learning.model_file import ModelFile, model_version, write_model
from tasks.tagging.learning.training import Example, Trained, train
from tasks.tagging.tagger import load_tagger
from tasks.tagging.taxonomy import load_taxonomy
from warehouse.files import replace_whole
from warehouse.home import Home
from warehouse.labelled import articles_at

_SHOWN = 3  # unknown articles in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What came of a training, for a person."""

    trained: Trained
    articles: int
    stories: int
    notes: tuple[str, ...]  # what was left out, and why


def train_topics(
    home: Home, path: Path, sources: Mapping[str, Source], *, folds: int, min_examples: int
) -> Training:
    """Train on a file of labels and the published articles; nothing is installed.

    Raises KnowledgeError when the file cannot be used or there is too little to learn from, and
    WarehouseMissing.
    """
    labels = read_labels(path, load_taxonomy().topics)
    rows, said, unknown = _labelled(home, labels, sources)
    tagger = load_tagger()
    examples = [_example(row, said[row["article_key"]]) for row in rows]
    topics, notes = _topics_to_learn(examples, labels, max(folds, min_examples))
    if unknown:
        notes.insert(0, _not_there(unknown, home))
    if not topics:
        raise KnowledgeError(
            "\n".join(["There is too little to learn from; nothing was trained.", *notes])
        )
    stories = len({example.story for example in examples})
    about = {"articles": len(examples), "stories": stories, "rules": tagger.version}
    trained = train(examples, topics, folds, min_examples, about)
    return Training(trained=trained, articles=len(examples), stories=stories, notes=tuple(notes))


def install(home: Home, trained: Trained) -> ModelFile:
    """Put the model in place for the next runs and return it as it lies there. Raises OSError."""
    replace_whole(home.topic_model, lambda path: write_model(trained.model, path))
    return ModelFile(home.topic_model, model_version(trained.model))


def _labelled(
    home: Home, labels: Labels, sources: Mapping[str, Source]
) -> tuple[list[dict[str, Any]], dict[UUID, dict[str, bool]], list[str]]:
    """Return the articles that are there, their labels by key, and what is not there."""
    keys = {place: article_keys(place, sources.values()) for place in labels.said}
    urls = {place: clean_url(place) for place in labels.said}
    wanted = frozenset().union(*keys.values())
    rows = articles_at(home, wanted, {url for url in urls.values() if url})
    by_key = {row["article_key"]: row for row in reversed(rows)}
    by_url = {row["url"]: row for row in reversed(rows)}
    said: dict[UUID, dict[str, bool]] = {}
    unknown = []
    for place, topics in labels.said.items():
        row = next((by_key[key] for key in sorted(keys[place]) if key in by_key), None)
        row = row or by_url.get(urls[place])
        if row is None:
            unknown.append(place)
        else:
            _join(said.setdefault(row["article_key"], {}), topics, place)
    return [by_key[key] for key in sorted(said)], said, unknown


def _join(said: dict[str, bool], topics: Mapping[str, bool], place: str) -> None:
    """Add labels to those that the same article has under another name."""
    for topic, applies in topics.items():
        if said.setdefault(topic, applies) != applies:
            raise KnowledgeError(
                f"{place} is in the labels under two names (address and key, or two addresses),"
                f" and they do not agree on {topic}. Keep one of them."
            )


def _example(row: Mapping[str, Any], labels: Mapping[str, bool]) -> Example:
    said: dict[str, Any] = {
        name: tuple(row[name]) if isinstance(row[name], list) else row[name]
        for name in Article.__slots__
        if name in row
    }
    article = Article(**said)
    story = row["story_id"] or row["content_hash"]  # where it was never linked, copies are equal
    return Example(article, load_tagger().weigh(article), story, labels)


def _topics_to_learn(
    examples: Sequence[Example], labels: Labels, least: int
) -> tuple[list[str], list[str]]:
    """Return the topics with enough labels, and sentences about the others."""
    topics, rare, one_sided = [], [], []
    for topic in labels.topics:
        with_it, without = (
            len({e.story for e in examples if e.labels.get(topic) is applies})
            for applies in (True, False)
        )
        if min(with_it, without) >= least:
            topics.append(topic)
        elif with_it >= least and not without:
            one_sided.append(topic)
        else:
            rare.append(f"{topic} ({with_it:,} with it, {without:,} without)")
    notes = []
    if rare:
        notes.append(
            f"Left to the rules, because {least} labelled stories with a topic and {least} without"
            f" it are needed (--min-examples): {', '.join(rare)}."
        )
    if one_sided:
        notes.append(
            f"Left to the rules, because no article is labelled as not having the topic:"
            f" {', '.join(one_sided)}. Add rows with 0, or leave out the column label: then what"
            " is not listed counts as 0."
        )
    return topics, notes


def _not_there(unknown: Sequence[str], home: Home) -> str:
    shown = ", ".join(unknown[:_SHOWN]) + (", ..." if len(unknown) > _SHOWN else "")
    are = "article is" if len(unknown) == 1 else "articles are"
    return f"{len(unknown):,} labelled {are} not in {home.news} and left out: {shown}."
