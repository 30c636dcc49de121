"""Holds a source file to its own examples, and to the other files."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tasks.sources.schema import Source


def broken_examples(source: Source) -> Iterator[str]:
    """Yield a sentence for each example in the file that its patterns do not live up to."""
    for url, expected in source.examples.ids.items():
        found = source.publisher_id(url)
        if found != expected:
            yield f"id_pattern finds {found!r} in {url}; the example says {expected!r}"
    rules = [re.compile(pattern, re.IGNORECASE) for pattern in source.article.boilerplate]
    for line in source.examples.drops:
        if not any(rule.search(line) for rule in rules):
            yield f"no pattern of article.boilerplate drops {line!r}"
    for line in source.examples.keeps:
        yield from (
            f"article.boilerplate {rule.pattern!r} drops {line!r}"
            for rule in rules
            if rule.search(line)
        )


def unproven_patterns(source: Source) -> Iterator[str]:
    """Yield a sentence for each pattern of the file that no example speaks of."""
    if source.id_pattern and not any(source.examples.ids.values()):
        yield "id_pattern has no example: add an address and its id under [examples.ids]"
    for pattern in source.article.boilerplate:
        if not any(re.search(pattern, line, re.IGNORECASE) for line in source.examples.drops):
            yield f"boilerplate {pattern!r} has no example: add a line to drops under [examples]"


def clashes(source: Source, sources: Mapping[str, Source]) -> Iterator[str]:
    """Yield a sentence for each other source that lists the same, or reads ids differently."""
    own = set(_addresses(source))
    for other in sources.values():
        if other.name == source.name:
            continue
        for address in sorted(own.intersection(_addresses(other))):
            yield f"{other.name} has the same list: {address}"
        if urlsplit(other.home).hostname == urlsplit(source.home).hostname:
            yield f"{other.name} has the same home: a page there may be read as that source's"
        if other.publisher == source.publisher and other.id_pattern != source.id_pattern:
            yield (
                f"{other.name} is of the same publisher, {other.publisher}, with another "
                "id_pattern: one article may get two keys"
            )


def _addresses(source: Source) -> Iterator[str]:
    for declared in source.lists:
        if hasattr(declared, "files"):
            yield from declared.files
        else:
            yield declared.url
