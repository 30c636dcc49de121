"""Boxes: what publishers call them, and what goes with them."""

import tomllib

import pytest

from tasks.extraction.boxes import DATA_FILE, named

NAMES = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, said in NAMES.items() for name in said["boxes"]]
)
def test_a_box_is_known_by_its_name(kind: str, name: str) -> None:
    """Every spelling of a word names the kind of box that the file says."""
    assert named(name) == kind, f"{name!r} must be {kind!r}: mend its words in {DATA_FILE.name}"


@pytest.mark.parametrize("name", [name for said in NAMES.values() for name in said["stories"]])
def test_other_names_are_none(name: str) -> None:
    """A longer word that begins alike, or a scrambled name, names no box of this kind."""
    assert named(name) in ("", "perhaps"), f"{name!r} is taken for a box: narrow its words"
