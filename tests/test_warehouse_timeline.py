"""Which sightings become versions, by one rule, for every order of arrival."""

from itertools import groupby
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse_rows import Look, uid
from warehouse.timeline import Sighting, make_version_id, place

KEY = uid("article", "a")
MINUTES = st.integers(min_value=0, max_value=12)
STORIES = st.dictionaries(MINUTES, st.sampled_from(["A", "B", "C", None]), min_size=1, max_size=10)


def sighting(minute: int, says: str | None, **more: bool) -> Sighting:
    """Return one sighting of the article."""
    look = Look("a", says, minute)
    return Sighting(
        sighting_id=look.page_id,
        listing_id=look.listing_id,
        page_id=look.page_id,
        fetched_at=look.at,
        content_hash=uid("says", says) if says else None,
        **more,
    )


def tell(story: dict[int, str | None], order: list[int]) -> list[str | None]:
    """Let sightings arrive one by one; return what the versions say, in the order of time."""
    versions = set()
    for count, minute in enumerate(order):
        seen = [
            sighting(
                m, story[m], is_version=make_version_id(KEY, Look("a", None, m).page_id) in versions
            )
            for m in order[:count]
        ]
        placed = place(KEY, [*seen, sighting(minute, story[minute], is_new=True)], len(versions))
        versions |= {addition.version_id for addition in placed.additions}
    return [
        story[minute]
        for minute in sorted(order)
        if make_version_id(KEY, Look("a", None, minute).page_id) in versions
    ]


@given(STORIES, st.randoms(use_true_random=False))
def test_versions_tell_the_story_in_whatever_order_it_arrives(
    story: dict[int, str | None], random: Random
) -> None:
    """The versions are the story with repetitions left out, and no removal before the article."""
    order = sorted(story)
    random.shuffle(order)
    states = [says for says, _ in groupby(story[minute] for minute in sorted(story))]
    expected = states[1:] if states[0] is None else states
    assert tell(story, order) == expected, f"arrived in the order {order}"


def test_same_text_again_is_no_version() -> None:
    """A second look that reads the same adds nothing."""
    known = sighting(1, "A", is_version=True)
    assert place(KEY, [known, sighting(2, "A", is_new=True)], 1).additions == ()


def test_an_unchanged_look_becomes_a_version_when_a_change_lay_before_it() -> None:
    """A at 1 and 3, then B at 2 turns up: the text is A again at 3, and A stays the newest."""
    known = [sighting(1, "A", is_version=True), sighting(3, "A")]
    placed = place(KEY, [*known, sighting(2, "B", is_new=True)], 1)
    assert [addition.sighting.fetched_at.minute for addition in placed.additions] == [2, 3]
    assert [addition.revision for addition in placed.additions] == [2, 3]
    assert placed.additions[1].copy_of == make_version_id(KEY, known[0].sighting_id)
    assert placed.newest == placed.additions[1].version_id


def test_a_removal_of_an_unknown_article_has_no_version() -> None:
    """Nothing is known that could be removed."""
    assert place(KEY, [sighting(1, None, is_new=True)], 0).newest is None
