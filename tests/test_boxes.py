"""Boxes: what publishers call them, and what goes with them."""

import tomllib

import pytest
from lxml.html import fragment_fromstring

from tasks.extraction.boxes import DATA_FILE, keep_facts, named
from tasks.extraction.offers import is_machine_made, is_sponsors_label

NAMES = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
MACHINE = NAMES.pop("machine")
SPONSOR = NAMES.pop("sponsor")
STORY = NAMES.pop("story")


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, said in NAMES.items() for name in said["boxes"]]
)
def test_a_box_is_known_by_its_name(kind: str, name: str) -> None:
    """Every spelling of a word names the kind of box that the file says."""
    assert named(name) == kind, f"{name!r} must be {kind!r}: mend its words in {DATA_FILE.name}"


@pytest.mark.parametrize("name", STORY["boxes"])
def test_a_part_of_the_story_is_no_box(name: str) -> None:
    """Words that sites call the story's own parts go before the names of boxes."""
    assert named(name) == "", f"{name!r} is the story's: mend [story] in {DATA_FILE.name}"


@pytest.mark.parametrize("name", [name for said in NAMES.values() for name in said["stories"]])
def test_other_names_are_none(name: str) -> None:
    """A longer word that begins alike, or a scrambled name, names no box of this kind."""
    assert named(name) in ("", "perhaps"), f"{name!r} is taken for a box: narrow its words"


@pytest.mark.parametrize("line", MACHINE["boxes"])
def test_a_summary_that_calls_itself_machine_made_is_known(line: str) -> None:
    """A label in any language that says so tells the box."""
    assert is_machine_made(line), f"{line!r} must match: mend [machine] in {DATA_FILE.name}"


@pytest.mark.parametrize("line", MACHINE["stories"])
def test_a_line_about_machines_is_no_label(line: str) -> None:
    """News of artificial intelligence say nothing of who wrote them."""
    assert not is_machine_made(line), f"{line!r} is taken for a label: narrow [machine]"


@pytest.mark.parametrize("line", SPONSOR["boxes"])
def test_a_label_that_names_who_pays_is_known(line: str) -> None:
    """What stands below such a line, in its box, is theirs."""
    assert is_sponsors_label(line), f"{line!r} must match: mend [sponsor] in {DATA_FILE.name}"


@pytest.mark.parametrize("line", SPONSOR["stories"])
def test_a_sentence_that_begins_like_such_a_label_is_none(line: str) -> None:
    """Partners and sponsors of companies are news."""
    assert not is_sponsors_label(line), f"{line!r} is taken for a label: narrow [sponsor]"


@pytest.mark.parametrize(
    ("inside", "tag"),
    [
        ("<h4>Acme in numbers</h4><ul><li>Sales: 4 million</li><li>Staff: 640</li></ul>", "div"),
        (
            "<table><tr><td>Sales</td><td>4</td></tr><tr><td>Staff</td><td>6</td></tr></table>",
            "div",
        ),
        ("<ul><li><a href='/x'>5 stocks to buy</a></li><li>3 more for 2027</li></ul>", "aside"),
        ("<ul><li>Bolt falls</li><li>Acme rises</li></ul>", "aside"),
    ],
)
def test_an_aside_of_figures_is_the_storys(inside: str, tag: str) -> None:
    """A list or table of figures without a link becomes a plain part; other asides stay boxes."""
    root = fragment_fromstring(f"<div><aside>{inside}</aside></div>")
    keep_facts(root)
    assert root[0].tag == tag
