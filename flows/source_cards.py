"""What `newsledger sources check` prints: for people, and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from flows.display import print_rows
from flows.source_check import Check, CheckedList
from tasks.articles.records import Article, Listing, TickerTag

FIRST = 5  # listings that are shown
SHOWN = (  # of the article
    *("url", "published_at", "published_at_from", "language", "characters"),
    *("tickers", "publisher_tickers"),
)


def as_record(check: Check) -> dict[str, Any]:
    """Return a check as JSON has it; instants in ISO 8601, UTC."""
    return {
        "source": check.source.name,
        "works": check.works,
        "lists": [_list_record(checked) for checked in check.lists],
        "listings": [_listing_record(listing) for listing in check.listings[:FIRST]],
        "article": _article_record(check.article, check.tickers) if check.article else None,
        "warnings": check.warnings,
        "faults": check.faults,
    }


def print_check(check: Check, console: Console) -> None:
    """Print the lists, the first listings, one article, and what looks wrong."""
    records = [_list_record(checked) for checked in check.lists]
    columns = ("list", "listings", "newest", "oldest", "dated", "tickers", "bodies", "answer")
    rows = [
        [
            record["url"],
            record["listings"],
            record["newest"],
            record["oldest"],
            record["dated"],
            record["with_tickers"],
            record["with_bodies"],
            record["problem"] or "read",
        ]
        for record in records
    ]
    print_rows(columns, rows, console, title=f"Lists of {check.source.name}")
    if check.listings:
        console.print()
        found = [_listing_record(listing) for listing in check.listings[:FIRST]]
        rows = [
            [line["published_at"], line["title"], line["url"], line["tickers"]] for line in found
        ]
        print_rows(("published", "title", "url", "tickers"), rows, console, title="First listings")
    console.print()
    if check.article:
        _print_article(_article_record(check.article, check.tickers), console)
    else:
        console.print("No article could be read.")
    for warning in check.warnings:
        console.print(Text(f"! {warning}"), soft_wrap=True)
    if check.faults:
        console.print(f"{len(check.faults)} of these must be mended in the source's file.")


def _print_article(record: dict[str, Any], console: Console) -> None:
    console.print(Text(record["title"] or "(no title)", style="bold"), soft_wrap=True)
    for name in SHOWN:
        value = record[name]
        shown = ", ".join(value) if isinstance(value, list) else str(value or "none")
        console.print(Text.assemble((f"  {name:<18}", "dim"), shown), soft_wrap=True)


def _list_record(checked: CheckedList) -> dict[str, Any]:
    listings, instants = checked.listings, checked.instants
    return {
        "url": checked.url,
        "kind": checked.kind,
        "problem": checked.problem or None,
        "listings": len(listings),
        "newest": f"{instants[-1]:%Y-%m-%dT%H:%M:%SZ}" if instants else None,
        "oldest": f"{instants[0]:%Y-%m-%dT%H:%M:%SZ}" if instants else None,
        "dated": len(instants),
        "with_tickers": sum(bool(listing.tickers) for listing in listings),
        "with_bodies": sum(bool(listing.body.strip()) for listing in listings),
    }


def _listing_record(listing: Listing) -> dict[str, Any]:
    at = listing.published_at or listing.updated_at
    return {
        "published_at": f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None,
        "title": listing.title,
        "url": listing.place,
        "tickers": list(listing.tickers),
    }


def _article_record(article: Article, tickers: Sequence[TickerTag]) -> dict[str, Any]:
    at = article.published_at
    return {
        "title": article.title,
        "url": article.url,
        "authors": list(article.authors),
        "published_at": f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None,
        "published_at_from": article.published_at_from,
        "language": article.language,
        "characters": len(article.text),
        "tickers": [":".join(filter(None, (tag.exchange, tag.symbol))) for tag in tickers],
        "publisher_tickers": list(article.publisher_tickers),
    }
