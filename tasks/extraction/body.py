"""Takes the article's lines out of its region: the only module that imports trafilatura."""

import logging
from configparser import ConfigParser
from copy import copy, deepcopy
from datetime import date

import trafilatura
from lxml.html import HtmlElement
from lxml.html.builder import ARTICLE, BODY, HTML
from trafilatura.settings import DEFAULT_CONFIG, Document, Extractor

from tasks.extraction.blocks import is_layout, lines_of
from tasks.extraction.boxes import drop_frame, keep_facts, side_boxes, teasers
from tasks.extraction.calls import drop_calls, part_glued
from tasks.extraction.characters import folded, is_eastern
from tasks.extraction.datelines import stands_in_prose
from tasks.extraction.gaps import filled
from tasks.extraction.links import linked_lines
from tasks.extraction.markup import is_ticker_link
from tasks.extraction.offers import offers
from tasks.extraction.pointers import drop_pointers
from tasks.extraction.region import Region
from tasks.extraction.surroundings import drop_surroundings
from tasks.extraction.visible import drop_unseen

TRAFILATURA_VERSION = trafilatura.__version__
_LITTLE = 800  # characters; below, 6 % of pages, the slower way finds more
_SENTENCE = 60  # characters; labels and buttons have fewer
_SIGNS = 12  # characters of a sentence in Chinese, Japanese or Korean signs, which say more each
_STOPS = tuple('.!?…。」”"')
_OF_PARAGRAPHS = 0.5  # of what a page says in paragraphs, that is expected to come out
_OF_ALL = 0.3  # and of all that it says outside of its boxes
_FRAME = 1.5  # times a table's text, in a box that holds it with a title and a note
_DATA_ROWS = ".//tr[count(td) > 1]"
_MOST_AGAIN = 0.9  # of the lines found, that are found again as the page has them
_SEVERAL = 2
_SHARE = 0.75  # of a region known to be the article that must come out of it
# What they would say is said by our own errors, with the address.
for _name in ("trafilatura", "htmldate"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def _config() -> ConfigParser:
    config = ConfigParser()
    config.read_dict({"DEFAULT": dict(DEFAULT_CONFIG["DEFAULT"])})
    config["DEFAULT"]["MIN_OUTPUT_SIZE"] = "1"  # a one-line alert is an article
    return config


# The dates given here are never used; without them trafilatura would ask the clock.
_FAST = Extractor(
    config=_config(),
    output_format="python",
    fast=True,
    comments=False,
    tables=True,
    dedup=False,
    date_params={"max_date": date.max.isoformat()},
)
_FULL = copy(_FAST)
_FULL.fast = False
# In a region that is known to be the article there is nothing to be strict about; besides, the
# usual focus measures the whole page once more where it finds little.
_INSIDE = copy(_FAST)
_INSIDE.focus = "recall"


def article_lines(region: Region) -> tuple[list[str], frozenset[str]]:
    """Return the article's lines as they stand in its region, boilerplate included.

    With them those (folded) that are nothing but links. trafilatura's fast way, its full way where
    that gives little, with the gaps filled; and where the region is known to be the article and
    most of it is still missing, the region as it reads. The tree stays whole.
    """
    prepared, story = _prepared(region)
    linked = linked_lines(prepared)
    lines = _with_rows(_extracted(prepared, _FAST if region.how == "page" else _INSIDE), prepared)
    if region.how == "page":
        for box in list(side_boxes(prepared)) if _is_whole(region, story) else ():
            box.drop_tree()
        is_much = _size(lines) >= max(_LITTLE, _expected(prepared))
        is_all = story is not None and _is_most(lines, lines_of(story))
        if len(lines) > 1 and (is_much or is_all):
            return filled(lines, prepared, story, linked), linked
    everything = lines_of(prepared)
    if region.how == "page" or (_size(lines) < _LITTLE and not _is_most(lines, everything)):
        lines = _second_try(prepared, lines, everything)
    if region.how == "declared" and not _is_most(lines, everything):
        return everything, linked
    if _is_dump(lines, everything):
        return (_sentences(everything) if region.how == "page" else everything), linked
    return filled(lines, prepared, story, linked), linked


def _with_rows(lines: list[str], prepared: HtmlElement) -> list[str]:
    """Return the page's own lines where trafilatura's last resort gave a table cell by cell."""
    if any(" | " in line for line in lines) or len(prepared.xpath(_DATA_ROWS)) < _SEVERAL:
        return lines
    found = folded("".join(lines))
    every = [line for line in lines_of(prepared) if folded(line) in found]
    is_same = _size(every) >= _MOST_AGAIN * _size(lines)
    return every if is_same and any(" | " in line for line in every) else lines


def _expected(root: HtmlElement) -> float:
    """Return how many characters must come out of a page lest the slower way be asked too."""
    paragraphs = sum(len(part.text_content().strip()) for part in root.iter("p"))
    return max(_OF_PARAGRAPHS * paragraphs, _OF_ALL * len(" ".join(root.text_content().split())))


def _is_most(lines: list[str], everything: list[str]) -> bool:
    return _size(lines) >= _SHARE * _size(everything)


def _second_try(prepared: HtmlElement, lines: list[str], everything: list[str]) -> list[str]:
    """Return what the full way finds where there are no side boxes.

    A page that gives little tempts to take reader comments for the story.
    """
    fuller = _extracted(prepared, _FULL)
    known = set(everything)
    return max(fuller, [line for line in lines if line in known], key=_size)


def _is_dump(lines: list[str], everything: list[str]) -> bool:
    """Tell trafilatura's last resort: all text of the page run together into one line."""
    return len(lines) == 1 and lines[0] not in everything


def _sentences(lines: list[str]) -> list[str]:
    """Return the lines of a whole page that can be a story: no menus, labels or buttons."""
    return [
        line
        for line in lines
        if line.endswith(_STOPS)
        and len(line) >= (_SIGNS if is_eastern(line[:_SIGNS]) else _SENTENCE)
    ]


def _prepared(region: Region) -> tuple[HtmlElement, HtmlElement | None]:
    """Return a copy to work on, and the story in it: no side boxes, ticker links as text."""
    root = deepcopy(region.element)
    root.tail = None
    _unfold_layout(root)
    drop_unseen(root)
    keep_facts(root)
    story = None if region.how == "declared" else drop_surroundings(root)
    if story is not None:
        drop_calls(story)
        part_glued(story)
        for part in offers(root, story):
            part.drop_tree()
    drop_frame(root)
    # Of a page without a story of its own trafilatura judges, but it keeps the teasers of others.
    for box in teasers(root) if _is_whole(region, story) else list(side_boxes(root)):
        box.drop_tree()
    if story is not None:
        drop_pointers(root)
    for link in [link for link in root.iter("a") if is_ticker_link(link)]:
        link.drop_tag()  # else a row of tickers looks like a row of links, and goes
    for moment in [node for node in root.iter("time") if stands_in_prose(node)]:
        moment.drop_tag()  # trafilatura drops the words of all others
    _unname_tables(root)
    if region.how == "page":
        return root, story
    if root.tag in {"html", "body"}:
        root.tag = "div"
    return HTML(BODY(root if root.tag == "article" else ARTICLE(root))), story


def _unfold_layout(root: HtmlElement) -> None:
    """Make plain parts of the tables that set one part below the other, as newsletters do."""
    for table in [table for table in root.iter("table") if is_layout(table)]:
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        if all(len(row) == 1 for row in rows):
            for part in (table, *rows, *(row[0] for row in rows)):
                part.tag = "div"


def _unname_tables(root: HtmlElement) -> None:
    """Take the names off the boxes that hold a table of data and little else.

    trafilatura drops some for a word in them: "rating", "slide", "options".
    """
    for table in root.iter("table"):
        limit = _FRAME * len(table.text_content()) if len(table.xpath(_DATA_ROWS)) > 1 else 0
        for part in (table, *table.iterancestors("div", "section", "figure")):
            if part is root or len(part.text_content()) > limit:
                break
            part.attrib.pop("class", None)
            part.attrib.pop("id", None)


def _is_whole(region: Region, story: HtmlElement | None) -> bool:
    """Tell a page on which nothing says where the story is."""
    return region.how == "page" and story is None


def _extracted(tree: HtmlElement, options: Extractor) -> list[str]:
    document = trafilatura.bare_extraction(tree, options=options)
    return lines_of(document.body) if isinstance(document, Document) else []


def _size(lines: list[str]) -> int:
    return sum(map(len, lines))
