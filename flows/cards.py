"""What the commands print for people: an article's card, a run's closing table, the status."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from flows.display import fits, print_indented, print_rows
from flows.summary import Summary, notes, rate, short_table, table_rows
from warehouse.search import Found
from warehouse.snippets import Marked

CARD_LINES = 12  # of an article's text
PLACES = 3  # shown of what names a ticker
MARKS = 12  # shown of what a story is recognised by


def print_card(inspected: Mapping[str, Any], console: Console) -> None:
    """Print what ``inspection.inspect_page`` found, as a card."""
    article = inspected["article"]
    if article is None:
        console.print(Text(inspected["input"], style="bold"))
        told = filter(None, (f"{inspected['outcome']}: {inspected['detail']}", _page(inspected)))
        console.print(Text(f"  {', '.join(told)}\n"), soft_wrap=True)
        return
    console.print(Text(article["title"] or "(no title)", style="bold"))
    for name, value in _facts(inspected):
        if value:
            console.print(Text.assemble((f"  {name:<11}", "dim"), value), soft_wrap=True)
    _print_text(article["text"], console)
    _print_tags(inspected, console)
    _print_facts(inspected, console)
    _print_fingerprint(inspected["fingerprint"], console)


def _facts(inspected: Mapping[str, Any]) -> list[tuple[str, str]]:
    article = inspected["article"]
    when = article["published_at"] or ""
    if when:
        said = [
            f"to the {article['published_at_precision']}",
            f"from {article['published_at_from']}",
        ]
        said += [f"doubt: {doubt}" for doubt in article["published_at_doubts"]]
        when += f"  ({', '.join(said)})"
    return [
        ("url", inspected["url"] or ""),
        ("outcome", inspected["outcome"]),
        ("archived", _page(inspected)),
        ("authors", ", ".join(article["authors"])),
        ("published", when),
        ("updated", article["source_updated_at"] or ""),
        ("language", article["language"]),
        ("publisher", ", ".join([*article["publisher_tickers"], *article["publisher_topics"]])),
    ]


def _page(inspected: Mapping[str, Any]) -> str:
    """Say which archived page was read."""
    if not inspected["page_id"]:
        return ""
    return f"page {inspected['page_id']}, fetched {inspected['fetched_at']}"


def _print_text(text: str, console: Console) -> None:
    lines = text.splitlines()
    console.print()
    for line in lines[:CARD_LINES]:
        print_indented(Text(line), console)
    if len(lines) > CARD_LINES:
        console.print(Text(f"  ... {len(lines) - CARD_LINES} more lines", style="dim"))
    console.print()


def _print_tags(inspected: Mapping[str, Any], console: Console) -> None:
    tickers = [
        (
            tag["symbol"],
            tag["exchange"],
            tag["role"],
            round(tag["confidence"], 3),
            round(tag["relevance"], 2),
            ", ".join(tag["evidence"]),
            tag["role_because"],
        )
        for tag in inspected["tickers"]
    ]
    if tickers:
        columns = ("ticker", "exchange", "role", "confidence", "relevance", "evidence", "why")
        print_rows(columns, tickers, console)
        print_rows(("ticker", "field", "from", "to", "words", "rule"), _places(inspected), console)
    topics = [
        (
            tag["topic"],
            round(tag["score"], 1),
            round(tag["relevance"], 2),
            tag["method"],
            ", ".join(tag["evidence"]),
        )
        for tag in inspected["topics"]
    ]
    if topics:
        print_rows(("topic", "score", "relevance", "method", "evidence"), topics, console)
    if inspected["removed_topics"]:
        names = ", ".join(tag["topic"] for tag in inspected["removed_topics"])
        console.print(f"  The model removed what the rules found: {names}", soft_wrap=True)


def _print_facts(inspected: Mapping[str, Any], console: Console) -> None:
    facts = [
        (
            fact["kind"],
            fact["symbol"],
            ", ".join(map(_shown, fact["values"])),
            f"{fact['field']} {fact['start']}-{fact['end']}",
            fact["evidence"],
        )
        for fact in inspected["facts"]
    ]
    if facts:
        print_rows(("fact", "ticker", "values", "place", "rules"), facts, console)


def _print_fingerprint(fingerprint: Mapping[str, Any], console: Console) -> None:
    """Print what the story is recognised by when others tell it."""
    console.print(
        Text("\nWhat the same story in other words or languages shares with it", style="dim")
    )
    for part in ("numbers", "names"):
        words = " ".join(fingerprint[part][:MARKS])
        console.print(Text.assemble((f"  {part:<11}", "dim"), words), soft_wrap=True)


def _places(inspected: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Return the first places that speak for each ticker, with the rule that found them."""
    return [
        (tag["symbol"], *(place[name] for name in ("field", "start", "end", "text", "evidence")))
        for tag in inspected["tickers"]
        for place in tag["mentions"][:PLACES]
    ]


def _shown(value: Mapping[str, Any]) -> str:
    number = "" if value["value"] is None else f"{value['value']:,.10g}"
    parts = (value["value_text"], number, value["unit"], value["period"])
    return f"{value['name']} {' '.join(filter(None, parts))}"


def print_summary(summary: Summary, news: Path, console: Console, *, is_new: bool) -> None:
    """Print a finished run: a row a source, and what went wrong.

    ``is_new``: the home has few runs yet, so say what to do next.
    """
    rows = table_rows(summary)
    columns, cells = list(rows[0]), [list(row.values()) for row in rows]
    if not fits(columns, cells, console):
        columns, cells = short_table(summary)
    print_rows(columns, cells, console)
    for note in notes(summary):
        print_indented(Text(note), console)
    console.print(
        f"\n{rate(summary)}\nThe file to query: {news}{_NEXT if is_new else ''}",
        soft_wrap=True,
        markup=False,
    )


_NEXT = """
Next: newsledger status
      newsledger query "SELECT published_at, title, tickers FROM articles \
ORDER BY published_at DESC LIMIT 10\""""


def print_found(found: Found, is_bounded: bool, console: Console) -> None:
    """Print what a search found, the best first; ``is_bounded``: the caller said since when."""
    for hit in found.hits:
        day = f"{hit.published_at or hit.available_at:%Y-%m-%d}"
        console.print(_highlighted(hit.title, "bold"), soft_wrap=True)
        about = [day, hit.source, ", ".join(hit.tickers), ", ".join(hit.topics)]
        print_indented(Text("  ".join(part for part in about if part), "dim"), console)
        if hit.snippet.text:
            print_indented(_highlighted(hit.snippet), console)
        place = hit.url or f"no address; newsledger inspect {hit.article_key}"
        console.print(Text(f"  {place}\n", "dim"), soft_wrap=True)
    number = len(found.hits)
    count = f"{number} article{'s' * (number > 1)}" if number else "Nothing found"
    bounds = (
        " in the last 90 days (--since)" if found.method == "reading" and not is_bounded else ""
    )
    console.print(f"{count}{bounds}.")


def _highlighted(words: Marked, style: str = "") -> Text:
    text = Text(words.text, style)
    for start, end in words.spans:
        text.stylize("bold yellow", start, end)
    return text
