"""Calls: a paragraph set as a pitch goes with its link or button, a sentence with a link stays."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.blocks import lines_of
from tasks.extraction.calls import drop_calls, part_glued


def left(body: str) -> list[str]:
    """Return the lines that stay of a story with this in it."""
    tree = document_fromstring(f"<html><body><div>{body}</div></body></html>")
    drop_calls(tree)
    part_glued(tree)
    return lines_of(tree)


@pytest.mark.parametrize(
    "call",
    [
        "<p><em>Got $500? Our desk named seven stocks.</em> <a>See the stocks »</a></p>",
        "<p><strong>See what our machine buys. <a>Unlock the list</a></strong></p>",
        "<p><b>¿Quiere saber más? <a href='/g'>Ver la guía</a></b></p>",
        "<p><b>Do you risk much? Ask us!</b></p><p><i><a class='cta_button'>YES</a></i></p>",
        "<span>You can now join our <a>channel</a></span>",
        "<font><a href='/p'>Print</a> | <a href='/s'>Send to a friend</a></font>",
        "<p><em>Noch Fragen?</em></p><div class='b'><button>Termin buchen</button></div>",
    ],
)
def test_a_pitch_goes_with_its_link_or_button(call: str) -> None:
    """Bold or slanted as a whole, with a link of few words at its end or a button below."""
    assert left(f"<p>Sales rose.</p>{call}Costs fell.") == ["Sales rose.", "Costs fell."]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            "<p>Sales rose. <a href='/r'>Read the release</a></p>",
            ["Sales rose."],
        ),
        (
            "<p>Sales rose, said <a href='/l'>Ann Lee of Acme</a></p>",
            ["Sales rose, said Ann Lee of Acme"],
        ),
        (
            "<p><b>Why now?</b> <a href='/x'>The law changed in May.</a></p>",
            ["Why now? The law changed in May."],
        ),
        ("<p><b>What next?</b></p><p>Sales.</p>", ["What next?", "Sales."]),
        (
            "<p><b>Shares rose. <a href='/quote/ACME'>ACME 4.10</a></b></p>",
            ["Shares rose. ACME 4.10"],
        ),
        (
            "<p>Sales rose.</p><p><button>Share it</button></p>",
            ["Sales rose."],
        ),
        (
            "<br><span>What the mills now ask</span>Shares rose.<br>Costs fell.",
            ["What the mills now ask", "Shares rose.", "Costs fell."],
        ),
        (
            "<p><a href='/quote/ACME'>ACME</a>, <a href='/quote/BOLT'>BOLT</a></p>",
            ["ACME, BOLT"],
        ),
        ("<p><a href='/a'>Acme</a> and <a href='/b'>Bolt</a></p>", ["Acme and Bolt"]),
        (
            "<p><em>Sales rose by 4.2% in the spring of 2026. <a href='/r'>The filing</a></em></p>",
            ["Sales rose by 4.2% in the spring of 2026."],
        ),
        (
            "<p>Costs fell. <a href='/l'>Ann Lee</a> spoke of a <a href='/t'>turn</a>.</p>",
            ["Costs fell. Ann Lee spoke of a turn."],
        ),
        ("<b>A</b>cme and its rivals rose.", ["Acme and its rivals rose."]),
    ],
)
def test_a_sentence_stays_whatever_is_linked(body: str, lines: list[str]) -> None:
    """Of other paragraphs a call is cut; a link that is part of a sentence stays."""
    assert left(body) == lines
