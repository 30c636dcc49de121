"""Finds the lines of a page that are nothing but links to other pages."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from tasks.extraction.characters import folded
from tasks.extraction.markup import is_ticker_link

_MOST = 0.8  # of a block's characters: with fewer in links, it says something else too
_LINK_BLOCKS = ("p", "li", "h2", "h3", "h4", "h5", "td", "div")


def linked_lines(root: HtmlElement) -> frozenset[str]:
    """Return the blocks (folded) under ``root`` that are nothing but links to other pages."""
    found = set()
    seen = set()
    for link in root.iter("a"):
        block = next(link.iterancestors(_LINK_BLOCKS), None)
        if block is None or block in seen:
            continue
        to_itself = link.get("href", "").startswith("#") and link.get("href") != "#"
        if to_itself or is_ticker_link(link):
            continue
        seen.add(block)
        texts = [inner.text_content() for inner in block.iter("a")]
        text = block.text_content()
        if sum(map(len, texts)) < _MOST * len(" ".join(text.split())):
            continue
        links = [folded(text) for text in texts]
        if folded(text) == "".join(links):
            found.update(["".join(links), *links])
    found.update(_linked_rows(root))
    return frozenset(found - {""})


def _linked_rows(root: HtmlElement) -> Iterator[str]:
    """Yield the table rows of several links and nothing else: menus of old pages."""
    for row in root.iter("tr"):
        links = [link for link in row.iter("a") if not is_ticker_link(link)]
        if len(links) > 1:
            text = folded(row.text_content())
            if text == "".join(folded(link.text_content()) for link in links):
                yield text
