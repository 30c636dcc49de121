"""What is read from one page before any choice is made: its tree and what it says of itself."""

from dataclasses import dataclass

from lxml.html import HtmlElement

from tasks.articles.records import Page
from tasks.extraction import meta as head
from tasks.extraction import structured
from tasks.extraction.bounds import drop_scripts, parse
from tasks.extraction.decode import decode
from tasks.extraction.embedded import embedded_article
from tasks.extraction.headline import headline, headline_text
from tasks.extraction.region import Region, find_region
from tasks.extraction.sniff import refuse_binary, refuse_other_text
from tasks.extraction.story import html_of_item, item_region
from tasks.sources.schema import Source

_SHOWN = 600  # characters of paragraphs, above which a page is no empty shell


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as it was read; an item without a body has neither tree nor region."""

    page: Page
    source: Source
    tree: HtmlElement | None
    region: Region | None
    meta: head.Meta
    json_ld: structured.JsonObject
    embedded: structured.JsonObject  # the article in the page's own data; {} where none is needed
    h1: str
    sites: tuple[str, ...]  # what the site calls itself

    @property
    def document_title(self) -> str:
        """What the document's own title says, the site's name included, or ""."""
        return (self.tree.findtext(".//title") or "") if self.tree is not None else ""


def read_page(page: Page, source: Source) -> Reading:
    """Read a response. Raises Rejected: EMPTY, NOT_HTML or TOO_COMPLEX."""
    refuse_binary(page.body)
    text = decode(page.body, page.content_type)
    refuse_other_text(text)
    tree = parse(text)
    meta = head.read_meta(tree)
    listing = page.listing
    titles = [*head.values(meta, head.TITLE), listing.title]
    json_ld_blocks = structured.json_ld_objects(tree)
    embedded = _embedded(tree, titles)
    drop_scripts(tree)
    region = find_region(tree, source.article.region)
    h1 = _h1(tree, region)
    addresses = [page.url or listing.url, head.canonical_url(tree, meta, page.url), listing.url]
    json_ld = structured.choose_article(json_ld_blocks, addresses, [h1, *titles])
    return Reading(
        page=page,
        source=source,
        tree=tree,
        region=region,
        meta=meta,
        json_ld=json_ld,
        embedded=embedded,
        h1=h1,
        sites=_site_names(source, meta, json_ld),
    )


def read_item(page: Page, source: Source) -> Reading:
    """Read an item, whose body may be empty. Raises Rejected: NOT_HTML or TOO_COMPLEX."""
    body = decode(page.body, "charset=utf-8")
    tree = None
    if body.strip():
        refuse_binary(page.body)
        tree = parse(html_of_item(body))
    return Reading(
        page=page,
        source=source,
        tree=tree,
        region=item_region(tree) if tree is not None else None,
        meta={},
        json_ld={},
        embedded={},
        h1="",
        sites=_site_names(source, {}, {}),
    )


def _site_names(source: Source, meta: head.Meta, json_ld: structured.JsonObject) -> tuple[str, ...]:
    """Return what the site may call itself in titles and bylines, most specific first."""
    domain = source.publisher
    label = domain.split(".")[-2] if "." in domain else domain
    return (
        *meta.get("og:site_name", ()),
        *meta.get("application-name", ()),
        *structured.strings(json_ld.get("publisher")),
        source.title,
        domain,
        f"www.{domain}",
        label,
    )


def _embedded(tree: HtmlElement, titles: list[str]) -> structured.JsonObject:
    """Return the article in the page's data, where the page shows too little text of its own."""
    shown = sum(len(part.text_content()) for part in tree.iter("p"))
    if shown >= _SHOWN:
        return {}
    parts = [part for part in (tree.findtext(".//title") or "").split(" | ") if part.strip()]
    headings = [node.text_content() for node in tree.iter("h1")]
    return embedded_article(tree, [*titles, *headings, *parts])


def _h1(tree: HtmlElement, region: Region) -> str:
    """Return the headline as printed: the region's h1, else the page's only one, else the first.

    Of pages without any, the words that print what the document is titled, or are set as a
    headline; so where the h1 is a section's name.
    """
    printed = headline(tree)
    if printed is not None and printed.tag != "h1":
        return headline_text(printed)
    for root in (region.element, tree):
        found = [text for node in root.iter("h1") if (text := headline_text(node))]
        if found:
            return found[0] if root is region.element or len(found) == 1 else max(found, key=len)
    return ""
