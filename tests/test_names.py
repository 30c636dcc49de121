"""Authors as bylines print them, and the names that they must become."""

import tomllib

import pytest

from tasks.extraction.names import choose_title, clean_authors
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
        ("Ana Souza | 10h18", ("Ana Souza",)),
        ("Jana Roth, 9.30 Uhr", ("Jana Roth",)),
        ("Par Claire Roux avec AFP", ("Claire Roux",)),
        ("dal nostro inviato Mario Rossi", ("Mario Rossi",)),
        ("[서울=예시뉴스] 홍길동 기자 =", ("홍길동",)),
        ("경제부 홍길동 선임기자 | 입력 2026.11.17 09:30", ("홍길동",)),
        ("홍길동, 김철수 기자", ("홍길동", "김철수")),
        ("【ニューヨーク=山田太郎】", ("山田太郎",)),
        ("取材・文:山田太郎", ("山田太郎",)),
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
