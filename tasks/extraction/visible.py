"""Drops what is no line of the story: hidden parts, indexes, pulled quotes, captions."""

import re

from lxml.html import HtmlElement

from tasks.extraction.characters import folded

_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FOR_MACHINES = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-text|-only)?|u-hidden|hidden-text)(?:$|\s)",
    re.IGNORECASE,
)
_PULLED = re.compile(r"(?:^|[\s_-])(?:pull(?:-?quote|ed)?|blockquote-pull|destacado)(?:$|[\s_-])")
# Whatever the case of its parts: image-caption, wp-caption-text, InlineImage-imageEmbedCaption.
_CAPTION = re.compile(
    r"(?:image|img|photo|picture|figure|foto|media|wp)[\w-]*(?:caption|credit)|caption-(?:text|credit)",
    re.IGNORECASE,
)
_CAPTIONED = ".//*[contains(@class, 'aption') or contains(@class, 'redit')]"
_LONGEST_CAPTION = 500  # characters
_MOST = 0.3  # of the text: a larger hidden part is the story, which a script would show
_SEVERAL = 2
_SHORTEST = 15  # letters of a pulled quote that stands in the story by no chance


_MAY_BE_HIDDEN = (
    ".//*[@hidden or @aria-hidden or @style or contains(@class, 'hidden')"
    " or contains(@class, '-only') or contains(@class, 'screen-reader')]"
)


def drop_unseen(root: HtmlElement) -> None:
    """Take hidden parts, indexes of the page, pulled quotes and captions out of a tree.

    A caption in ``figcaption`` is no line either; here go those that only their class tells.
    """
    limit = _MOST * len(root.text_content())
    for part in [part for part in root.xpath(_MAY_BE_HIDDEN) if _is_hidden(part)]:
        if len(part.text_content()) <= limit and part.getparent() is not None:
            part.drop_tree()
    for box in [box for box in root.iter("ul", "ol", "nav") if _is_index(box)]:
        box.drop_tree()
    for part in [part for part in root.xpath(_CAPTIONED) if _is_caption(part)]:
        if part.getparent() is not None:
            part.drop_tree()
    _drop_pulled(root)


def _is_hidden(part: HtmlElement) -> bool:
    attributes = part.attrib
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true":
        return True
    style = attributes.get("style", "")
    if style and _HIDDEN_STYLE.search(style):
        return True
    return _FOR_MACHINES.search(attributes.get("class", "")) is not None


def _is_caption(part: HtmlElement) -> bool:
    if not _CAPTION.search(part.get("class", "")) or part.tag in {"caption", "table"}:
        return False
    return len(part.text_content()) <= _LONGEST_CAPTION and not part.xpath(".//table | .//p[2]")


def _is_index(box: HtmlElement) -> bool:
    """Tell a list of links to places on the same page, and nothing else."""
    links = list(box.iter("a"))
    if len(links) < _SEVERAL or not all(link.get("href", "").startswith("#") for link in links):
        return False
    return folded(box.text_content()) == "".join(folded(link.text_content()) for link in links)


def _drop_pulled(root: HtmlElement) -> None:
    """Drop a quote in a frame of its own whose words stand in the story as well."""
    quotes = [
        part
        for part in root.iter("blockquote", "aside", "div", "figure", "p", "q")
        if _PULLED.search(part.get("class", ""))
    ]
    if not quotes:
        return
    everything = folded(root.text_content())
    for quote in quotes:
        words = folded(quote.text_content())
        if (
            len(words) >= _SHORTEST
            and everything.count(words) > 1
            and quote.getparent() is not None
        ):
            quote.drop_tree()
