"""The command `takedown`: a person is asked, a script is not, both are told."""

import os
import pty
import subprocess
from pathlib import Path

from tests.command import COMMAND
from warehouse.home import Home
from warehouse.query import query

TAKEDOWN = [*COMMAND, "takedown", "--why", "a test"]
NOWHERE = "https://nowhere.example/a-story"


def by_a_person(answer: str, *arguments: str) -> tuple[int, str]:
    """Run the command at a terminal where this is typed; return its code and what is shown."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    with os.fdopen(ours, "rb"):
        done = subprocess.run(
            [*TAKEDOWN, *arguments], stdin=theirs, capture_output=True, text=True, check=False
        )
        os.close(theirs)
    return done.returncode, done.stdout + done.stderr


def by_a_script(*arguments: str) -> tuple[int, str]:
    """Run the command without a terminal."""
    done = subprocess.run(
        [*TAKEDOWN, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def an_article(home: Path) -> tuple[str, str]:
    """Return the address and the title of an article."""
    rows = query(Home(home), "SELECT url, title FROM articles WHERE url <> '' ORDER BY url").rows
    return rows[0][0], rows[0][1]


def test_a_dry_run_shows_what_would_go(first: Path) -> None:
    """Titles and counts; nothing is erased, nothing is asked."""
    url, title = an_article(first)
    for code, told in (by_a_script(url, "--dry-run"), by_a_person("y", url, "--dry-run")):
        assert code == 0
        assert "1 articles, 1 raw pages and 1 headlines would be erased" in told
        assert title in told
    assert an_article(first) == (url, title)
    assert by_a_script(NOWHERE, "--dry-run") == (
        0,
        "Nothing here has it: it would be kept out from now on, for ever.\n",
    )


def test_a_person_is_asked(first: Path) -> None:
    """No is no; yes, or --yes, is yes."""
    url, title = an_article(first)
    code, told = by_a_person("n", url)
    assert (code, title in told, "Nothing was erased." in told) == (1, True, True)
    assert an_article(first) == (url, title)
    code, told = by_a_person("y", url)
    assert (code, "1 articles, 1 raw pages" in told) == (0, True)
    second, _ = an_article(first)
    assert second != url
    code, told = by_a_person("", second, "--yes")
    assert (code, "are gone" in told) == (0, True)


def test_what_nothing_has_is_kept_out_only_on_purpose(first: Path) -> None:
    """A person may have misspelt it; a script is taken at its word, and both are told plainly."""
    code, told = by_a_person("y", NOWHERE)
    assert (code, "is it misspelt?" in told) == (2, True)
    code, told = by_a_person("", NOWHERE, "--unknown", "--yes")
    assert (code, "Nothing here has it: it is kept out" in told) == (0, True)
    code, told = by_a_script(f"{NOWHERE}/2")
    assert (code, "Nothing here has it: it is kept out" in told) == (0, True)


def test_a_dry_run_makes_no_warehouse(home: Path) -> None:
    """Where there is none, there is nothing to look up."""
    assert by_a_script(NOWHERE, "--dry-run")[0] == 0
    assert not home.exists()
