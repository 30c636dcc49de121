"""Writes ``listed.csv``, the snapshot of listed securities, from lists that packages carry.

Run by hand, in an environment of its own (the packages weigh 400 MB and are not needed later):

    pip install --no-deps edgartools pytickersymbols
    pip install pyarrow wordfreq ahocorasick-rs
    python -m tasks.tagging.securities.build 2026-11-23

edgartools carries the SEC's list of tickers (public domain), in order of size; pytickersymbols
(MIT) the members of indices, with ISINs. wordfreq only decides which names are common words.
"""
# ruff: noqa: PLC0415 - the packages are only needed by what they are for

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from tasks.tagging.tickers.exchanges import load_exchanges
from tasks.tagging.tickers.names import load_names

SNAPSHOT = Path(__file__).parent / "listed.csv"
COLUMNS = ("symbol", "exchange", "name", "cik", "isin", "kind", "country", "names", "doubtful")
_EXCHANGES = {"Nasdaq": "NASDAQ", "NYSE": "NYSE", "OTC": "OTC", "CBOE": "BATS"}
_COUNTRIES = {
    "Austria": "AT",
    "Belgium": "BE",
    "Bermuda": "BM",
    "Canada": "CA",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Ireland": "IE",
    "Italy": "IT",
    "Japan": "JP",
    "Luxembourg": "LU",
    "Netherlands": "NL",
    "Norway": "NO",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "United Kingdom": "GB",
    "United States": "US",
}
_LANGUAGES = ("en", "it", "es", "pt", "fr", "de")
_PREFERRED = re.compile(r".+-(?:P[A-Z]?|WT?[A-Z]?|U|UN|RT?|WS[A-Z]?)")
_NOTES = re.compile(r"\s*(?:\([^)]*\)|/.*|\\.*)$")
_FUND = re.compile(r"\bETFs?\b|\bETN\b|\bFund\b|\bSPDR\b|\biShares\b|\bProShares\b", re.IGNORECASE)
# Zipf frequencies (occurrences in a billion words, as powers of ten): below _COINED hardly a word
# of any language, up to _KNOWN a rare one, up to _ORDINARY one that context can tell.
_COINED, _KNOWN, _ORDINARY = 2.55, 3.3, 4.6
_LARGE = 1_500  # places in the SEC's list, which is ordered by size
_GROUPS = frozenset({"group", "holdings", "holding", "com", "cos"})
_SHORTEST = 4  # letters of a name of one word


@dataclass(slots=True)
class _Row:
    symbol: str
    exchange: str
    name: str
    place: int  # by size, among all
    cik: str = ""
    isin: str = ""
    kind: str = "stock"
    country: str = ""
    spoken: tuple[str, ...] = ()  # further names
    names: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)


def main(day: str) -> None:
    """Write the snapshot of this day, ``2026-11-23``."""
    members = list(_members())
    american = {m["symbol"]: m for m in members if m["symbol"] and "." not in str(m["symbol"])}
    rows = [*_sec_rows(american), *_abroad(members)]
    _give_names(rows)
    with SNAPSHOT.open("w", encoding="utf-8", newline="") as file:
        file.write(
            f"# {day}: edgartools {version('edgartools')}, pytickersymbols"
            f" {version('pytickersymbols')}; written by build.py, not by hand\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            lists = ("|".join(sorted(row.names)), "|".join(sorted(row.doubtful)))
            plain = (row.symbol, row.exchange, row.name, row.cik, row.isin, row.kind, row.country)
            writer.writerow((*plain, *lists))


def _sec_rows(american: Mapping[str, Mapping[str, Any]]) -> Iterator[_Row]:
    """Yield the SEC's securities, without preferred shares, warrants and units."""
    import pyarrow.parquet as pq

    path = distribution("edgartools").locate_file("edgar/reference/data/company_tickers.parquet")
    listed = pq.read_table(str(path)).to_pylist()
    symbols = {entry["ticker"] for entry in listed}
    for place, entry in enumerate(listed):
        symbol, exchange = entry["ticker"], _EXCHANGES.get(entry["exchange"], "")
        is_extra = len(symbol) == 5 and symbol[-1] in "WURP" and symbol[:-1] in symbols  # noqa: PLR2004
        if not exchange or _PREFERRED.fullmatch(symbol) or is_extra:
            continue
        member = american.get(symbol, {}) if exchange != "OTC" else {}
        name = _plain(member["name"]) if member else _printed(entry["name"])
        yield _Row(
            symbol=symbol,
            exchange=exchange,
            name=name,
            place=place,
            cik=entry["cik"],
            isin=_isin(member, "US"),
            kind="etf" if _FUND.search(name) else "stock",
            country=_COUNTRIES.get(member.get("country", ""), ""),
            spoken=(_printed(entry["name"]),) if member else (),
        )


def _abroad(members: Iterable[Mapping[str, Any]]) -> Iterator[_Row]:
    """Yield the members of European and Japanese indices at their home exchanges."""
    by_suffix = load_exchanges().by_suffix
    seen: set[tuple[str, str]] = set()
    for member in members:
        symbol, dot, suffix = str(member["symbol"] or "").partition(".")
        exchange = by_suffix[suffix].code if dot and suffix in by_suffix else ""
        if not exchange or (symbol, exchange) in seen:
            continue
        seen.add((symbol, exchange))
        yield _Row(
            symbol=symbol,
            exchange=exchange,
            name=_plain(member["name"]),
            place=_LARGE,
            isin=_isin(member, ""),
            country=_COUNTRIES.get(member.get("country", ""), ""),
        )


def _members() -> Iterator[Mapping[str, Any]]:
    from pytickersymbols import PyTickerSymbols

    for stock in PyTickerSymbols().get_all_stocks():
        yield {**stock, "symbol": stock.get("symbol") or ""}


def _isin(member: Mapping[str, Any], country: str) -> str:
    isins = [isin for isin in member.get("isins") or () if isin.startswith(country)]
    return isins[0] if len(isins) == 1 else ""


def _printed(name: str) -> str:
    """Return a name as it is printed: not in capitals, without the state of its law."""
    plain = _NOTES.sub("", name.strip()).strip()
    if not plain.isupper():
        return plain
    return " ".join(
        word if len(word) <= 3 and word not in {"INC", "CO", "THE", "OF", "AND"} else word.title()  # noqa: PLR2004
        for word in plain.split()
    )


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-C]$", "", _NOTES.sub("", name.strip()).strip())


