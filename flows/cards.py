"""What the commands print for people: an article's card, a run's closing table, the status."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from flows.display import print_rows
from flows.summary import Summary, notes, rate, table_rows
from warehouse.home import Home
from warehouse.query import query
from warehouse.search import Found
from warehouse.snippets import Marked

STATUS = {
    "Failing checks": """
        SELECT
            check_name AS check, subject, detail,
            strftime(failing_since_at, '%m-%d %H:%M') AS since
        FROM failing
    """,
    "Last runs": """
        SELECT
            strftime(started_at, '%m-%d %H:%M') AS started, state,
            listed, stored, revised, unchanged, rejected, deferred, removed
        FROM run_log ORDER BY started_at DESC LIMIT 5
    """,
    "Errors": """
        SELECT strftime(started_at, '%m-%d %H:%M') AS started, error
        FROM run_log WHERE error <> '' ORDER BY started_at DESC LIMIT 5
    """,
    "Sources": """
        SELECT
            f.source, f.articles, f.newest_published_at AS newest_article,
            p.polled_at AS last_poll, p.new_listings AS new, p.next_poll_at AS next_poll,
            CASE
                WHEN p.failures > 0
                    THEN 'failed ' || p.failures || if(p.failures = 1, ' time: ', ' times: ')
                    || p.error
                WHEN p.next_poll_at > p.polled_at + to_seconds(60 * p.interval_minutes + 1)
                    THEN 'its server asked for a pause'
                WHEN p.error <> '' THEN p.error
                WHEN p.new_listings = 0 THEN 'nothing was new'
                ELSE ''
            END AS why
        FROM freshness AS f
        LEFT JOIN polling AS p ON p.source = f.source
        ORDER BY f.source
    """,
    "Rows": """
        SELECT
            (SELECT count(*) FROM articles) AS articles,
            (SELECT count(*) FROM article_versions) AS versions,
            (SELECT count(*) FROM article_tickers) AS tickers,
            (SELECT count(*) FROM ticker_mentions) AS mentions,
            (SELECT count(*) FROM article_topics) AS topics,
            (SELECT count(*) FROM outcomes) AS outcomes
    """,
}
CARD_LINES = 12  # of an article's text
PLACES = 3  # shown of what names a ticker
MARKS = 12  # shown of what a story is recognised by


def print_card(inspected: Mapping[str, Any], console: Console) -> None:
    """Print what ``inspection.inspect_page`` found, as a card."""
    article = inspected["article"]
    if article is None:
        console.print(Text(inspected["input"], style="bold"))
        console.print(f"  {inspected['outcome']}: {inspected['detail']}\n", markup=False)
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
        ("authors", ", ".join(article["authors"])),
        ("published", when),
        ("updated", article["source_updated_at"] or ""),
        ("language", article["language"]),
        ("publisher", ", ".join([*article["publisher_tickers"], *article["publisher_topics"]])),
    ]


def _print_text(text: str, console: Console) -> None:
    lines = text.splitlines()
    console.print()
    for line in lines[:CARD_LINES]:
        if console.is_terminal:
            console.print(Padding(Text(line), (0, 0, 0, 2)))
        else:
            console.print(Text(f"  {line}"), soft_wrap=True)
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


def print_summary(summary: Summary, news: Path, console: Console) -> None:
    """Print a finished run: a row a source, what went wrong, and what to do next."""
    rows = table_rows(summary)
    print_rows(list(rows[0]), [list(row.values()) for row in rows], console)
    for note in notes(summary):
        console.print(Text(f"  {note}"), soft_wrap=True)
    console.print(
        f"\n{rate(summary)}\n"
        f"The file to query: {news}\n"
        "Next: newsledger status\n"
        '      newsledger query "SELECT published_at, title, tickers FROM articles '
        'ORDER BY published_at DESC LIMIT 10"',
        soft_wrap=True,
        markup=False,
    )


def print_status(home: Home, console: Console) -> None:
    """Print failing checks, the last runs, how fresh each source is, and how much there is."""
    for title, sql in STATUS.items():
        answer = query(home, sql)
        if answer.rows:
            print_rows(answer.columns, answer.rows, console, title=title)
            console.print()
    console.print(f"{home.news}, {home.news.stat().st_size / 1e6:,.1f} MB", soft_wrap=True)


def print_found(found: Found, is_bounded: bool, console: Console) -> None:
    """Print what a search found, the best first; ``is_bounded``: the caller said since when."""
    for hit in found.hits:
        day = f"{hit.published_at or hit.available_at:%Y-%m-%d}"
        console.print(_highlighted(hit.title, "bold"), soft_wrap=True)
        about = [day, hit.source, ", ".join(hit.tickers), ", ".join(hit.topics)]
        console.print(Text("  " + "  ".join(part for part in about if part), "dim"), soft_wrap=True)
        if hit.snippet.text:
            console.print(Text("  ") + _highlighted(hit.snippet), soft_wrap=True)
        console.print(Text(f"  {hit.url or hit.article_key}\n", "dim"), soft_wrap=True)
    number = len(found.hits)
    count = f"{number} article{'s' * (number > 1)}" if number else "Nothing found"
    bounds = "" if found.method == "index" or is_bounded else " in the last 90 days (--since)"
    console.print(f"{count}{bounds}.")


def _highlighted(words: Marked, style: str = "") -> Text:
    text = Text(words.text, style)
    for start, end in words.spans:
        text.stylize("bold yellow", start, end)
    return text
