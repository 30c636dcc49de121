"""Settings: read once, from one place, with a sentence for each mistake."""

from pathlib import Path

import pytest

from flows.settings import PREFECT_DEFAULTS, Settings, load_settings, prepare_prefect
from tasks.articles.errors import SettingsError


def test_settings_are_read(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Lists are separated by commas, paths are made absolute."""
    monkeypatch.setenv("NEWSLEDGER_ENABLED", "sample, other")
    monkeypatch.setenv("NEWSLEDGER_WORKERS", "3")
    settings = load_settings()
    assert settings.enabled == ("sample", "other")
    assert settings.workers == 3
    assert settings.home == home
    monkeypatch.setenv("NEWSLEDGER_HOME", "somewhere")
    assert load_settings().home == Path.cwd() / "somewhere"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("NEWSLEDGER_HOEM", "/x", "did you mean NEWSLEDGER_HOME?"),
        ("NEWSLEDGER_QQQQ", "/x", "is not a setting; there are: "),
        (
            "NEWSLEDGER_WORKERS",
            "many",
            "NEWSLEDGER_WORKERS is 'many': it must be a whole number.",
        ),
        (
            "NEWSLEDGER_BATCH_SIZE",
            "0",
            "NEWSLEDGER_BATCH_SIZE is '0': it must be at least 1.",
        ),
        (
            "NEWSLEDGER_WORKERS",
            "999",
            "NEWSLEDGER_WORKERS is '999': it must be at most 256.",
        ),
        ("NEWSLEDGER_PAGE_SECONDS", "soon", "is 'soon': it must be a number."),
        ("NEWSLEDGER_PAGE_SECONDS", "-1", "is '-1': it must be more than 0."),
        ("NEWSLEDGER_RUNNER", "moon", "is 'moon': it must be 'local', 'dask' or 'ray'."),
        ("NEWSLEDGER_ENABLED", ",", "is (): it must name at least one."),
    ],
)
def test_a_mistake_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    """The message names the variable, what it was, and what it may be."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert sentence in str(caught.value)


def test_every_setting_is_described() -> None:
    """Each setting says what it is for."""
    assert all(field.description for field in Settings.model_fields.values())


def test_the_users_own_prefect_settings_win() -> None:
    """Ours are defaults."""
    environment = {"PREFECT_LOGGING_LEVEL": "DEBUG"}
    prepare_prefect(environment)
    assert environment == PREFECT_DEFAULTS | {"PREFECT_LOGGING_LEVEL": "DEBUG"}
