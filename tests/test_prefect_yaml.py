"""prefect.yaml: Prefect ignores keys that it does not know, so this test does not."""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.cli.deploy._models import (
    ConcurrencyLimitSpec,
    DeploymentConfig,
    PrefectYamlModel,
    RawScheduleConfig,
    WorkPoolConfig,
)
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.events import DeploymentEventTrigger, EventTrigger
from prefect.events.schemas.automations import AutomationCore
from prefect.settings import Settings, get_current_settings
from pydantic import BaseModel

from tasks.check import FAILED, event_of
from tests.warehouse_rows import START
from warehouse.checking import CHECKS, Failing

PROJECT = Path(__file__).parent.parent
DECLARED = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))
OURS = {"definitions"}  # where YAML anchors live


def unknown_keys(declared: dict[str, Any], model: type[BaseModel]) -> set[str]:
    """Return the keys that Prefect's model of this section has no field for."""
    fields = model.model_fields
    return set(declared) - set(fields) - {field.alias for field in fields.values() if field.alias}


def test_top_level_keys_are_known() -> None:
    """A typo at the top would vanish."""
    assert unknown_keys(DECLARED, PrefectYamlModel) <= OURS


@pytest.mark.parametrize("deployment", DECLARED["deployments"], ids=lambda d: d["name"])
def test_deployment_keys_are_known(deployment: dict[str, Any]) -> None:
    """A typo in a deployment would vanish, and its schedule or limit with it."""
    assert not unknown_keys(deployment, DeploymentConfig)
    assert not unknown_keys(deployment["work_pool"], WorkPoolConfig)
    limit = deployment.get("concurrency_limit", {})
    assert not unknown_keys(limit, ConcurrencyLimitSpec)
    if limit:
        assert limit["collision_strategy"] in set(ConcurrencyLimitStrategy)
    for schedule in deployment["schedules"]:
        RawScheduleConfig.model_validate(schedule)
        assert schedule["timezone"], "a schedule without a time zone moves with the server"
        assert schedule["slug"], "without a slug, an edited schedule becomes a second one"


def test_settings_of_the_server_are_known() -> None:
    """A typo in [tool.prefect] of pyproject.toml would vanish too."""
    said = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "prefect"
    ]

    def require_known(values: dict[str, Any], model: type[BaseModel]) -> None:
        assert not unknown_keys(values, model)
        for key, value in values.items():
            field = model.model_fields[key].annotation
            if isinstance(value, dict):
                assert isinstance(field, type)
                require_known(value, field)

    require_known(said, Settings)
    assert get_current_settings().server.concurrency.lease_storage.endswith(".filesystem")


def test_the_automation_in_the_docs_is_one() -> None:
    """It waits for our event, by labels that it has."""
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    automation = AutomationCore.model_validate(yaml.safe_load(told))
    assert isinstance(automation.trigger, EventTrigger)
    assert automation.trigger.expect == {FAILED}
    labels = event_of(Failing("any", "subject", "detail", START, START))["resource"]
    assert set(automation.trigger.match.root) <= set(labels)


TRIGGERS = [
    trigger for deployment in DECLARED["deployments"] for trigger in deployment.get("triggers", [])
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger["name"])
def test_triggers_wait_for_events_that_are_emitted(trigger: dict[str, Any]) -> None:
    """The event and the checks that a trigger names are there, and it has no typo."""
    assert not unknown_keys(trigger, DeploymentEventTrigger)
    DeploymentEventTrigger.model_validate(trigger)
    assert trigger["expect"] == [FAILED]
    failure = Failing("any", "subject", "detail", START, START)
    labels = event_of(failure)["resource"]
    assert set(trigger["match"]) <= set(labels)
    assert labels["newsledger.is-new"] == trigger["match"]["newsledger.is-new"]
    for resource in trigger["match"]["prefect.resource.id"]:
        name = resource.removeprefix("newsledger.check.")
        assert (CHECKS / f"{name}.sql").exists(), f"There is no check {name}."


@pytest.mark.parametrize("deployment", DECLARED["deployments"], ids=lambda d: d["name"])
def test_entrypoints_and_parameters_exist(deployment: dict[str, Any]) -> None:
    """The flow is there, and takes what the deployment gives it."""
    path, name = deployment["entrypoint"].split(":")
    flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    flow.validate_parameters(deployment["parameters"])


def test_names_and_slugs_are_unique() -> None:
    """Two of a name and flow would overwrite each other."""
    names = [f"{x['entrypoint']}/{x['name']}" for x in DECLARED["deployments"]]
    slugs = [s["slug"] for deployment in DECLARED["deployments"] for s in deployment["schedules"]]
    assert len(names) == len(set(names))
    assert len(slugs) == len(set(slugs))
