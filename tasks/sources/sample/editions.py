"""What the newsroom has published at each visit, and its numbered variants for benchmarks."""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from tasks.sources.sample.story import Story

# The one sentence in which a variant differs from its story.
_DIFFERENCE = {
    "en": "This is desk copy number {n} of the report.",
    "it": "Questa è la copia di redazione numero {n} dell'articolo.",
    "es": "Esta es la copia de redacción número {n} de la noticia.",
}


def at_edition(stories: Iterable[Story], edition: int) -> list[Story]:
    """Return the stories as they stand at the ``edition``-th visit, counted from 1."""
    return [_as_of(story, edition) for story in stories if story.from_edition <= edition]


def _as_of(story: Story, edition: int) -> Story:
    if story.gone_from_edition and edition >= story.gone_from_edition:
        return dataclasses.replace(story, is_gone=True, updated=story.gone_at)
    correction = story.correction
    if correction and edition >= correction.from_edition:
        body = story.body.replace(correction.old, correction.new)
        return dataclasses.replace(
            story, body=f"{body}\n\n{correction.note}", updated=correction.updated
        )
    return story


def with_variants(stories: Sequence[Story], count: int) -> list[Story]:
    """Return ``count`` stories, each with a URL of its own: these, then numbered variants.

    Stories without a page, and those that are gone, are left out.
    """
    return list(itertools.islice(_endless([s for s in stories if s.path and not s.is_gone]), count))


def _endless(stories: Sequence[Story]) -> Iterator[Story]:
    yield from stories
    for n in itertools.count(1):
        yield from (_variant(story, n) for story in stories)


def _variant(story: Story, n: int) -> Story:
    """Return the n-th variant: another id or slug, a title suffix, one sentence more."""
    first, *rest = story.body.split("\n\n")
    sentence = _DIFFERENCE[story.language].format(n=n)
    return dataclasses.replace(
        story,
        path=_numbered(story, n),
        title=f"{story.title} ({n})",
        body="\n\n".join([first, sentence, *rest]) if story.body else "",
    )


def _numbered(story: Story, n: int) -> str:
    if not story.number:
        return f"{story.path}-{n}"
    # The last five digits differ from story to story, so variants of different ones never meet.
    return re.sub(
        rf"{story.number.lstrip('gn')}(?=/)",
        lambda found: str(int(found[0]) + n * 100_000),
        story.path,
    )
