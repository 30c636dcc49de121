"""The example queries: each answers on the bundled newsroom, and the page shows what it answers."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from flows.ingest import ingest
from warehouse.examples import QUERIES, examples, question
from warehouse.home import Home
from warehouse.query import query

EXAMPLES = sorted(QUERIES.glob("*.sql"))
PAGE = Path(__file__).parent.parent / "docs" / "queries.md"
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
README_SQL = [
    *re.findall(r"```sql\n(.*?)```", README, re.DOTALL),
    *(
        asked.replace("\n>", "\n")
        for asked in re.findall(r'\$ newsledger query "(.*?)"', README, re.DOTALL)
    ),
]
# What depends on the moment of loading.
VOLATILE = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?|\d+:\d\d:\d\d|[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture(scope="module")
def twice(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Give the home of the newsroom after its second edition: a correction, a removal."""
    folder = tmp_path_factory.mktemp("twice") / "home"
    shutil.copytree(ingested, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLEDGER_HOME", str(folder))
        asyncio.run(ingest(["sample"]))
    return Home(folder)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_runs_and_finds_something(twice: Home, path: Path) -> None:
    """Each file of warehouse/queries says at its top what it answers."""
    sql = path.read_text(encoding="utf-8")
    assert question(sql), f"Begin {path.name} with a comment that says what it answers."
    assert query(twice, sql).rows, f"{path.name} finds nothing in the newsroom."


@pytest.mark.parametrize("sql", README_SQL)
def test_the_sql_of_the_readme_runs(twice: Home, sql: str) -> None:
    """What a newcomer copies from the README answers, or runs where it names an instant."""
    found = query(twice, sql).rows
    assert found or "TIMESTAMPTZ" in sql, f"{sql!r} finds nothing in the newsroom."


def test_the_page_shows_what_the_examples_answer(twice: Home) -> None:
    """Apart from the moments of loading, docs/queries.md is what comes out now."""
    shown = VOLATILE.sub("#", PAGE.read_text(encoding="utf-8"))
    assert shown == VOLATILE.sub("#", examples(twice)), (
        "Make it anew: newsledger ingest --source sample twice into an empty NEWSLEDGER_HOME, then"
        " python -m warehouse.examples $NEWSLEDGER_HOME > docs/queries.md"
    )
