"""Finds where on a page the story stands, and takes away what is above its headline and below it.

Names help little on a site that nobody has seen, but all pages are laid out alike: menus and
offers, the headline, one part with most of the sentences, then parts of other kinds. What is
doubtful stays.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from lxml.html import HtmlElement

from tasks.extraction.boxes import is_side_box
from tasks.extraction.characters import is_eastern
from tasks.extraction.headline import headline

_LEAVES = ("p", "li", "blockquote", "div", "td", "section", "article", "font", "dd")
_WHOLE = frozenset({"p", "li", "blockquote", "dd"})  # their links and bold words are theirs
_PARAGRAPHS = frozenset({"p", "blockquote", "h2", "h3", "h4", "ul", "ol", "dl"})
_PAGE = frozenset({"html", "body"})
_FRAMES = frozenset({"div", "section"})
_LATER = frozenset({"footer", "nav", "aside", "form"})
_DATA_ROWS = ".//tr[count(td) > 1]"
_SENTENCE = 60  # characters of a paragraph that tells something
_SIGNS = 25  # of them in Chinese, Japanese or Korean
_STOPS = re.compile(r"[.!?。！？…][”»\"')」]*$")
_LINKED = 0.5  # of such a paragraph, at most
_LINE = 40  # characters, not linked, of a paragraph beside the largest part that may be the story's
_ENOUGH = 400  # characters of such paragraphs that make a story
_ENOUGH_SIGNS = 120
_MOST = 0.7  # of what a part tells, in the one part of it that has the story
_ABOVE = 0.2  # of what the page tells, above its headline at most
_PARAGRAPH = 100  # characters of one that goes on with the story below its own part
_LONG = 200  # of one that need not have another beside it: longer than most biographies
_SEVERAL = 2
# Names of parts below the story's own that belong to it.
_BELONGS = re.compile(
    r"(?:article|story|post|entry|news|rich|press)[\w-]*(?:body|text|content)|contact|correction|"
    r"fact-?(?:box|file)|footnote",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{3,}")  # "post-12345"; but "col-8" and "col-4" are of two kinds


def drop_surroundings(root: HtmlElement) -> HtmlElement | None:
    """Take what stands above the headline and below the story out of a tree; return the story.

    The story is the smallest part with most of what the page tells. Where there is neither one
    nor a headline, nothing is taken, and None returned.
    """
    told = _told(root)
    title = headline(root)
    if not told[root] or (title is None and root.tag in _PAGE):
        return None
    story = _story(root, told)
    last = _last_frame(story, told) if story.tag in _PAGE else None
    if (story.tag in _PAGE and last is None) or not _is_enough(told[story], story):
        return None
    above = [] if title is None else _above(title, root, told)
    holders = set() if title is None else {title, *title.iterancestors()}
    after = () if last is None else _after(last)
    below = [part for part in (*after, *_below(story, root)) if part not in holders]
    for part in [*below, *above]:
        if part.getparent() is not None:
            part.drop_tree()
    return story


def _told(root: HtmlElement) -> dict[HtmlElement, int]:
    """Return how many characters of sentences stand in each part that has any, and in the root."""
    told: dict[HtmlElement, int] = {root: 0}
    for leaf in root.iter(*_LEAVES):
        text = _words(leaf)
        least = _SIGNS if is_eastern(text[:_SIGNS]) else _SENTENCE
        if len(text) < least or not _STOPS.search(text):
            continue
        for part in (leaf, *leaf.iterancestors()):
            told[part] = told.get(part, 0) + len(text)
            if part is root:
                break
    return told


def _words(leaf: HtmlElement) -> str:
    """Return a paragraph's text, "" of one that is mostly links; of a box its own words."""
    if leaf.tag not in _WHOLE:
        return " ".join([leaf.text or "", *(child.tail or "" for child in leaf)]).strip()
    if leaf.tag != "p" and leaf.find(".//p") is not None:
        return ""
    text = str(leaf.text_content()).strip()
    linked = sum(len(link.text_content()) for link in leaf.iter("a"))
    return text if linked <= _LINKED * len(text) else ""


