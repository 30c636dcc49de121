"""Parses a page once, and refuses trees that cleaning would choke on.

trafilatura is quadratic in the children of one parent (16,000 links in a paragraph took 19 s) and
its own limit is checked afterwards. Of 847 real pages the largest had 10,000 elements and 1,125
children of one parent, so these bounds turn away no article.
"""

import re

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from tasks.articles.errors import Reason, Rejected

MAX_ELEMENTS = 30_000
MAX_CHILDREN = 4_000
MAX_DEPTH = 200  # the parser itself stops at 256, without a word
MAX_JSON_LD = 1_000_000  # characters, all blocks together
_NEVER_READ = ("script", "style", "noscript", "template", "svg", "canvas", "iframe", "select")
_ELEMENTS = "count(//*)"
_TOO_DEEP = "boolean(" + "/*" * (MAX_DEPTH + 1) + ")"
_CROWDED = f"name(//*[count(*) > {MAX_CHILDREN}])"
# No XML may hold these, and lxml gives up a whole text for one of them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# lxml.html's own asks a function in Python for the class of every element: .4 ms a page.
_EVERY_ELEMENT = etree.ElementDefaultClassLookup(element=HtmlElement)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)


def parse(text: str) -> HtmlElement:
    """Return the tree of an HTML text, within bounds.

    Raises Rejected: EMPTY when nothing can be parsed, TOO_COMPLEX beyond the bounds.
    """
    # One parser for each page: lxml's keeps what went wrong with the last one.
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=False
    )
    parser.set_element_class_lookup(_EVERY_ELEMENT)
    plain = _DECLARATION.sub("", _CONTROL.sub("", text))
    try:
        tree = document_fromstring(plain.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Rejected(Reason.EMPTY, f"The page holds nothing that can be read: {error}") from error
    _check_tree(tree)
    _check_json_ld(tree)
    return tree


def drop_scripts(tree: HtmlElement) -> None:
    """Take out what is never read: scripts, styles, drawings, and what shows without scripts."""
    for node in list(tree.iter(*_NEVER_READ)):
        if node.getparent() is not None:
            node.drop_tree()


def _check_tree(tree: HtmlElement) -> None:
    """Ask libxml2 itself: in Python a look at each element takes as long as parsing them all."""
    try:
        if tree.xpath(_ELEMENTS) > MAX_ELEMENTS:
            raise _too_complex(f"more than {MAX_ELEMENTS:,} elements")
        if tree.xpath(_TOO_DEEP):
            raise _too_complex(f"elements nested deeper than {MAX_DEPTH}")
        if crowded := tree.xpath(_CROWDED):
            raise _too_complex(f"more than {MAX_CHILDREN:,} children of one <{crowded}>")
    except etree.XPathError as error:
        raise _too_complex(f"a tree that libxml2 gives up on ({error})") from error


def _check_json_ld(tree: HtmlElement) -> None:
    blocks = (node.text or "" for node in tree.iter("script") if "ld+json" in node.get("type", ""))
    if sum(map(len, blocks)) > MAX_JSON_LD:
        raise _too_complex(f"more than {MAX_JSON_LD:,} characters of JSON-LD")


def _too_complex(what: str) -> Rejected:
    return Rejected(Reason.TOO_COMPLEX, f"The page has {what}; articles do not.")
