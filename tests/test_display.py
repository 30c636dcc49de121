"""Tables: fitted to any terminal with nothing cut unseen, plain lines in a pipe."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from flows.display import Format, fits, print_rows, short_time, write_result

AT = datetime(2026, 11, 24, 1, 26, 5, tzinfo=UTC)
COLUMNS = ("source", "at", "count", "what was said of it")
ROWS = [
    ("benzinga", AT, 12_345, "the first words and then some more words of the same kind " * 3),
    ("globenewswire", AT, 7, "半導体株が上昇した後に続いた発表についての長い説明文" * 4),
]


def printed(width: int, columns: tuple[str, ...] = COLUMNS, rows: object = ROWS) -> str:
    """Return what a terminal of this width gets; 0 is a pipe."""
    stream = io.StringIO()
    console = Console(
        file=stream, width=width or None, force_terminal=bool(width), color_system=None
    )
    print_rows(columns, rows, console, title="A title")  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_nothing_is_cut_on_a_terminal(width: int) -> None:
    """No line is wider than the terminal; numbers and times are whole, words all there."""
    shown = printed(width)
    assert max(map(cell_len, shown.splitlines())) <= width
    assert shown.count("2026-11-24 01:26:05Z") == len(ROWS)
    assert "12345" in shown
    assert shown.count("words") == ROWS[0][3].count("words")  # type: ignore[attr-defined]
    assert shown.count("半") == ROWS[1][3].count("半")  # type: ignore[attr-defined]


def test_a_table_that_cannot_fit_becomes_cards() -> None:
    """A line for each column, its name first."""
    assert not fits(COLUMNS, ROWS, Console(width=40, force_terminal=True))
    lines = [line.rstrip() for line in printed(40).splitlines()]
    assert [line for line in lines if line.startswith("at ")] == [
        "at                  2026-11-24 01:26:05Z"
    ] * len(ROWS)


def test_a_pipe_gets_a_line_a_row() -> None:
    """In full, whatever is in the cells, and without blanks at the end."""
    rows = [("a", "line one\nline two"), ("bb", None)]
    assert printed(0, ("x", "text"), rows).splitlines() == [
        *("A title", "x  text", "a  line one line two", "bb")
    ]


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(), st.text()), max_size=5))
def test_any_cell_fits_any_terminal(rows: list[tuple[str, int, str]]) -> None:
    """Whatever characters there are, no row is lost and no line too long."""
    piped = printed(0, ("a", "b", "c"), rows)
    assert all(line == line.rstrip(" ") for line in piped.split("\n"))
    for _, number, _ in rows:
        assert str(number) in piped
    if not any(set(text) - set(map(chr, range(32, 127))) for a, _, c in rows for text in (a, c)):
        shown = printed(60, ("a", "b", "c"), rows)
        assert max(map(cell_len, shown.splitlines())) <= 60


def test_times_say_their_zone_or_have_none() -> None:
    """An instant is marked Z; a time that has no zone is not."""
    stream = io.StringIO()
    write_result(("at",), [(AT,), (AT.replace(tzinfo=None),)], Format.TABLE, stream)
    assert stream.getvalue() == "at\n2026-11-24 01:26:05Z\n2026-11-24 01:26:05\n"


def test_short_times_are_never_ambiguous() -> None:
    """To the minute within half a year, else the day with its year."""
    assert short_time(AT - timedelta(days=90), AT) == "08-26 01:26"
    assert short_time(AT - timedelta(days=365), AT) == "2025-11-24"
    assert short_time(None, AT) == ""