def _is_enough(told: int, story: HtmlElement) -> bool:
    eastern = is_eastern(story.text_content().strip()[:_SENTENCE])
    return told >= (_ENOUGH_SIGNS if eastern else _ENOUGH)


def _story(root: HtmlElement, told: Mapping[HtmlElement, int]) -> HtmlElement:
    """Return the smallest part with most of what is told, with nothing of its kind after it."""
    longest = max((told.get(leaf, 0) for leaf in root.iter("p")), default=0)
    part = root
    while True:
        best = max(part, key=lambda child: told.get(child, 0), default=None)
        if best is None or best.tag in _WHOLE or told.get(best, 0) < _MOST * told[part]:
            return part
        if _MOST * told[best] <= longest:  # one paragraph in a box of its own
            return part
        own = told[part] - sum(told.get(child, 0) for child in part)
        if own > 0 or any(_is_of_story(after, best, told) for after in best.itersiblings()):
            return part
        part = best


def _is_of_story(after: HtmlElement, best: HtmlElement, told: Mapping[HtmlElement, int]) -> bool:
    """Tell a part after the largest that may be as much the story's: alike, or a paragraph."""
    if after.tag in _PARAGRAPHS:
        return _unlinked(after) >= _LINE and not is_side_box(after)
    return after in told and _kind(after) == _kind(best)


def _unlinked(part: HtmlElement) -> int:
    linked = sum(len(link.text_content()) for link in part.iter("a"))
    return len(" ".join(part.text_content().split())) - linked


def _kind(part: HtmlElement) -> tuple[object, str]:
    return part.tag, _NUMBER.sub("", part.get("class") or part.get("id") or "")


def _last_frame(story: HtmlElement, told: Mapping[HtmlElement, int]) -> HtmlElement | None:
    """Return the last of the frames of one kind that a story is built of, a paragraph in each.

    Some sites set them right into the page, with comments and other stories after them.
    """
    frames = [part for part in story if part in told and part.tag in _FRAMES and part.get("class")]
    sizes = Counter[tuple[object, str]]()
    for part in frames:
        sizes[_kind(part)] += told[part]
    kind, size = next(iter(sizes.most_common(1)), (("", ""), 0))
    alike = [part for part in frames if _kind(part) == kind]
    is_built_so = len(alike) > _SEVERAL and size >= _MOST * told[story]
    return alike[-1] if is_built_so else None


def _after(last: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the boxes after a story's last frame that do not go on with it."""
    yield from (part for part in last.itersiblings("div", "section") if not _goes_on(part))


def _below(story: HtmlElement, root: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the parts of the page after the story that do not go on with it."""
    part: HtmlElement | None = story
    while part is not None and part is not root:
        yield from (after for after in part.itersiblings() if not _goes_on(after))
        part = part.getparent()


def _goes_on(part: HtmlElement) -> bool:
    """Tell a part that belongs to the story by its name, its paragraphs or its rows of data."""
    if part.tag in _LATER or is_side_box(part) or part.find(".//form") is not None:
        return False
    if _BELONGS.search(f"{part.get('class', '')} {part.get('id', '')}"):
        return True
    told = [len(text) for leaf in part.iter("p") if _STOPS.search(text := _words(leaf))]
    if sum(size >= _PARAGRAPH for size in told) >= _SEVERAL or max(told, default=0) >= _LONG:
        return True
    return len(part.xpath(_DATA_ROWS)) >= _SEVERAL and len(part.xpath(".//a")) < _SEVERAL


def _above(
    title: HtmlElement, root: HtmlElement, told: Mapping[HtmlElement, int]
) -> list[HtmlElement]:
    """Return the parts of the page above its headline; none where they tell too much."""
    found: list[HtmlElement] = []
    part: HtmlElement | None = title
    while part is not None and part is not root:
        found += part.itersiblings(preceding=True)
        part = part.getparent()
    tells = sum(told.get(above, 0) for above in found)
    return found if tells <= _ABOVE * told[root] else []
