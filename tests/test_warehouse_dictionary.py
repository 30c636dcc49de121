"""The data dictionary is what the comments in the database say."""

import subprocess
import sys
from pathlib import Path

import duckdb

from warehouse.dictionary import data_dictionary
from warehouse.schema import bring_up_to_date

PROJECT = Path(__file__).parent.parent


def test_the_page_is_current() -> None:
    """docs/data-dictionary.md is what the command prints."""
    printed = subprocess.run(
        [sys.executable, "-m", "warehouse.dictionary"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    page = (PROJECT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == printed, "Run: python -m warehouse.dictionary > docs/data-dictionary.md"


def test_every_table_view_and_macro_is_on_it() -> None:
    """With each of its columns."""
    page = data_dictionary()
    with duckdb.connect() as connection:
        bring_up_to_date(connection)
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        macros = connection.execute(
            "SELECT function_name FROM duckdb_functions()"
            " WHERE function_type = 'table_macro' AND NOT internal"
        ).fetchall()
    assert len(columns) > 100
    for table, column in columns:
        section = page.split(f"\n### {table}\n")[1].split("\n### ")[0]
        assert f"`{column}`" in section
    assert all(f"\n### {name}(" in page for (name,) in macros)
