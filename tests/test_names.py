"""Authors as bylines print them, and the names that they must become."""

import tomllib

import pytest

from tasks.extraction.names import clean_authors
from tasks.extraction.organisations import DATA_FILE, is_organisation
from tasks.extraction.structured import persons


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("By Jane Doe – Nov 12, 2026 at 7:30PM", ("Jane Doe",)),
        ("Jane Doe, Senior Reporter, and John Smith", ("Jane Doe", "John Smith")),
        ("Reporting by Jane Doe in London; Editing by J. Smith", ("Jane Doe", "J. Smith")),
        ("di Maria Rossi e Luca Bianchi", ("Maria Rossi", "Luca Bianchi")),
        ("Por Ana Pérez | 12 noviembre", ("Ana Pérez",)),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Benzinga Newsdesk", ()),
        ("Written by Marco Quill for Fernwood Research →", ("Marco Quill",)),
        ("By Jane Doe and John Smith, Reuters", ("Jane Doe", "John Smith")),
        ("Harborline Instruments, Inc.", ()),
        ("Jane Doe, Harborline Instruments, Inc.", ("Jane Doe",)),
        ("Texto: Fermín Olazábal | jueves | Fotos: Ana Pérez", ("Fermín Olazábal",)),
    ],
)
def test_bylines_become_names(printed: str, names: tuple[str, ...]) -> None:
    """Dates, places, jobs and the words that join names are no part of them."""
    assert clean_authors([printed], is_byline=True) == names


EXAMPLES = tomllib.loads(DATA_FILE.read_text(encoding="utf-8"))["examples"]


@pytest.mark.parametrize("name", EXAMPLES["organisations"])
def test_an_organisation_is_no_author(name: str) -> None:
    """The examples in organisations.toml of who is no person hold."""
    assert is_organisation(name), f"{name} passes for a person: add a name, an ending or a word"


@pytest.mark.parametrize("name", EXAMPLES["persons"])
def test_a_person_is_no_organisation(name: str) -> None:
    """The examples in organisations.toml of persons hold."""
    assert not is_organisation(name), f"{name} passes for an organisation: something is too wide"


def test_what_json_ld_types_as_an_organisation_is_no_person() -> None:
    """A company's name may look like a person's; its type tells."""
    said = [{"@type": "Organization", "name": "Morgan Stanley"}, {"@type": "Person", "name": "A B"}]
    assert persons(said) == ["A B"]
