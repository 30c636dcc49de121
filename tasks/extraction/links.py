"""Finds the lines of a page that are nothing but links to other pages."""

from lxml.html import HtmlElement

from tasks.extraction.characters import folded
from tasks.extraction.markup import is_ticker_link

_LINK_BLOCKS = ("p", "li", "h2", "h3", "h4", "h5", "td", "div")


def linked_lines(root: HtmlElement) -> frozenset[str]:
    """Return the blocks (folded) under ``root`` that are nothing but links to other pages."""
    found = set()
    seen = set()
    for link in root.iter("a"):
        block = next(link.iterancestors(_LINK_BLOCKS), None)
        to_itself = link.get("href", "").startswith("#")
        if block is None or block in seen or to_itself or is_ticker_link(link):
            continue
        seen.add(block)
        links = [folded(inner.text_content()) for inner in block.iter("a")]
        if folded(block.text_content()) == "".join(links):
            found.update(["".join(links), *links])
    return frozenset(found - {""})
