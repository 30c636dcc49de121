"""What is wrong with a command is told before Prefect starts, in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.beforehand import require_contact, require_home
from flows.settings import load_settings
from tasks.articles.errors import SettingsError
from tasks.articles.urls import is_on_this_machine
from tasks.sources.registry import choose, load_sources, read_source
from warehouse.addresses import folder_at
from warehouse.errors import ArchiveError

LOCAL = """
title = "x"
publisher = "x.example"
home = "{at}/"
[politeness]
allow_private = true
[[lists]]
kind = "feed"
url = "{at}/feed"
"""


def newsledger(*arguments: str) -> str:
    """Run a command that must fail before it starts Prefect, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "flows", *arguments],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done
    assert "Starting Prefect" not in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_mistakes_are_told_before_prefect_starts(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever needs no run to be known."""
    assert "there is no 'foo'" in newsledger("reprocess", "--only", "foo")
    swapped = ("--since", "2026-10-02", "--until", "2026-10-01")
    assert "Nothing lies between" in newsledger("reprocess", *swapped)
    assert "There is no source" in newsledger("reprocess", "--source", "zzz")
    assert "nothing to rebuild from" in newsledger("rebuild", "--to", str(tmp_path / "new"))
    (home / "archive").mkdir(parents=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "is not empty" in newsledger("rebuild", "--to", str(tmp_path / "full"))
    assert "NEWSLEDGER_CONTACT" in newsledger("ingest", "--source", "benzinga")
    (tmp_path / "a file").touch()
    monkeypatch.setenv("NEWSLEDGER_HOME", str(tmp_path / "a file" / "home"))
    assert "cannot be written to" in newsledger("ingest")
    assert "cannot be written to" in newsledger("upkeep")


def test_a_home_is_made_and_its_archive_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that cannot be reached is told with what reaches it."""
    require_home(load_settings())
    assert home.is_dir()
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setenv("NEWSLEDGER_ARCHIVE", "s3://bucket/news")
    with pytest.raises(ArchiveError, match="pip install s3fs"):
        require_home(load_settings())
    with pytest.raises(ArchiveError, match="cannot be at what://x"):
        folder_at("what://x")


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8000", True),
        ("http://localhost:8000", True),
        ("http://news.localhost.", True),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://0x7f.1", False),
    ],
)
def test_only_what_stays_on_this_machine_needs_no_contact(address: str, *, is_here: bool) -> None:
    """The source must also say that it may be asked there."""
    assert is_on_this_machine(address) == is_here
    private = read_source(LOCAL.format(at=address), Path("x.toml"))
    public = read_source(LOCAL.format(at=address).replace("true", "false"), Path("x.toml"))
    refused = [private, public][is_here:]
    for source in refused:
        with pytest.raises(SettingsError, match=r"x: .* is not on this machine"):
            require_contact(load_settings(), [source])
    if is_here:
        require_contact(load_settings(), [private])


def test_the_newsroom_needs_no_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on this machine, whatever its addresses look like; and with a contact all may go."""
    sources = load_sources()
    require_contact(load_settings(), choose(sources, ["sample"]))
    monkeypatch.setenv("NEWSLEDGER_CONTACT", "tests@x.example")
    require_contact(load_settings(), sources.values())
