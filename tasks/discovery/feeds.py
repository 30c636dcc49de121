"""RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed: one document, whose items become listings."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.articles.records import Listing, Span
from tasks.discovery import jsonfeed
from tasks.discovery.days import Dating
from tasks.discovery.feed_items import Channel, atom_entry, rss_item
from tasks.discovery.kinds import Ask, Found
from tasks.discovery.xml import Xml, inflated, name_of, text_of
from tasks.sources.schema import FeedList, Source

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ITEM, _ENTRY = frozenset({"item"}), frozenset({"entry", "atom:entry"})
_RSS, _ATOM = frozenset({"rss", "rdf", "rdf:rdf", "channel"}), frozenset({"feed", "atom:feed"})


@dataclass(frozen=True, slots=True)
class Feed:
    """One declared feed."""

    declared: FeedList
    source: Source
    span: Span
    now: datetime  # UTC

    def first(self) -> list[Ask]:
        return [Ask(self.declared.url)]

    def read(self, ask: Ask, body: bytes) -> Found:
        """Return the items of a feed, in its order; a feed that breaks off gives what it has.

        An item with neither link nor guid nor title says nothing and is left out.
        """
        body = inflated(body)
        if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            listings = jsonfeed.read(body, self._channel())
            return Found(self._ours(listings))
        xml = Xml(body)
        if xml.root not in _RSS | _ATOM:
            raise ValueError(f"not an RSS, Atom or JSON feed (its root element is <{xml.root}>)")
        listings = list(self._listings(xml))
        if xml.is_cut:
            problem = f"{ask.url} breaks off; what it had until there was read."
            return Found(self._ours(listings), problems=[problem], is_whole=False)
        return Found(self._ours(listings))

    def _ours(self, listings: Sequence[Listing]) -> list[Listing]:
        return Dating(self.source, self.now).in_span(listings, self.span)

    def _listings(self, xml: Xml) -> Iterator[Listing]:
        channel = self._channel(xml.element.get(_XML_LANG, ""))
        read, names = (rss_item, _ITEM) if xml.root in _RSS else (atom_entry, _ENTRY)
        for element in xml.entries(names):
            channel.language = channel.language or _language(xml, names)
            listing = read(element, channel)
            if listing.url or listing.guid:
                yield listing

    def _channel(self, language: str = "") -> Channel:
        return Channel(
            source=self.source,
            url=self.declared.url,
            is_full=self.declared.full_text,
            language=language,
        )


def _language(xml: Xml, items: Collection[str]) -> str:
    """Return the language that a channel says before its first item; "-" when it does not."""
    for element in xml.element.iter():
        if name_of(element) in items:
            break
        if name_of(element) in {"language", "dc:language"} and text_of(element):
            return text_of(element)
    return "-"
