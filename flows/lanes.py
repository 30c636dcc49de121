"""Splits work into lanes: a server that is slow delays its own lane, never the others."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
_FEW = 0.2  # of a batch: hosts with less than this share their batches


def lanes(
    items: Sequence[T],
    host_of: Callable[[T], str],
    bytes_of: Callable[[T], int],
    *,
    most: int,
    most_bytes: int,
) -> list[list[list[T]]]:
    """Return lanes of batches of at most ``most`` items and about ``most_bytes`` known bytes.

    A lane is worked through in order, all lanes at the same time. Each host with much to fetch has
    a lane of its own; hosts with few items share batches, each of them a lane, so that a list that
    links to a hundred sites does not make a hundred batches.
    """
    by_host: dict[str, list[T]] = defaultdict(list)
    for item in items:
        by_host[host_of(item)].append(item)
    large = [group for group in by_host.values() if len(group) >= most * _FEW]
    small = [item for group in by_host.values() if len(group) < most * _FEW for item in group]
    batches = [list(_batches(group, bytes_of, most, most_bytes)) for group in large]
    return batches + [[batch] for batch in _batches(small, bytes_of, most, most_bytes)]


def _batches(
    items: Sequence[T], bytes_of: Callable[[T], int], most: int, most_bytes: int
) -> Iterator[list[T]]:
    batch: list[T] = []
    size = 0
    for item in items:
        if batch and (len(batch) == most or size + bytes_of(item) > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += bytes_of(item)
    if batch:
        yield batch
