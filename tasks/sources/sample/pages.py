"""Builds the page of a story: the template of its style, filled."""

import html
import itertools
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from tasks.sources.sample import markup
from tasks.sources.sample.story import HOME, Story

_RELATED = 5  # links to other stories on each page


def page_html(story: Story, others: Iterable[Story] = ()) -> str:
    """Return the whole page of a story; ``others`` are the ones it may link to."""
    related = (o for o in others if o.language == story.language and o.path not in {"", story.path})
    teasers = (_teaser(other, story.style) for other in itertools.islice(related, _RELATED))
    fields = {
        **_parts(story.language),
        **_labels(story.language)["label"],
        **_printed(story),
        "body": body_of(story),
        "json_ld": _json_ld(story),
        "related": "\n".join(teasers),
    }
    return _template(story.style).substitute(fields)


def body_of(story: Story) -> str:
    """Return the HTML of the body as the page shows it: hollow where scripts would fill it."""
    build = markup.hollow_html if story.style == "wall" else markup.body_html
    return build(story.body, story.style)


def _printed(story: Story) -> dict[str, str]:
    """Return what the page prints of the story, escaped."""
    said = {
        "language": story.language,
        "url": story.url,
        "path": story.path,
        "story_id": story.number or story.slug,
        "title": story.title,
        "description": story.description,
        "section": story.section,
        "keywords": ", ".join(story.keywords),
        "byline": story.byline or ", ".join(story.authors),
        "published": story.published.isoformat(),
        "updated": story.changed.isoformat(),
        "shown_date": shown_date(story.published, story.language),
        "charset": story.charset,
    }
    return {name: html.escape(value) for name, value in said.items()}


def shown_date(instant: datetime, language: str) -> str:
    """Return the instant as a reader of this language sees it, in the offset it came with."""
    words = _labels(language)["date"]
    return str(
        words["pattern"].format(
            day=instant.day,
            month=words["months"][instant.month - 1],
            year=instant.year,
            time=f"{instant:%H:%M}"
            if words["hours"] == "24"
            else f"{instant:%I:%M %p}".lstrip("0"),
        )
    )


def _json_ld(story: Story) -> str:
    """Return the schema.org NewsArticle; a script wall's has the text, unless the feed has it."""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "headline": story.title,
        "description": story.description,
        "datePublished": story.published.isoformat(),
        "dateModified": story.changed.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {"@type": "Organization", "name": "Newsroom", "url": HOME},
        "articleSection": story.section,
        "keywords": [f"tag: {word}" for word in story.keywords],
        "image": f"{HOME}/files/images/story/2026/{story.slug}.jpeg",
    }
    if story.style == "wall" and story.feed != "full":
        said["articleBody"] = markup.article_text(story.body, story.style)
    return json.dumps(said, ensure_ascii=False).replace("</", "<\\/")


def _teaser(other: Story, style: str) -> str:
    return markup.marks(style)["teaser"].substitute(
        url=other.url,
        title=html.escape(other.title),
        authors=html.escape(", ".join(other.authors)),
    )


@cache
def _template(style: str) -> markup.StyleTemplate:
    path = markup.STYLES_FOLDER / f"{style}.html"
    return markup.StyleTemplate(path.read_text(encoding="utf-8"))


@cache
def _labels(language: str) -> Mapping[str, Any]:
    path = markup.STYLES_FOLDER / "labels.toml"
    said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))[language]
    return said


@cache
def _parts(language: str) -> Mapping[str, str]:
    """Return what pages share, by name; a part in several languages has this one's."""
    paths = (markup.STYLES_FOLDER / "parts").iterdir()
    return {p.stem.removesuffix(f"-{language}"): p.read_text(encoding="utf-8") for p in paths}
