"""Authors as bylines print them, and the names that they must become."""

import tomllib
from typing import Any

import pytest

from tasks.extraction.byline_words import DATA_FILE as BYLINE_WORDS
from tasks.extraction.names import clean_authors
from tasks.extraction.organisations import DATA_FILE, is_organisation
from tasks.extraction.structured import persons
from tasks.extraction.titles import choose_title

BYLINES = tomllib.loads(BYLINE_WORDS.read_text(encoding="utf-8"))["example"]


@pytest.mark.parametrize("example", BYLINES, ids=lambda example: example["printed"])
def test_bylines_become_names(example: dict[str, Any]) -> None:
    """Dates, places, jobs and the words that join names are no part of them."""
    names = clean_authors([example["printed"]], is_byline=True)
    assert names == tuple(example["names"]), "mend a word or the example in bylines.toml"


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


@pytest.mark.parametrize(
    ("document", "h1", "title"),
    [
        ("日経平均が続伸｜例の新聞", "", "日経平均が続伸"),
        ("日経平均が続伸【例の新聞】", "", "日経平均が続伸"),
        ("코스피 상승 < 증권 < 기사본문 - 例の新聞", "", "코스피 상승"),
        ("The Letter - Silver At $61: A Top", "Silver At $61: A Top", "Silver At $61: A Top"),
        ("Acme: a year in ten charts", "Ten charts", "Acme: a year in ten charts"),
        ("Acme (ACME) rises", "", "Acme (ACME) rises"),
    ],
)
def test_a_title_loses_the_site_in_any_dress(document: str, h1: str, title: str) -> None:
    """Brackets, bars and breadcrumbs go with the site; so does a name that is not printed."""
    chosen = choose_title(
        headline="", h1=h1, social=(document,), document=document, listed="", sites=["例の新聞"]
    )
    assert chosen == title
