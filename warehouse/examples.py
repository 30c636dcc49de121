"""Writes the page of example queries: each file of ``queries/`` with what it answers.

``python -m warehouse.examples HOME > docs/queries.md`` asks the published copy in that folder; the
page in the repository is made from the bundled newsroom after its second edition.
"""

import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.home import Home
from warehouse.query import Result, query

QUERIES = Path(__file__).parent / "queries"
SHOWN = 5  # rows of an answer
_WIDTH = 60  # characters of a cell
_HEAD = """# Questions and answers

Each of these is a file in `warehouse/queries`; run one with
`newsledger query --file warehouse/queries/latest.sql`, or paste it into any DuckDB client that has
opened `news.duckdb`. The answers are those of the bundled newsroom after two runs of
`newsledger ingest --source sample`, at most five rows of each; the times of loading are those of
the machine that wrote this page (`python -m warehouse.examples HOME > docs/queries.md`).
"""


def examples(home: Home) -> str:
    """Return the page, asked of the published copy of a home. Raises as ``query`` does."""
    return "\n".join([_HEAD, *(_example(home, path) for path in sorted(QUERIES.glob("*.sql")))])


def question(sql: str) -> str:
    """Return the comment at the top of a query: what it answers."""
    lines: list[str] = []
    for line in sql.splitlines():
        if not line.startswith("-- "):
            break
        lines.append(line.removeprefix("-- "))
    return " ".join(lines)


def _example(home: Home, path: Path) -> str:
    sql = path.read_text(encoding="utf-8")
    asked = question(sql)
    body = "\n".join(line for line in sql.splitlines() if not line.startswith("-- "))
    answer = _table(query(home, sql))
    return f"## {path.stem}\n\n{asked}\n\n```sql\n{body}\n```\n\n{answer}\n"


def _table(result: Result) -> str:
    rows = [result.columns, ["---"] * len(result.columns)]
    rows += [[_cell(value) for value in row] for row in result.rows[:SHOWN]]
    lines = [_line(row) for row in rows]
    more = len(result.rows) - SHOWN
    return "\n".join(lines) + (f"\n\n... and {more} more rows." if more > 0 else "")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, timedelta):
        return str(timedelta(seconds=round(value.total_seconds())))
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return _short(", ".join(map(str, value)))
    return _short(str(value))


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|")
    return line if len(line) <= _WIDTH else line[: _WIDTH - 3].rstrip() + "..."


if __name__ == "__main__":
    sys.stdout.write(examples(Home(Path(sys.argv[1]))))
