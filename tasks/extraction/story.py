"""The text of an article: from its page, or where that is hollow, from JSON-LD or the list."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Literal

from lxml.html import HtmlElement

from tasks.articles.errors import Rejected
from tasks.extraction.blocks import lines_of
from tasks.extraction.body import article_lines
from tasks.extraction.bounds import parse
from tasks.extraction.characters import clean_text
from tasks.extraction.region import Region

Cleaner = Callable[[list[str], Collection[str]], list[str]]
TextFrom = Literal["page", "json_ld", "embedded", "list", "headline"]

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_ESCAPED_TAG = re.compile(
    r"&lt;/?(?:p|div|br|a|strong|em|ul|li|h[1-6]|table|span)\b", re.IGNORECASE
)
_HOLLOW = 600  # characters of a page's text below which another text may be the real one
_BETTER = 1.5  # times longer that the other one must be, and by as much as a sentence
_SENTENCE = 100
# A wire alert says its news in one line without a stop: "ACME Q3 EPS $1.10, EST. $1.02".
_FIGURE = re.compile(r"[$€£¥]\s?\d|\d\s?%|\d\s?(?:million|billion|mln|mld|millones|milioni)\b")
_STOPS = tuple(".!?…:。」”\"')")


@dataclass(frozen=True, slots=True)
class Story:
    """The lines of an article, and where they came from."""

    lines: list[str]
    text_from: TextFrom


def choose_story(
    region: Region | None, bodies: Mapping[TextFrom, str], listed_body: str, clean: Cleaner
) -> Story:
    """Return the article's text, from the first of page, bodies and list that is not hollow.

    ``region`` is None where there is no page; ``bodies`` are what JSON-LD and the page's data
    hold, as text or HTML; ``clean`` drops boilerplate, given the lines and those that are links
    alone. All empty gives no lines, from "headline".
    """
    chosen = Story([], "headline")
    for story in _stories(region, bodies, listed_body, clean):
        if not _is_bare(story) and (not chosen.lines or _is_better(story, chosen)):
            chosen = story
        if _size(chosen) >= _HOLLOW:
            break
    return chosen


def html_of_item(body: str) -> str:
    """Return a listing's body as HTML: escaped once too often, or plain text, as feeds have it."""
    if not _TAG.search(body) and _ESCAPED_TAG.search(body):
        body = unescape(body)
    if not _TAG.search(body):
        body = "".join(f"<p>{line}</p>" for line in body.splitlines() if line.strip())
    return f"<html><body><article>{body}</article></body></html>"


def item_region(tree: HtmlElement) -> Region:
    """Return the region of a tree made by ``html_of_item``: all of it is the article."""
    article = tree.find(".//article")
    return Region(tree if article is None else article, "declared")


def _stories(
    region: Region | None, bodies: Mapping[TextFrom, str], listed_body: str, clean: Cleaner
) -> Iterator[Story]:
    if region is not None:
        yield Story(clean(*article_lines(region)), "page")
    for place, body in bodies.items():
        if body.strip():
            yield Story(clean(_lines_of_text(body), ()), place)
    if listed_body.strip():
        yield Story(_lines_of_item(listed_body, clean), "list")


def _lines_of_text(text: str) -> list[str]:
    """Return the lines of an articleBody, which is plain text or HTML."""
    text = unescape(text) if _ESCAPED_TAG.search(text) else text
    if _TAG.search(text):
        return lines_of(parse(html_of_item(text)))
    return [line for raw in clean_text(text).split("\n") if (line := " ".join(raw.split()))]


def _lines_of_item(body: str, clean: Cleaner) -> list[str]:
    try:
        region = item_region(parse(html_of_item(body)))
    except Rejected:  # a listing's own text beyond the bounds is no better than none
        return []
    return clean(*article_lines(region))


def _is_bare(story: Story) -> bool:
    """Tell nothing, or labels and subheads without one sentence, table row or figure."""
    if _size(story) >= _SENTENCE:
        return False
    return not any(
        line.endswith(_STOPS) or " | " in line or _FIGURE.search(line) for line in story.lines
    )


def _is_better(other: Story, chosen: Story) -> bool:
    return _size(other) > _BETTER * _size(chosen) + _SENTENCE


def _size(story: Story) -> int:
    return sum(map(len, story.lines))
