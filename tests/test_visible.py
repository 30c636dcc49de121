"""What is seen: indexes and framed pictures go, tables in figures and a headline's words stay."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.blocks import lines_of
from tasks.extraction.headline import headline, headline_text
from tasks.extraction.visible import drop_unseen

STORY = "<p>The company sold more machines than in any quarter before.</p>" * 4


def left(body: str) -> list[str]:
    """Return the lines that stay of a page with this body and a story."""
    tree = document_fromstring(f"<html><body><div>{body}</div><div>{STORY}</div></body></html>")
    drop_unseen(tree)
    return lines_of(tree)[:-4]


@pytest.mark.parametrize(
    "body",
    [
        "<ul><li><a href='#a'>Retail</a></li><li><a href='#b'>Sterling</a></li></ul>",
        "<div><p>In this guide</p><ol><li><a href='#a'>A</a><li><a href='#b'>B</a></ol></div>",
        "<div><a href='#a'>Retail</a><a href='#b'>Sterling</a></div>",
        "<div><img src='a.jpg'><span class='src'>Source: our platform, delayed.</span></div>",
        "<div><picture></picture><small>A ferry</small> <em>Ann Lee</em></div>",
    ],
)
def test_indexes_and_framed_pictures_go(body: str) -> None:
    """Links to the same page with a title above, and captions in any frame, are no story."""
    assert left(body) == [], body


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<div><img src='a.jpg'>Sales rose.</div>", ["Sales rose."]),
        ("<div><img src='a.jpg'><p>Sales rose.</p></div>", ["Sales rose."]),
        ("<p>See <a href='#a'>tables 1</a> and <a href='#b'>2</a>.</p>", ["See tables 1 and 2."]),
        ("<figure><table><tr><td>Sales</td><td>4</td></tr></table></figure>", ["Sales | 4"]),
        ("<figure><img src='a.jpg'><figcaption>A ferry</figcaption></figure>", []),
    ],
)
def test_paragraphs_beside_pictures_and_tables_in_figures_stay(body: str, lines: list[str]) -> None:
    """Only what stands in an inline element beside a picture is its caption."""
    assert left(body) == lines


@pytest.mark.parametrize(
    ("h1", "text"),
    [
        ("Stocks<br>fall again", "Stocks fall again"),
        ("<span class='c-kicker'>Markets</span> Stocks fall", "Stocks fall"),
        ("<span class='label'>All of it</span>", "All of it"),
    ],
)
def test_headline_is_read_without_its_kicker(h1: str, text: str) -> None:
    """A label in the headline's element is none of it, and a break parts two words."""
    title = headline(document_fromstring(f"<html><body><h1>{h1}</h1></body></html>"))
    assert title is not None
    assert headline_text(title) == text


SAID = "The office fined three brokers, which had lent out money of their clients without a word. "
HEADLINE = "Office fines three brokers over client money"


@pytest.mark.parametrize(
    "above",
    [
        f"<span class='newsTitle'>{HEADLINE}</span>",
        f"<span id='ctl00_lblTitulo'>{HEADLINE}</span>",
        f"<h3>{HEADLINE}</h3>",
        f"<a href='/p'>Press room</a><h1>Press room</h1><h2>{HEADLINE}</h2>",
        f"<h1>{HEADLINE}</h1><h2>What the clients of the brokers ought to know</h2>",
    ],
)
def test_headline_of_a_page_that_is_titled_by_its_section(above: str) -> None:
    """Where the document is called as its section is, what is set as a headline is the title."""
    page = f"<html><head><title>Press releases</title></head><body>{above}<p>{SAID * 2}</p></body>"
    title = headline(document_fromstring(page))
    assert title is not None
    assert headline_text(title) == HEADLINE


def test_a_short_headline_that_no_menu_has_is_the_title() -> None:
    """A headline of three words is no section, whatever subhead follows it."""
    body = f"<h1>Fed holds rates</h1><h2>Nobody had expected more of it</h2><p>{SAID * 2}</p>"
    title = headline(document_fromstring(f"<html><body>{body}</body></html>"))
    assert title is not None
    assert headline_text(title) == "Fed holds rates"
