"""Surroundings: what stands above the headline and below the story goes, the story stays whole."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.surroundings import drop_surroundings

TOLD = "The company sold more machines than in any quarter before, and its shares rose sharply. "
STORY = "".join(f"<p>{TOLD * 2}{number}.</p>" for number in range(4))


def left(body: str) -> str:
    """Return the text that stays of a page with this body."""
    tree = document_fromstring(f"<html><body>{body}</body></html>")
    drop_surroundings(tree)
    return str(tree.text_content())


@pytest.mark.parametrize(
    "below",
    [
        "<div class='x7'><b>Ann Lee</b><p>Ann Lee has written about machines since 2014.</p></div>",
        "<section><h3>What readers say</h3><p>I sold mine.</p></section>",
        "<div class='k'><h4>The Till Roll</h4><p>Payments news at lunch. Mondays.</p></div>",
        "<div class='m'><a href='/a'>Another story</a></div><div class='m'>72,40 +1,2%</div>",
    ],
)
def test_what_follows_the_story_in_parts_of_other_kinds_goes(below: str) -> None:
    """Biographies, readers and offers below the story are none of it, whatever they are called."""
    text = left(f"<main><h1>Shares rise</h1><div class='b'>{STORY}</div>{below}</main>")
    assert text.count("The company sold") == 8
    assert text.strip().endswith("3.")


@pytest.mark.parametrize(
    "below",
    [
        f"<div class='b'><p>{TOLD}</p></div>",
        f"<div class='rest'><p>{TOLD * 2}</p><p>{TOLD * 2}</p></div>",
        f"<div class='rest'><h2>Outlook</h2><p>{TOLD * 3}</p></div>",
        "<p>Trading ends at half past five, as on every other day.</p>",
        "<div><table><tr><td>Sales</td><td>4</td></tr><tr><td>Profit</td><td>1</td></tr></table></div>",
        "<div class='release-contact'><p>Contacts: Dean Alvarez</p></div>",
    ],
)
def test_what_may_go_on_with_the_story_stays(below: str) -> None:
    """A second part of the same kind, more paragraphs, data and contacts are kept."""
    page = f"<main><h1>Shares rise</h1><div class='b'>{STORY}</div>{below}</main>"
    whole = document_fromstring(f"<html><body>{page}</body></html>").text_content()
    assert left(page) == whole


def test_what_stands_above_the_headline_goes() -> None:
    """Slogans, players and prices on top of a page are none of the story; a standfirst is."""
    top = "<div>You are listening to the morning show</div><p>Straight talk since 1997</p>"
    lead = "<p>The best quarter ever.</p>"
    text = left(f"{top}<main><h1>Shares rise</h1>{lead}<div>{STORY}</div></main>")
    assert text.startswith("Shares riseThe best quarter ever.")


def test_a_page_without_one_story_stays_whole() -> None:
    """Where two parts tell alike, one paragraph tells all, or nothing is told, nothing goes."""
    for page in (
        f"<h1>T</h1><div>{STORY}</div><div>{STORY}</div><div class='z'>Next</div>",
        "<p>Menu</p><h1>T</h1><div><p>A short alert.</p></div><div class='z'>Next</div>",
        f"<div>{STORY}</div><div class='z'><h1>Site</h1></div>",
        f"<h1>T</h1><div class='a'><p>{TOLD * 9}</p></div><div class='b'><p>It fell.</p></div>",
    ):
        whole = document_fromstring(f"<html><body>{page}</body></html>").text_content()
        assert left(page) == whole


def test_a_story_set_right_into_the_page_ends_with_its_last_frame() -> None:
    """A paragraph in each frame; the comments and other stories after the last are none of it."""
    frames = "".join(f"<div class='p'><div>{TOLD * 2}{number}.</div></div>" for number in range(4))
    after = "<div class='best'><ol><li><h3>Banks fall</h3></li></ol></div>"
    text = left(f"<div><h1>Shares rise</h1></div>{frames}{after}")
    assert text.count("The company sold") == 8
    assert "Banks fall" not in text


def test_a_table_below_the_story_stays_with_a_link_to_more() -> None:
    """Ratings and results stand there; a link below them makes them no list of others."""
    rows = "<tr><td>Acme</td><td>BB</td></tr><tr><td>Bolt</td><td>B</td></tr>"
    table = f"<div class='t'><table>{rows}</table><a href='/m'>All ratings</a></div>"
    assert "Bolt" in left(f"<main><h1>Cut</h1><div class='b'>{STORY}</div>{table}</main>")