def _give_names(rows: list[_Row]) -> None:
    """Give each company the names that an article may call it by, and no other company."""
    chiefs: dict[str, _Row] = {}
    for row in rows:
        if row.exchange != "OTC" and row.kind == "stock":
            chiefs.setdefault(row.cik or f"{row.exchange}:{row.symbol}", row)
    for row in chiefs.values():
        for name in dict.fromkeys((row.name, *row.spoken)):
            _judge(row, name)
    owners = Counter(
        name
        for row in chiefs.values()
        for name in {given.lower() for given in row.names | row.doubtful}
    )
    for row in chiefs.values():
        row.doubtful -= row.names
        row.names = {name for name in row.names if owners[name.lower()] == 1}
        row.doubtful = {name for name in row.doubtful if owners[name.lower()] == 1}


def _core(name: str) -> list[str]:
    """Return the words of a name without what the law adds."""
    words = re.findall(r"[\w&'’]+(?:\.(?=\w)[\w]+)*", name)
    ends = load_names().legal_forms | {"&", "and", "public", "a", "s", "de"}
    while len(words) > 1 and _key(words[-1]) in ends:
        words.pop()
    return words[1:] if _key(words[0]) == "the" and len(words) > 1 else words


def _key(word: str) -> str:
    return word.lower().replace(".", "")


def _judge(row: _Row, name: str) -> None:
    """File a name, and what is left of it without its trade, under sure or doubtful ones."""
    words = _core(name)
    if len(words) > 1:
        rarest = min((_commonness(word) for word in words if len(word) > 1), default=_KNOWN)
        sure = rarest < _KNOWN or len(words) > 2 or row.place < _LARGE  # noqa: PLR2004
        (row.names if sure else row.doubtful).add(_capitals(words))
    short = list(words)
    book = load_names()
    while len(short) > 1 and _key(short[-1]) in book.generic | book.legal_forms:
        short.pop()
    if len(short) == 1 and len(short[0]) >= _SHORTEST and not short[0].isdigit():
        said = re.findall(r"[\w&'’.]+", name)[1:]
        whole = all(_key(word) in book.sure_forms | _GROUPS for word in said)
        _judge_word(row, short[0], whole=whole)


def _capitals(words: list[str]) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in words)


def _judge_word(row: _Row, word: str, *, whole: bool) -> None:
    commonness = _commonness(word)
    word = _capitals([word])
    if commonness < _COINED:
        row.names.add(word)
    elif row.place < _LARGE and commonness < (_ORDINARY if whole else _KNOWN):
        row.doubtful.add(word)


@cache
def _commonness(word: str) -> float:
    from wordfreq import zipf_frequency

    return max(float(zipf_frequency(word.lower(), language)) for language in _LANGUAGES)


if __name__ == "__main__":
    main(sys.argv[1])
