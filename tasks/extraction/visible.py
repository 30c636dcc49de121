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
_LISTS = ("ul", "ol", "nav", "div", "section")
_TITLE = 60  # letters of the words above an index
_FRAMED = ".//div[img or picture or amp-img]"
_INLINE = frozenset({"span", "small", "em", "i", "cite", "font", "figcaption"})
_LONGEST_FRAMED = 200  # characters beside a picture that are no paragraph
_SHORTEST = 15  # letters of a pulled quote that stands in the story by no chance


_MAY_BE_HIDDEN = (
    ".//*[@hidden or @aria-hidden or @style or contains(@class, 'hidden')"
    " or contains(@class, '-only') or contains(@class, 'screen-reader')]"
)


def drop_unseen(root: HtmlElement) -> None:
    """Take hidden parts, indexes of the page, pulled quotes and captions out of a tree.

    A caption in ``figcaption`` is no line either; here go those that their class or frame tells.
    """
    limit = _MOST * len(root.text_content())
    for part in [part for part in root.xpath(_MAY_BE_HIDDEN) if _is_hidden(part)]:
        if len(part.text_content()) <= limit and part.getparent() is not None:
            part.drop_tree()
    for box in _indexes(root):
        if box.getparent() is not None:
            box.drop_tree()
    for part in [part for part in root.xpath(_CAPTIONED) if _is_caption(part)]:
        if part.getparent() is not None:
            part.drop_tree()
    for part in [part for part in root.xpath(_FRAMED) if _is_framed(part)]:
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


def _indexes(root: HtmlElement) -> list[HtmlElement]:
    """Return what lists places on the same page: links to them alone, with a title above."""
    links = root.xpath(".//a[starts-with(@href, '#') and string-length(@href) > 1]")
    lists = dict.fromkeys(next(link.iterancestors(*_LISTS), None) for link in links)
    found = [box for box in lists if box is not None and box is not root and _is_index(box, 0)]
    around = [box.getparent() for box in found]
    titled = [up for up in around if up is not None and up is not root and _is_index(up, _TITLE)]
    return [*found, *titled]


def _is_index(box: HtmlElement, spare: int) -> bool:
    """Tell a box of links to the same page; ``spare`` letters in it may say something else."""
    links = list(box.iter("a"))
    if len(links) < _SEVERAL or not all(link.get("href", "").startswith("#") for link in links):
        return False
    linked = sum(len(folded(link.text_content())) for link in links)
    return len(folded(box.text_content())) <= linked + spare


def _is_framed(part: HtmlElement) -> bool:
    """Tell a picture with a line or two beside it, in a frame that is no ``figure``."""
    if any((text or "").strip() for text in (part.text, *(child.tail for child in part))):
        return False
    worded = [child for child in part if child.text_content().strip()]
    size = sum(len(child.text_content()) for child in worded)
    return size <= _LONGEST_FRAMED and all(child.tag in _INLINE for child in worded)


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
