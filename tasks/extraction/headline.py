"""Finds the headline as it is printed on the page."""

import re
from copy import deepcopy

from lxml.html import HtmlElement

from tasks.extraction.blocks import block_text
from tasks.extraction.characters import clean_line, folded, is_eastern

_PRINTED = ("h2", "h3", "b", "strong", "font", "div", "span", "p", "td")
_PARTS = re.compile(r"\s+[|–—·•:»-]+\s+|:\s+|\s*\|\s*")
# What stands in a headline's element and is none of it.
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|overline|eyebrow|label|badge|category|section|flag|icon|visually-hidden|"
    r"sr-only|occhiello|antetitulo|antetítulo|volanta|chapeu|dachzeile|surtitre|suffix)(?:$|[\s_-])",
    re.IGNORECASE,
)
# What sites call a headline that is no h1: "lblTitulo", "news-title", "article_headline".
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:title|headline|titulo|titular|titolo|titre|titel|schlagzeile|manchete)"
    r"(?:$|[\s_-])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MAY_BE_NAMED = (
    ".//*[contains(@class, 'it') or contains(@id, 'it') or contains(@class, 'ead')"
    " or contains(@id, 'ead') or contains(@class, 'manchete') or contains(@class, 'zeile')]"
    " | .//h2 | .//h3"
)
_SITE = re.compile(r"(?:^|[\s_-])(?:site|blog)[_-]?(?:title|name)(?:$|[\s_-])|(?:^|\s)logo(?:$|\s)")
_LEAST = 5  # words of such a headline
_SENTENCE = 100  # characters of the first sentence below it
_STOPS = tuple('.!?…”"»')
_LONGEST = 300  # characters of it
_AFTER = 40  # elements after the headline among which byline and date stand
_BEFORE = 6  # and before it
_PARAGRAPH = 200  # characters of a paragraph with which the story begins
_SIGNS = 10  # of a headline in Chinese, Japanese or Korean
_WORDS = 3  # a part of the document's title with fewer is the site's name


def headline(tree: HtmlElement) -> HtmlElement | None:
    """Return the first h1 with words, else the element that prints the page's title or most of it.

    The title is the document's or the one for social networks, with a site's name at either end.
    """
    sections = []
    for node in tree.iter("h1"):
        if clean_line(node.text_content()):
            if not _is_section(node, tree):
                return node
            sections.append(node)
    named = _named(tree) if sections else None
    if sections:
        return sections[0] if named is None else named
    shared = (node.get("content", "") for node in tree.iter("meta") if _is_title(node))
    titles = [clean_line(text) for text in (tree.findtext(".//title") or "", *shared)]
    wanted = {run for title in titles for run in _runs(title)}
    longest = 2 * max(map(len, titles))
    printed = [
        node
        for node in (tree.iter(*_PRINTED) if wanted else ())
        if len(node) <= 1
        and node.getparent() is not None
        and len(text := node.text_content()) <= longest
        and folded(text) in wanted
    ]
    best = max(printed, key=lambda node: len(folded(node.text_content())), default=None)
    return _named(tree) if best is None else best


def _is_section(h1: HtmlElement, tree: HtmlElement) -> bool:
    """Tell the site's name, or a word or two that the page's menu has too: "Press room"."""
    text = clean_line(h1.text_content())
    if _SITE.search(h1.get("class", "")) or any(a.get("href") == "/" for a in h1.iter("a")):
        return True
    if len(text.split()) > _WORDS or is_eastern(text):
        return False
    links = (link for link in tree.iter("a") if link not in h1.iterdescendants("a"))
    return any(folded(link.text_content()) == folded(text) for link in links)


def _named(tree: HtmlElement) -> HtmlElement | None:
    """Return what is called a headline, or else the first subhead, above the first paragraph.

    Portals title their pages with the section's name, and print the headline in some other element.
    """
    subhead = None
    begins = next((node for node in tree.iter("p", "div") if _is_sentence(node)), None)
    above = set() if begins is None else {begins, *begins.xpath("preceding::*")}
    for node in tree.xpath(_MAY_BE_NAMED):
        text = clean_line(node.text_content())
        if node not in above or len(text.split()) < _LEAST or len(text) > _LONGEST:
            continue
        if node.find(".//a") is not None or next(node.iterancestors("a", "nav"), None) is not None:
            continue
        if _NAMED.search(_CAMEL.sub("-", f"{node.get('class', '')} {node.get('id', '')}").lower()):
            return node
        if subhead is None and node.tag in {"h2", "h3"}:
            subhead = node
    return subhead


def headline_text(title: HtmlElement) -> str:
    """Return a headline's words, without the kicker or label that stands in its element."""
    bare = deepcopy(title)
    for label in [part for part in bare.iterdescendants() if _KICKER.search(part.get("class", ""))]:
        if label.getparent() is not None:
            label.drop_tree()
    return block_text(bare) or block_text(title)


def _is_title(node: HtmlElement) -> bool:
    return "og:title" in (node.get("property"), node.get("name"))


def _runs(title: str) -> set[str]:
    """Return the runs of a title's parts (folded) that are as long as the longest of them."""
    parts = _PARTS.split(title)
    whole = [part for part in parts if len(part.split()) >= _WORDS or _is_eastern(part)]
    least = max((len(folded(part)) for part in whole), default=0)
    runs = {
        folded("".join(parts[start:end]))
        for start in range(len(parts))
        for end in range(start + 1, len(parts) + 1)
    }
    return {run for run in runs if least and len(run) >= least}


def _is_eastern(part: str) -> bool:
    """Tell a part that is long enough for a headline in a script without blanks."""
    return len(part) >= _SIGNS and is_eastern(part)


def near_headline(tree: HtmlElement) -> list[HtmlElement]:
    """Return the elements right after the headline, nearest first, then those right before it."""
    title = headline(tree)
    if title is None:
        return []
    after = title.xpath(f"following::*[position() <= {_AFTER}]")
    story = next((n for n, node in enumerate(after) if _begins_story(node)), len(after))
    return [*after[:story], *title.xpath(f"preceding::*[position() <= {_BEFORE}]")]


def _begins_story(node: HtmlElement) -> bool:
    return node.tag == "p" and len(clean_line(node.text_content())) > _PARAGRAPH


def _is_sentence(node: HtmlElement) -> bool:
    """Tell a paragraph, or a box with words of its own, that is long and ends as sentences do."""
    own = [node.text or "", *(child.tail or "" for child in node)]
    text = clean_line(str(node.text_content()) if node.tag == "p" else " ".join(own))
    return len(text) > _SENTENCE and text.endswith(_STOPS)
