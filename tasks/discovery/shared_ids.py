"""Lines of one list that share an id and are different articles: their source's pattern is wrong.

Merged, all but one of them would be lost and counted nowhere.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from tasks.articles.records import Listing
from tasks.articles.urls import url_identity
from tasks.sources.schema import Source

_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class SharedId:
    """An id, and the addresses of the different articles that have it in one list."""

    publisher_id: str
    urls: tuple[str, ...]

    @property
    def identities(self) -> set[str]:
        """The addresses as they are compared."""
        return {url_identity(url) for url in self.urls}


def shared_ids(listings: Iterable[Listing], source: Source) -> Iterator[SharedId]:
    """Yield the ids that different articles of one list share.

    An article has one id under several addresses when they differ in spelling, one lies beneath the
    other (its comments, its gallery), or what they are called is the same. A list may give an
    article's own id itself: that one is believed.
    """
    by_id: dict[str, dict[str, Listing]] = {}
    for listing in listings:
        if not listing.publisher_id and (own_id := source.publisher_id(listing.url)):
            by_id.setdefault(own_id, {}).setdefault(listing.url, listing)
    for own_id, lines in by_id.items():
        different: dict[str, Listing] = {}
        for line in lines.values() if len(lines) > 1 else ():
            address = url_identity(line.url)
            if not any(_is_same(address, line, *other) for other in different.items()):
                different[address] = line
        if len(different) > 1:
            yield SharedId(own_id, tuple(line.url for line in different.values()))


def complaint(found: Collection[SharedId], source: Source) -> list[str]:
    """Say in a sentence what is shared, with an example and what to do; none where nothing is."""
    if not found:
        return []
    first, second, *_ = next(iter(found)).urls
    addresses = sum(len(shared.urls) for shared in found)
    sentence = (
        f"{addresses} addresses of {source.name} have only {len(found)} ids, such as {first} and"
        f" {second}: id_pattern = {source.id_pattern!r} does not tell articles apart; mend it."
    )
    return [sentence]


def _is_same(address: str, line: Listing, other_address: str, other: Listing) -> bool:
    if f"{address}/".startswith(f"{other_address}/") or other_address.startswith(f"{address}/"):
        return True
    if line.title and other.title:
        return _words(line.title) == _words(other.title)
    return _name(address) == _name(other_address)


def _name(address: str) -> list[str]:
    """Return the words of what an address calls its article: its longest part."""
    return _words(max(address.partition("/")[2].split("/"), key=len))


def _words(text: str) -> list[str]:
    return _WORDS.findall(text.casefold())
