"""The documents say what is there: every command, setting and deployment, and no other."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from flows.cli import app
from flows.settings import PREFIX, Settings

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
DECISIONS = (PROJECT / "docs" / "decisions.md").read_text(encoding="utf-8").lower()
COMMANDS = [
    str(command.name or getattr(command.callback, "__name__", ""))
    for command in app.registered_commands
] + [str(group.typer_instance.info.name) for group in app.registered_groups if group.typer_instance]
DEPLOYMENTS = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
DEPENDENCIES = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "dependencies"
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    """The table of commands has a row for it."""
    assert f"| `newsledger {command}" in README, f"add a row for {command} under ## Commands"


def test_the_readme_has_no_other_commands() -> None:
    """A command that went must go from the table, too."""
    assert set(re.findall(r"\| `newsledger (\w+)", README)) == set(COMMANDS)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str) -> None:
    """With its own description."""
    row = f"| `{PREFIX}{name.upper()}` |"
    assert row in README, f"add a row for {name} under ## Settings"
    assert Settings.model_fields[name].description in README, f"the row for {name} is out of date"


def test_the_readme_has_no_other_settings() -> None:
    """A setting that went must go from the table, too."""
    named = set(re.findall(rf"{PREFIX}\w+", README + (PROJECT / "CONTRIBUTING.md").read_text()))
    assert named <= {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_every_deployment_is_in_the_readme(deployment: dict[str, str]) -> None:
    """The table of deployments has a row for it."""
    flow = deployment["entrypoint"].partition(":")[2]
    assert f"| `{flow}/{deployment['name']}` |" in README


@pytest.mark.parametrize("name", [Requirement(line).name for line in DEPENDENCIES])
def test_every_dependency_has_its_reason(name: str) -> None:
    """docs/decisions.md says why it is there."""
    assert re.search(rf"\b{re.escape(name)}\b", DECISIONS), f"say why {name} is there"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    """Relative links and the files named in backticks exist."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    paths = re.findall(r"`((?:flows|tasks|warehouse|tests|docs)/[\w./-]+)`", text)
    missing = [path for path in [*links, *paths] if not (PROJECT / path).exists()]
    named = {"tasks/sources/NAME.toml", "tests/pages/NAME.html", "tasks/tagging/phrases/xx.toml"}
    named |= {"tasks/extraction/boilerplate/xx.toml", "tasks/tagging/phrases/LANGUAGE.toml"}
    named |= {"tasks/extraction/boilerplate/LANGUAGE.toml"}
    named |= {f"tests/sources/NAME/{file}" for file in ("feed.xml", "article.html", "expect.toml")}
    assert not set(missing) - named


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_nothing_is_left_to_fill_in(name: str) -> None:
    """No placeholder is left over."""
    assert "@@" not in (PROJECT / name).read_text(encoding="utf-8")
