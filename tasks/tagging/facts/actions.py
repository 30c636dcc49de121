"""What an analyst did, when a sentence says several things: the one that tells most."""

_OF_RATINGS = ("upgrade", "downgrade", "initiate")
_OF_TARGETS = ("raise_target", "cut_target")
_RANKED = (*_OF_RATINGS, *_OF_TARGETS, "reiterate")


def telling(some: str, other: str) -> str:
    """Return the more telling of two actions: a changed rating, a moved target, a kept rating."""
    return min(some, other, key=_RANKED.index)


def are_one(some: str, other: str) -> bool:
    """Tell whether both can be of one note: it may keep a rating and move a target."""
    return some == other or not any({some, other} <= set(g) for g in (_OF_RATINGS, _OF_TARGETS))
