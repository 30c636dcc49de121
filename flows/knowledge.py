"""Reads what extracting and tagging must know, before there is a page to work on.

Worker processes run this, so it must not lead to Prefect.
"""

from collections.abc import Iterable

from tasks.extraction.language import language_of
from tasks.tagging.learning.model_file import ModelFile
from tasks.tagging.tagger import load_tagger

SAMPLE = "The first text in a process takes half a second: a language model is read for it."


def read_knowledge(model: ModelFile | None = None, languages: Iterable[str] = ()) -> None:
    """Import, and read what these languages (ISO 639-1) need. Raises KnowledgeError."""
    read_tag_rules(model)
    load_tagger(model).expect(languages)
    language_of(SAMPLE, ())


def read_tag_rules(model: ModelFile | None = None) -> None:
    """Read what tagging alone must know. Raises KnowledgeError for what cannot be used."""
    load_tagger(model)


def read_all_rules() -> None:
    """Read all that tagging knows, of all languages. Raises KnowledgeError, as above."""
    load_tagger().read_all()
