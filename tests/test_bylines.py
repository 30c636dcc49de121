"""Bylines and headlines: found where a site prints them, whatever it calls them."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.bylines import bylines, later_bylines
from tasks.extraction.headline import headline
from tasks.extraction.region import Region

STORY = f"<p>{'The coin man refused to quote a price for silver. ' * 5}</p>"


def found(body: str, title: str = "Silver at $61") -> list[str]:
    """Return the bylines of a page with this body."""
    tree = document_fromstring(
        f"<html><head><title>{title}</title></head><body>{body}{STORY}</body></html>"
    )
    return bylines(tree, Region(tree, "page"))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("<h1>T</h1><span class='art-auth'>Joaquín Riestra</span>", ["Joaquín Riestra"]),
        ("<h1>T</h1><div class='ArticleAuthor_x1'>By Jane Doe</div>", ["By Jane Doe"]),
        ("<h1>T</h1><p class='writer'>Ann Lee and Bo Roe</p>", ["Ann Lee and Bo Roe"]),
        ("<h1>T</h1><div>Texto: Ana Pérez</div>", ["Texto: Ana Pérez"]),
        ("<h1>T</h1><span>홍길동 기자</span>", ["홍길동 기자"]),
        ("<h1>T</h1><div>Written by</div><div>Ann Lee-Roe</div>", ["Ann Lee-Roe"]),
        ("<h1>T</h1><p>Publié le 22 octobre 2026 par <b>Ann Lee</b></p>", ["Ann Lee"]),
        ("<h1>T</h1><p>Nov 20, 2026 <a href='/author/ann-lee'>Ann Lee</a></p>", ["Ann Lee"]),
        ("<h1>T</h1><p>A deal signed by Ann Lee</p><a href='/author/news'>All news</a>", []),
        ("<h1>T</h1><div class='auth-menu'>Log in</div>", []),
        ("<h1>T</h1><div class='reporter-desk'>News</div>", []),
    ],
)
def test_byline_is_found_by_its_name_or_words(body: str, names: list[str]) -> None:
    """A class that means a writer counts where it holds a name."""
    assert found(body) == names


def test_a_korean_reporter_signs_below_the_story() -> None:
    """A line that is a reporter's name and address is the byline where nothing else is."""
    tree = document_fromstring(
        f"<html><body><h1>T</h1>{STORY}<p>홍길동 기자 hong@news.example</p></body></html>"
    )
    assert bylines(tree, Region(tree, "page")) == ["홍길동 기자 hong@news.example"]


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("The Argent Letter - Silver At $61: The Dealers Stop", "Silver At $61: The Dealers Stop"),
        ("Silver rises: again to a record | Site", "Silver rises: again to a record"),
        ("北浜精機が急伸、通期を上方修正 | 株ひろば", "北浜精機が急伸、通期を上方修正"),
    ],
)
def test_headline_without_h1_is_what_prints_the_title(title: str, printed: str) -> None:
    """The element that prints the title without the site's name is the headline."""
    tree = document_fromstring(
        f"<html><head><title>{title}</title></head><body><div>Menu</div><b>{printed}</b></body></html>"
    )
    node = headline(tree)
    assert node is not None
    assert node.text_content() == printed


@pytest.mark.parametrize(
    "page",
    [
        (
            "<h1>T</h1><p>18.11.2026 von Ann Lee</p>{}<div class='autorbox'><b>Zum Autor</b>"
            "<p>Ann Lee ist gelernte Bankkauffrau.</p></div>"
        ),
        (
            "<h1>T</h1><div class='t31'>Ann Lee</div>{}<div class='author-box'><div>Ann Lee</div>"
            "<p>Writes about payments.</p></div>"
        ),
        (
            "<h1>T</h1>{}<footer><span class='post-author vcard author'><span class='fn'>"
            "<a href='/a'>Ann Lee</a></span></span></footer>"
        ),
    ],
)
def test_a_page_that_marks_up_no_byline_names_its_author(page: str) -> None:
    """By a line below the headline, by a box about the author, or by the signature below."""
    body = page.format("<p>Shares rose.</p>" * 3)
    assert later_bylines(document_fromstring(f"<html><body>{body}</body></html>")) in (
        ["Ann Lee"],
        ["18.11.2026 von Ann Lee"],
        ["von Ann Lee"],
    )
