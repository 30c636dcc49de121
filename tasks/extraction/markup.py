"""Reads the tickers that a publisher marked up itself, before cleaning loses them."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lxml.html import HtmlElement

from tasks.extraction.boxes import is_own_side_box, link_lists, teasers
from tasks.extraction.characters import clean_line
from tasks.extraction.region import Region, matches

_HREF = re.compile(
    r"/(?:quotes?|stocks?|symbols?|tickers?|equities)/([A-Za-z0-9.:$%^-]{1,20})"
    r"(?:/([A-Za-z]{3,4}))?/?(?:\?[^#]*)?(?:\#([A-Za-z]{2,8}))?$"
)
_QUOTE = re.compile(r"/(?:quote|stock|symbol|ticker|equities)")  # most links end here
_SYMBOL = re.compile(r"^\$?([A-Z0-9]{1,6}(?:[.\-/][A-Z0-9]{1,4})?)$")
_WITH_EXCHANGE = re.compile(
    r"^\(?([A-Za-z][A-Za-z .]{1,18}?)\s*[::]\s*\$?([A-Z0-9][A-Z0-9.\-/]{0,9})\)?$"
)
# "(NASDAQ:" before the link, or "(NYSE: BRK.A, " where one exchange serves several symbols
_EXCHANGE_BEFORE = re.compile(
    r"[(\[,;]\s*([A-Za-z][A-Za-z .]{1,18}?)\s*[::]\s*(?:\$?[A-Z0-9.\-/]{1,10}\s*[,;&/]\s*)*$"
)
_CURRENCIES = frozenset({"usd", "eur", "gbp", "jpy", "btc", "usdt"})
# Words in capitals that links to a quote carry, and that are not its symbol.
_NOT_SYMBOLS = frozenset(
    {"ADR", "AI", "CEO", "CFO", "EPS", "ETF", "ETFS", "EU", "FDA", "IPO", "NASDAQ", "NYSE", "SEC"}
    | {"UK", "US", "USA", "USD"}
)
_BLOCKS = frozenset({"p", "li", "td", "th", "div", "h1", "h2", "h3", "h4", "body", "article"})
_BEFORE = 80  # characters before a link in which its exchange may stand


def is_ticker_link(link: HtmlElement) -> bool:
    """Tell a link to a security's quote from other links."""
    return bool(link.get("data-ticker")) or bool(_of_href(link)[0])


def publisher_tickers(region: Region, selector: str, listed: Iterable[str]) -> tuple[str, ...]:
    """Return the publisher's own tickers, in reading order, then the listing's: "NASDAQ:META".

    Only links inside the article's region count, none in a side box. ``selector`` finds ticker
    links that carry neither ``data-ticker`` nor a quote's address. A symbol known with its
    exchange is not repeated without.
    """
    marked = set(matches(selector, region.element)) if selector else set()
    links = [
        link
        for link in region.element.iter("a", "span")
        if link in marked or link.get("data-ticker") or (link.tag == "a" and _of_href(link)[0])
    ]
    outside = _outside(region.element, links)
    found = [
        _of_link(link)
        for link in links
        if not any(ancestor in outside for ancestor in link.iterancestors())
    ]
    found += [_of_text(clean_line(text)) for text in listed]
    return tuple(_without_repeats(found))


def _outside(root: HtmlElement, links: list[HtmlElement]) -> set[HtmlElement]:
    """Return the side boxes that links stand in, looking at nothing else of the page."""
    if not links:
        return set()
    above = dict.fromkeys(up for link in links for up in link.iterancestors())
    boxes = {up for up in above if up is not root and is_own_side_box(up, root)}
    return {*boxes, *teasers(root), *link_lists(root)}


def _of_link(link: HtmlElement) -> tuple[str, str]:
    """Return exchange and symbol of one marked link; the text that people read comes first."""
    text = clean_line(link.text_content())
    if match := _WITH_EXCHANGE.match(text):
        return _exchange(match.group(1)), match.group(2)
    symbol, exchange = _of_href(link)
    symbol = clean_line(link.get("data-ticker", "")).upper() or symbol
    exchange = clean_line(link.get("data-exchange", "")) or exchange
    printed = _SYMBOL.match(text)
    if printed and printed.group(1) not in _NOT_SYMBOLS:
        symbol = printed.group(1)
    if match := _EXCHANGE_BEFORE.search(_text_before(link)):
        exchange = match.group(1)
    return _exchange(exchange), symbol


def _of_href(link: HtmlElement) -> tuple[str, str]:
    """Return symbol and exchange in a link's address, or empty strings."""
    href = link.get("href", "")
    match = _HREF.search(unquote(href).strip()) if _QUOTE.search(href) else None
    if not match:
        return "", ""
    symbol, second, fragment = (part or "" for part in match.groups())
    if second.lower() in _CURRENCIES:
        return symbol.upper(), "CRYPTO"
    left, colon, right = symbol.partition(":")
    if colon:  # AAPL:NASDAQ on one site, NASDAQ:AAPL on another
        return (left, right) if right.isalpha() and len(right) > len(left) else (right, left)
    if not symbol.isupper() and not _is_text_of(link, symbol):
        return "", ""  # /stocks/movers is a section, /stocks/aapl under "AAPL" a quote
    return symbol.upper(), fragment


def _is_text_of(link: HtmlElement, symbol: str) -> bool:
    text = clean_line(link.text_content()).strip("$()")
    return text.isupper() and text.rpartition(":")[2].strip() == symbol.upper()


def _of_text(text: str) -> tuple[str, str]:
    exchange, colon, symbol = text.rpartition(":")
    return (_exchange(exchange) if colon else ""), symbol.strip().lstrip("$").upper()


def _exchange(text: str) -> str:
    return " ".join(text.upper().replace(".", "").split())


def _text_before(link: HtmlElement) -> str:
    """Return what stands before a link in its own paragraph."""
    parts: list[str] = []
    element = link
    while sum(map(len, parts)) < _BEFORE:
        previous = element.getprevious()
        if previous is not None:
            parts += [previous.tail or "", previous.text_content()]
            element = previous
            continue
        parent = element.getparent()
        if parent is None:
            break
        parts.append(parent.text or "")
        if parent.tag in _BLOCKS:
            break
        element = parent
    return " ".join("".join(reversed(parts)).split())[-_BEFORE:]


def _without_repeats(found: list[tuple[str, str]]) -> Iterator[str]:
    known = {symbol for exchange, symbol in found if exchange}
    seen: set[tuple[str, str]] = set()
    for exchange, symbol in found:
        if not symbol or (exchange, symbol) in seen or (not exchange and symbol in known):
            continue
        seen.add((exchange, symbol))
        yield f"{exchange}:{symbol}" if exchange else symbol
