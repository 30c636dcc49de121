"""Reads what extracting and tagging must know, before there is a page to work on.

Worker processes run this, so it must not lead to Prefect.
"""

from tasks.extraction.language import language_of
from tasks.tagging.learning.model_file import ModelFile
from tasks.tagging.tagger import load_tagger

SAMPLE = "The first text in a process takes half a second: a language model is read for it."


def read_knowledge(model: ModelFile | None = None) -> None:
    """Import, and read what texts of any language need. Raises KnowledgeError for unusable data."""
    read_tag_rules(model)
    language_of(SAMPLE, ())


def read_tag_rules(model: ModelFile | None = None) -> None:
    """Read what tagging alone must know. Raises KnowledgeError for what cannot be used."""
    load_tagger(model)
