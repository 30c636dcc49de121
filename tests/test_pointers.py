"""Pointers: a paragraph that only leads to another page goes, one that tells something stays."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.boxes import link_lists
from tasks.extraction.pointers import drop_pointers

LINK = "<a href='/x'>Ferry workers accept a deal after nine days</a>"
STORY = "<p>The boats sail again.</p>" * 6
TEXT = "The boats sail again." * 6


def left(block: str) -> str:
    """Return what stays of a block in the midst of a story."""
    tree = document_fromstring(f"<html><body>{STORY}{block}<hr>{STORY}</body></html>")
    drop_pointers(tree)
    text = str(tree.text_content())
    return text.removeprefix(TEXT).removesuffix(TEXT)


@pytest.mark.parametrize(
    "block",
    [
        f"<p>{LINK}</p>",
        f"<p>[{LINK}]</p>",
        f"<p><strong>Leggi anche</strong> {LINK}</p>",
        f"<p>👉 <b>Mehr zum Thema:</b> {LINK}</p>",
        f"<p><b>Lea también: {LINK}</b></p>",
        f"<div class='x'>▼あわせて読みたい<br>{LINK}</div>",
        "<p><a href='/x'>好決算なのに売られた銘柄、その共通点とは</a></p>",
        "<a href='/x'><div>Das Dossier</div><div>Warum die Fähren stehen.</div></a>",
    ],
)
def test_a_paragraph_that_only_leads_away_is_found(block: str) -> None:
    """A link to a headline, with a label before it, is no sentence of the story."""
    assert left(block) == "", block


@pytest.mark.parametrize(
    "block",
    [
        f"<p>Crews went back to work after {LINK}</p>",
        f"<p>{LINK} and went back to work.</p>",
        "<p><a href='/x'>The whole sentence of the story was linked to its source.</a></p>",
        f"<h2>{LINK}</h2>",
        f"<table><tr><td>{LINK}</td></tr></table>",
        "<p><a href='/quote/ACME'>Acme Manufacturing Holdings Inc</a></p>",
        "<p><a href='#chapter'>What it means for commuters</a></p>",
        "<p><a href='mailto:jane@example.com'>jane.doe.investors@example.com</a></p>",
        f"<blockquote>{LINK}</blockquote>",
    ],
)
def test_a_paragraph_that_tells_something_is_none(block: str) -> None:
    """Sentences, subheads, cells, quotes, contacts and securities stay, linked or not."""
    assert left(block) == document_fromstring(block).text_content(), block


def test_a_link_between_breaks_goes_with_the_signs_around_it() -> None:
    """Blogs and old pages part their paragraphs by breaks alone."""
    block = (
        f"<div>It rose.<br><br>&gt;&gt;&gt; {LINK} &lt;&lt;&lt;<br>So did {LINK}<br>It fell.</div>"
    )
    assert left(block) == "It rose.So did Ferry workers accept a deal after nine daysIt fell."


def test_a_round_up_of_links_is_kept() -> None:
    """Where links are what a story tells, none of them goes."""
    assert left(f"<p>{LINK}</p>" * 9).count("Ferry") == 9


def test_a_box_of_headlines_is_a_list_whatever_its_elements() -> None:
    """Links in divs below a title of their own are as good as an ul."""
    box = f"<section class='q'><h4>Más información</h4>{LINK}{LINK}</section>"
    tree = document_fromstring(
        f"<html><body>{STORY}{box}<div>{LINK}, the union says, and {LINK}</div></body></html>"
    )
    assert [part.get("class") for part in link_lists(tree)] == ["q"]
