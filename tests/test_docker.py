"""Dockerfile and compose.yaml, as far as they can be told without Docker."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import prefect.settings
import pytest
import yaml
from typer.main import get_command

from flows.cli import app
from flows.settings import PREFIX, Settings
from tests.prefect_server import BIN

PROJECT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = re.sub(r"\\\n\s*", "", (PROJECT / "Dockerfile").read_text(encoding="utf-8"))
STEPS = [line.split(maxsplit=1) for line in DOCKERFILE.splitlines() if line and line[0] != "#"]


def commands() -> Iterator[list[str]]:
    """Yield each command that a service runs, in words."""
    for service in SERVICES.values():
        words = service.get("command", [])
        if words[:2] == ["sh", "-c"]:
            yield from (shlex.split(part) for part in words[2].split("&&"))
        elif words:
            yield words


def said(name: str) -> list[str]:
    """Return what the Dockerfile says after each instruction of this name."""
    return [step[1] for step in STEPS if step[0] == name]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    """.dockerignore lets in what is named with an exclamation mark, and nothing else."""
    ignored = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    sources = {word for copied in said("COPY") for word in copied.split()[:-1]}
    assert "*" in ignored
    assert sources == let_in, "COPY in the Dockerfile and .dockerignore name the same"
    assert [name for name in sources if not (PROJECT / name).exists()] == []


def test_the_lock_is_what_is_installed_and_nobody_is_root() -> None:
    """Nothing is resolved anew, on the Python that the lock was made for."""
    installs = [part for run in said("RUN") for part in run.split("&&") if "pip install" in part]
    assert [part.split("pip install ")[1].strip() for part in installs] == [
        "--no-deps --require-hashes -r requirements.lock",
        "--no-deps -e .",
    ]
    assert said("FROM") == ["python:3.11-slim-bookworm"]
    assert [step[0] for step in STEPS].index("USER") > len(STEPS) - 4
    (user,) = said("USER")
    assert f"useradd --create-home --uid 10001 {user}" in DOCKERFILE


def test_services_are_watched_and_listen_on_loopback_alone() -> None:
    """Each one that goes on has a health check; each volume is declared."""
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name != "deploy"), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert service.get("network_mode") in {None, "host"}
        mounted = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert mounted <= COMPOSE["volumes"].keys()
        assert set(service.get("depends_on", {})) <= SERVICES.keys()


def test_variables_exist_and_no_secret_is_written_down() -> None:
    """What is secret comes from the environment, and what must be there says so."""
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not name.startswith(PREFIX) or name in known
            if re.search("TOKEN|PASSWORD", name):
                assert re.fullmatch(r"\$\{\w+:[-?].*\}", value), name
    secret = SERVICES["prefect"]["environment"]["PREFECT_API_DATABASE_CONNECTION_URL"]
    assert ":${POSTGRES_PASSWORD:?}@" in secret


def test_prefect_s_variables_are_its_own() -> None:
    """A typo in one of them would vanish."""
    named = {
        name
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if name.startswith("PREFECT_")
    }
    assert {name for name in named if not hasattr(prefect.settings, name)} == set()


def test_our_commands_exist() -> None:
    """With the options that they are given."""
    ours = get_command(app)
    for words in commands():
        if words[0] == "newsledger":
            command = ours.commands[words[1]]  # type: ignore[attr-defined]
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.slow
def test_prefect_s_commands_exist() -> None:
    """With the options that they are given."""
    asked = [words for words in commands() if words[0] == "prefect"]
    assert len(asked) == 4
    for words in asked:
        plain = [word for word in words[1:] if not word.startswith("--no-prompt")]
        verbs = plain[: 1 if plain[0] == "deploy" else 2]
        done = subprocess.run(
            [str(BIN / "prefect"), *verbs, "--help"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        options = {word for word in plain if word.startswith("--")}
        assert {option for option in options if option not in done.stdout} == set(), verbs
