"""Refreshing the securities: the real formats of the SEC and NASDAQ, served on loopback."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from flows.securities import refresh
from tasks.articles.errors import NewsLedgerError
from tasks.tagging.securities.lists import read_nasdaq, read_others, read_sec
from tasks.web.client import Client
from warehouse.connection import Connection, writing
from warehouse.home import Home

TODAY = date(2027, 1, 4)
MANY = [f"{a}{b}{c}" for a in "JQVWXYZ" for b in "ABCDEFGHIJKLMNOPQ" for c in "ABCDEFGHIJKLMN"]
SEC_LIST = json.dumps(
    {
        "fields": ["cik", "name", "ticker", "exchange"],
        "data": [
            [320193, "Apple Inc.", "AAPL", "Nasdaq"],
            [1067983, "BERKSHIRE HATHAWAY INC", "BRK.B", "NYSE"],
            [9999901, "Fresh Listing Corp", "FRSHL", "Nasdaq"],
            [9999902, "Nowhere Inc", "NWHR", None],
            "rubbish",
            *[[8_000_000 + n, f"Maker {n}", symbol, "NYSE"] for n, symbol in enumerate(MANY)],
        ],
    }
)
NASDAQ_LIST = "\n".join(
    [
        (
            "Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF"
            "|NextShares"
        ),
        "AAPL|Apple Inc. - Common Stock|Q|N|N|100|N|N",
        "ZVZZT|NASDAQ TEST STOCK|G|Y|N|100|N|N",
        "QQQ|Invesco QQQ Trust, Series 1|G|N|N|100|Y|N",
        "AACBU|Some Acquisition Corp - Unit|G|N",
        *[f"{symbol}A|Maker {symbol} - Common Stock|Q|N|N|100|N|N" for symbol in MANY],
        "File Creation Time: 0104202718:02|||||||",
    ]
)
OTHER_LIST = "\n".join(
    [
        "ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol",
        "BRK.B|Berkshire Hathaway Inc. Common Stock|N|BRK.B|N|100|N|BRK.B",
        "SPY|SPDR S&P 500 ETF Trust|P|SPY|Y|100|N|SPY",
        "ATEST|NYSE Arca TEST|P|ATEST|N|100|Y|ATEST",
        *[f"{symbol}B|Maker {symbol}|N|{symbol}B|N|100|N|{symbol}B" for symbol in MANY],
        "File Creation Time: 0104202718:02||||||",
    ]
)


class Lists(BaseHTTPRequestHandler):
    """Serves the three lists, and anything else as empty."""

    bodies: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        """Answer with the list of that name."""
        body = self.bodies.get(self.path.rsplit("/", 1)[-1], "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    """Give the address of a server with the lists."""
    Lists.bodies = {
        "company_tickers_exchange.json": SEC_LIST,
        "nasdaqlisted.txt": NASDAQ_LIST,
        "otherlisted.txt": OTHER_LIST,
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), Lists) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _refresh(home: Home, address: str) -> str:
    routes = dict.fromkeys(("www.sec.gov", "www.nasdaqtrader.com"), address)

    async def run() -> str:
        async with Client(routes=routes, attempts=1) as client:
            return await refresh(home, client, TODAY, wait=timedelta(seconds=5))

    return asyncio.run(run())


def _listed(connection: Connection, symbol: str) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT exchange, name, cik, kind, valid_to_at IS NULL FROM securities"
        " WHERE symbol = $1 ORDER BY ALL",
        [symbol],
    ).fetchall()


def test_refresh_loads_todays_lists(tmp_path: Path, address: str) -> None:
    """New symbols come in, known ones stay, and what no list has any more has ended."""
    told = _refresh(Home(tmp_path), address)
    assert "2027-01-04-" in told
    with writing(Home(tmp_path)) as connection:
        assert _listed(connection, "FRSHL") == [
            ("NASDAQ", "Fresh Listing Corp", "0009999901", "stock", True)
        ]
        assert [row[-1] for row in _listed(connection, "AAPL")] == [True]
        assert [row[-1] for row in _listed(connection, "MSFT")] == [False]
        assert [row[-1] for row in _listed(connection, "ENEL")] == [True]
        assert _listed(connection, "ZVZZT") == _listed(connection, "NWHR") == []
        version = connection.execute("SELECT DISTINCT reference_version FROM securities").fetchall()
    assert len(version) == 1


def test_a_list_that_is_cut_off_changes_nothing(tmp_path: Path, address: str) -> None:
    """A half list would end half of the securities, so it is refused."""
    Lists.bodies["otherlisted.txt"] = "\n".join(OTHER_LIST.splitlines()[:50])
    with pytest.raises(NewsLedgerError, match="cut off"):
        _refresh(Home(tmp_path), address)
    Lists.bodies["otherlisted.txt"] = "<html>Sorry</html>"
    with pytest.raises(NewsLedgerError, match="not the list it used to be"):
        _refresh(Home(tmp_path), address)


def test_formats() -> None:
    """Test issues, broken rows and the last line are left out; class shares get a dash."""
    assert {one.symbol: one.kind for one in read_nasdaq(NASDAQ_LIST.encode())[:2]} == {
        "AAPL": "stock",
        "QQQ": "etf",
    }
    first, second = read_others(OTHER_LIST.encode())[:2]
    assert (first.symbol, first.exchange, first.name) == (
        "BRK-B",
        "NYSE",
        "Berkshire Hathaway Inc.",
    )
    assert (second.symbol, second.exchange, second.kind) == ("SPY", "ARCA", "etf")
    assert read_sec(SEC_LIST.encode())[1].cik == "0001067983"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"fields": 1, "data": 2}', b"<html>"])
def test_other_formats_are_refused(body: bytes) -> None:
    """A page in place of a list is told as such."""
    for read in (read_sec, read_nasdaq, read_others):
        with pytest.raises(ValueError, match=r".+"):
            read(body)
