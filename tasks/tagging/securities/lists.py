"""Reads the lists of listed securities that the SEC and NASDAQ publish.

Formats as of 2026: the SEC's ``company_tickers_exchange.json`` is an object with ``fields`` (cik,
name, ticker, exchange) and ``data``, a row each; NASDAQ's ``nasdaqlisted.txt`` and
``otherlisted.txt`` are divided by ``|``, begin with the columns' names and end with a line on when
they were made. Rows that cannot be read, and NASDAQ's test issues, are left out.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SEC = "https://www.sec.gov/files/company_tickers_exchange.json"
NASDAQ = "https://www.nasdaqtrader.com/dynamic/symdir/nasdaqlisted.txt"
OTHERS = "https://www.nasdaqtrader.com/dynamic/symdir/otherlisted.txt"
_OF_SEC = {"nasdaq": "NASDAQ", "nyse": "NYSE", "otc": "OTC", "cboe": "BATS"}
_OF_OTHERS = {"A": "AMEX", "N": "NYSE", "P": "ARCA", "Z": "BATS"}
_SYMBOL = re.compile(r"[A-Z]{1,5}(?:[.-][A-Z])?")
_KIND_OF_SHARE = re.compile(r"\s+-\s+.*$|\s+(?:Common Stock|Ordinary Shares?|Class [A-Z] .*)$")


@dataclass(frozen=True, slots=True)
class Listed:
    """One security of a list."""

    symbol: str  # class shares with a dash
    exchange: str
    name: str
    cik: str = ""  # ten digits
    kind: str = "stock"  # or etf


def read_sec(body: bytes) -> list[Listed]:
    """Read the SEC's list. Raises ValueError when it is another format."""
    said = json.loads(body)
    try:
        fields, rows = list(said["fields"]), list(said["data"])
    except (KeyError, TypeError):
        raise ValueError("it is no object with fields and data") from None
    places = {str(name): place for place, name in enumerate(fields)}
    if not {"cik", "name", "ticker", "exchange"} <= places.keys():
        raise ValueError(f"its fields are {', '.join(places) or 'missing'}")
    return list(_of_sec(rows, places))


def _of_sec(rows: list[Any], places: dict[str, int]) -> Iterator[Listed]:
    for row in rows:
        if not isinstance(row, list) or len(row) < len(places):
            continue
        cik, name, ticker, exchange = (
            str(row[places[key]] or "") for key in ("cik", "name", "ticker", "exchange")
        )
        code, symbol = _OF_SEC.get(exchange.lower(), ""), ticker.upper().replace(".", "-")
        if code and cik.isdigit() and _SYMBOL.fullmatch(symbol):
            yield Listed(symbol, code, name, cik.zfill(10))


def read_nasdaq(body: bytes) -> list[Listed]:
    """Read NASDAQ's list of its own securities. Raises ValueError when it is another format."""
    return [
        Listed(symbol, "NASDAQ", _name(row["Security Name"]), kind=_kind(row))
        for row in _rows(body, {"Symbol", "Security Name", "Test Issue", "ETF"})
        if (symbol := _symbol(row["Symbol"]))
    ]


def read_others(body: bytes) -> list[Listed]:
    """Read NASDAQ's list of other exchanges. Raises ValueError when it is another format."""
    return [
        Listed(symbol, exchange, _name(row["Security Name"]), kind=_kind(row))
        for row in _rows(body, {"ACT Symbol", "Security Name", "Exchange", "Test Issue", "ETF"})
        if (symbol := _symbol(row["ACT Symbol"])) and (exchange := _OF_OTHERS.get(row["Exchange"]))
    ]


def _rows(body: bytes, wanted: set[str]) -> Iterator[dict[str, str]]:
    lines = csv.DictReader(
        body.decode("utf-8", "replace").splitlines(), delimiter="|", quoting=csv.QUOTE_NONE
    )
    if not wanted <= set(lines.fieldnames or ()):
        raise ValueError(f"its first line is {'|'.join(lines.fieldnames or ())[:80]!r}")
    for row in lines:
        if all(isinstance(row[key], str) for key in wanted) and row["Test Issue"] == "N":
            yield row


def _symbol(printed: str) -> str:
    symbol = printed.strip().upper().replace(".", "-")
    return symbol if _SYMBOL.fullmatch(symbol) else ""


def _name(printed: str) -> str:
    return _KIND_OF_SHARE.sub("", printed.strip())


def _kind(row: dict[str, str]) -> str:
    return "etf" if row["ETF"] == "Y" else "stock"
