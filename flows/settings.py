"""All settings, read from ``NEWSLEDGER_*`` variables: the only reader of the environment.

Each field's description is its documentation; README.md lists them, a test holds it to that.
"""

import difflib
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tasks.articles.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "NEWSLEDGER_"

# What Prefect must be told before it is imported; `[tool.prefect]` in pyproject.toml says the same,
# but is only read from the folder that Prefect is started in. A user's own values win.
PREFECT_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",  # its own 20 s is too short
    # A process that clears up after workers that were stopped says so; it is no news.
    "PYTHONWARNINGS": "ignore:resource_tracker:UserWarning",
}


# What pydantic finds wrong, in our words.
_TOLD = {
    "greater_than_equal": "it must be at least {ge:g}",
    "greater_than": "it must be more than {gt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "it must be {expected}",
    "int_parsing": "it must be a whole number",
    "float_parsing": "it must be a number",
    "too_short": "it must name at least one",
}


class Settings(BaseSettings):
    """Where the data lies, which sources run, and how hard the machine works."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, env_ignore_empty=True)

    home: Path = Field(
        default=PROJECT / "warehouse" / "data",
        description="Folder of all data: the DuckDB files and the archive of raw pages.",
    )
    archive: str = Field(
        default="",
        description="Address of the archive of raw pages, such as `s3://bucket/news`"
        " (`pip install s3fs`); a home keeps the one of its first run. Without it: within"
        " NEWSLEDGER_HOME.",
    )
    sources: Path | None = Field(
        default=None,
        description="Folder with source files of your own, beside the bundled ones.",
    )
    enabled: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("sample",),
        min_length=1,
        description="Sources that run when none are named, separated by commas.",
    )
    contact: str = Field(
        default="",
        description="E-mail or web page that servers see in the User-Agent; without it, no request "
        "leaves this machine.",
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=256,
        description="Processes that extract and tag; on a cluster, batches at work at once.",
    )
    runner: Literal["local", "dask", "ray"] = Field(
        default="local",
        description="Where pages are extracted and tagged: this machine, or a Dask or Ray cluster.",
    )
    runner_address: str = Field(
        default="",
        description="Address of the cluster's scheduler, such as `tcp://10.0.0.5:8786` for Dask or "
        "`ray://10.0.0.5:10001` for Ray.",
    )
    batch_size: int = Field(
        default=100, ge=1, le=1000, description="Listings that one Prefect task handles."
    )
    page_seconds: float = Field(
        default=10, gt=0, description="Longest work on one page before it is put off, in seconds."
    )
    lock_seconds: float = Field(
        default=60, ge=0, description="Longest wait for another writer of the database, in seconds."
    )
    publish_seconds: float = Field(
        default=0,
        ge=0,
        description="Shortest time between two published copies, in seconds; 0: after each run.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="What clients of `newsledger serve` must show; without it nothing is served.",
    )
    benzinga_token: SecretStr = Field(
        default=SecretStr(""),
        description="Token of the Benzinga News API; else Prefect's Secret block "
        "newsledger-benzinga-token is asked.",
    )

    @field_validator("enabled", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("archive")
    @classmethod
    def _absolute_if_on_disk(cls, address: str) -> str:
        on_disk = address and "://" not in address
        return str(Path(address).expanduser().absolute()) if on_disk else address

    @field_validator("home", "sources")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None


def load_settings() -> Settings:
    """Read the settings. Raises SettingsError that names each wrong variable and what it may be."""
    for variable in os.environ:
        if variable.startswith(PREFIX):
            _require_known(variable)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(map(_sentence, error.errors()))) from None


def _sentence(problem: ErrorDetails) -> str:
    told = _TOLD.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    told = told.format(**problem.get("ctx") or {}) if problem["type"] in _TOLD else told
    return f"{PREFIX}{str(problem['loc'][0]).upper()} is {problem['input']!r}: {told}."


def prepare_prefect(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set Prefect's variables where the user has not: quiet, no telemetry, a patient start."""
    for name, value in PREFECT_DEFAULTS.items():
        environment.setdefault(name, value)


def _require_known(variable: str) -> None:
    known = [name.upper() for name in Settings.model_fields]
    name = variable.removeprefix(PREFIX).upper()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {PREFIX}{near[0]}?" if near else f"there are: {', '.join(known)}."
        raise SettingsError(f"{variable} is not a setting; {hint}")
