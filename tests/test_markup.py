"""Markup: the publisher's own tickers are read from the article's region and nowhere else."""

import pytest
from lxml.html import document_fromstring

from tasks.extraction.markup import publisher_tickers
from tasks.extraction.region import find_region


def tickers(body: str, selector: str = "", listed: tuple[str, ...] = ()) -> list[str]:
    """Return the tickers of an article with this body."""
    tree = document_fromstring(f"<html><body><article><h1>T</h1>{body}</article></body></html>")
    return list(publisher_tickers(find_region(tree, "article"), selector, listed))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            '(NASDAQ:<a href="/quote/AIP" data-ticker="AIP" data-exchange="NASDAQ">AIP</a>)',
            "NASDAQ:AIP",
        ),
        ('<a href="https://x.example/stock/NVDA#NASDAQ">NVDA</a>', "NASDAQ:NVDA"),
        ('(CRYPTO: <a href="/quote/btc/usd">BTC</a>)', "CRYPTO:BTC"),
        ('<a href="/quote/btc/usd">Bitcoin</a>', "CRYPTO:BTC"),
        ('(NYSE: <b><a href="/quote/BRK.B">BRK.B</a></b>)', "NYSE:BRK.B"),
        ('(NYSE American: <a href="/quote/XYZ">XYZ</a>)', "NYSE AMERICAN:XYZ"),
        ('<a href="/quote/FB">META</a>', "META"),
        ('<a href="/quote/AAPL">Apple Inc.</a>', "AAPL"),
        ('<a href="/quote/SPY">ETF</a>', "SPY"),
        ('<a href="/stocks/tsla">$TSLA</a>', "TSLA"),
        ('<a href="/quote/META">NASDAQ:META</a>', "NASDAQ:META"),
        ('<a href="/quote/AAPL:NASDAQ">Apple</a>', "NASDAQ:AAPL"),
        ('(NASDAQ:<a href="/q" data-ticker="AAA" data-exchange="NYSE">AAA</a>)', "NASDAQ:AAA"),
    ],
)
def test_ticker_is_read_from_its_link(body: str, found: str) -> None:
    """Each way of marking a ticker gives exchange and symbol."""
    assert tickers(f"<p>Shares of the company {body} rose.</p>") == [found]


@pytest.mark.parametrize(
    "body",
    [
        '<a href="/stocks/movers">Movers</a>',
        '<a href="/news/AAPL">Apple</a>',
        '<aside><a href="/quote/AAPL">AAPL</a></aside>',
        '<div class="related-posts"><p><a href="/quote/AAPL">AAPL</a></p></div>',
        '<ul id="trending"><li><a data-ticker="AAPL" href="#">AAPL</a></li></ul>',
    ],
)
def test_other_links_are_no_tickers(body: str) -> None:
    """Sections, plain links and boxes about other stories say nothing of this one."""
    assert tickers(f"<p>A sentence that makes the article longer than its boxes.</p>{body}") == []


def test_one_exchange_serves_several_symbols() -> None:
    """In "(NYSE: A, B)" both are on the NYSE."""
    body = '<p>X (NYSE: <a href="/quote/A">A</a>, <a href="/quote/B">B</a>) rose.</p>'
    assert tickers(body) == ["NYSE:A", "NYSE:B"]


def test_repeats_and_bare_symbols_give_way() -> None:
    """A symbol stands once, with its exchange where that is known; the list comes last."""
    body = '<p><a href="/quote/A">A</a> and (NYSE: <a href="/quote/A">A</a>)</p>'
    assert tickers(body, listed=("Nasdaq: ZZ ", "A", "NYSE:A")) == ["NYSE:A", "NASDAQ:ZZ"]


def test_source_names_its_own_ticker_links() -> None:
    """A selector finds tickers that no general sign gives away."""
    assert tickers('<p>X (<a class="t" href="/x">ABC</a>)</p>', "a.t") == ["ABC"]
