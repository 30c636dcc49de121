"""Boxes: what publishers call them, and what goes with them."""

import tomllib

import pytest

from tasks.extraction.boxes import DATA_FILE, named
from tasks.extraction.offers import is_machine_made

NAMES = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))
MACHINE = NAMES.pop("machine")
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
