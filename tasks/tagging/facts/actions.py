"""One word for what several sentences say: of an analyst's actions, the one that tells most."""

from collections.abc import Callable, Mapping

_OF_RATINGS = ("upgrade", "downgrade", "initiate")
_OF_TARGETS = ("raise_target", "cut_target")
_RANKED = (*_OF_RATINGS, *_OF_TARGETS, "reiterate")


def telling(some: str, other: str) -> str:
    """Return the more telling of two actions: a changed rating, a moved target, a kept rating."""
    return min(some, other, key=_RANKED.index)


def are_one(some: str, other: str) -> bool:
    """Tell whether both can be of one note: it may keep a rating and move a target."""
    return some == other or not any({some, other} <= set(g) for g in (_OF_RATINGS, _OF_TARGETS))


def common(some: str, other: str) -> str:
    """Return what both results are; ``MIXED`` where one beat its estimate and the other missed."""
    return some if some == other else MIXED


MIXED = "mixed"
# Values that are words, of which a fact may be told several -> which one it has.
TELLING: Mapping[str, Callable[[str, str], str]] = {"action": telling, "result": common}
